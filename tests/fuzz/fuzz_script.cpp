// Scripts with variables and backslash commands: expansion ends, and every span of the expanded
// text has a place in what was written. The first character chooses the dialect, as in
// fuzz_statement.

#include "parser/script.h"
#include "tests/fuzz/fuzz.h"

namespace quern::fuzz {
namespace {

void check_places(const Script& script) {
  for (std::size_t at = 0; at < script.text.size(); at += 1 + at / 16) {
    const auto place = script.map.place({at, at + 1});
    if (place.source >= script.sources.size()) finding("a place in no source");
    const auto size = script.sources[place.source].text.size();
    if (place.span.known() && place.span.end > size) finding("a place beyond its source");
  }
  for (const auto& echo : script.echoes) {
    if (echo.before > script.text.size()) finding("an echo behind the text");
  }
}

void check_problems(const Script& script) {
  for (const auto& problem : script.problems) {
    if (problem.source >= script.sources.size()) finding("a problem in no source");
    check_message(problem.diagnostic, script.sources[problem.source].text);
  }
}

}  // namespace
}  // namespace quern::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quern;
  const auto choice = fuzz::choose(data, size, 4);
  const std::string text(fuzz::text_of(choice.rest.data(), choice.rest.size()));
  // `\i self` includes the beginning of the script once more.
  const auto include = [&](const std::string& name, const std::string&) -> Result<Source> {
    if (name == "self") return Source{name, text.substr(0, 200)};
    return Diagnostic{Code::cannot_read_file, "no such file: " + name};
  };
  Variables variables = {{"a", "1"}, {"b", "it's"}, {"c", "x.y"}};
  const auto script =
      expand({"<fuzz>", text}, variables, static_cast<Dialect>(choice.way), include);
  fuzz::check_places(script);
  fuzz::check_problems(script);
  return 0;
}
