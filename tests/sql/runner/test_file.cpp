// Reading .test files line by line.

#include "tests/sql/runner/test_file.h"

#include <map>
#include <sstream>

namespace quern::tests {
namespace {

std::vector<std::string> split_words(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

class Reader {
 public:
  explicit Reader(const std::string& text) {
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines_.push_back(line);
  }

  std::vector<Case> read(std::string& error) {
    while (at_ < lines_.size() && error_.empty()) read_directive();
    error = error_;
    return error_.empty() ? std::move(cases_) : std::vector<Case>();
  }

 private:
  void fail(const std::string& what) { error_ = std::to_string(at_) + ": " + what; }

  void read_directive() {
    const auto line = lines_[at_++];
    const auto words = split_words(line);
    if (words.empty() || words[0][0] == '#') return;
    if (words[0] == "case") return start_case(line);
    if (words[0] == "engines") return set_engines({words.begin() + 1, words.end()});
    if (cases_.empty()) return fail("a step stands before the first case");
    Step step{.line = static_cast<int>(at_)};
    const std::size_t used = words[0] == "statement" ? 2 : 1;
    if (!set_verb(step, words)) return fail("unknown directive: " + line);
    step.words.assign(words.begin() + static_cast<std::ptrdiff_t>(used), words.end());
    step.argument = argument(line, used);
    if (step.verb != Verb::reopen && step.verb != Verb::session) read_body(step);
    cases_.back().steps.push_back(std::move(step));
  }

  /// What follows the first `words` words, inner blanks kept.
  static std::string argument(const std::string& line, std::size_t words) {
    std::size_t at = 0;
    for (std::size_t i = 0; i < words; ++i) {
      at = line.find_first_not_of(' ', at);
      at = std::min(line.find(' ', at), line.size());
    }
    at = line.find_first_not_of(' ', at);
    return at == std::string::npos ? "" : line.substr(at);
  }

  void start_case(const std::string& line) {
    const auto colon = line.find(": ");
    if (colon == std::string::npos) return fail("a case names its rule: `case name: rule`");
    cases_.push_back(
        {line.substr(5, colon - 5), line.substr(colon + 2), static_cast<int>(at_), {}, engines_});
  }

  /// Those of the file, or of the case that has just begun.
  void set_engines(const std::vector<std::string>& names) {
    if (names.empty()) return fail("`engines` names none");
    if (!cases_.empty() && !cases_.back().steps.empty())
      return fail("`engines` stands before the first step of a case");
    (cases_.empty() ? engines_ : cases_.back().engines) = names;
  }

  static bool set_verb(Step& step, const std::vector<std::string>& words) {
    static const std::map<std::string, Verb> kStatements = {{"ok", Verb::ok},
                                                            {"error", Verb::error},
                                                            {"note", Verb::note},
                                                            {"quiet", Verb::quiet},
                                                            {"done", Verb::done}};
    static const std::map<std::string, Verb> kOthers = {{"query", Verb::query},
                                                        {"reopen", Verb::reopen},
                                                        {"session", Verb::session},
                                                        {"file", Verb::file}};
    const bool statement = words[0] == "statement";
    if (statement && words.size() < 2) return false;
    const auto& table = statement ? kStatements : kOthers;
    const auto found = table.find(statement ? words[1] : words[0]);
    if (found == table.end()) return false;
    step.verb = found->second;
    return true;
  }

  void read_body(Step& step) {
    for (; at_ < lines_.size() && !lines_[at_].empty(); ++at_) {
      if (lines_[at_] == "----") {
        step.has_expected = true;
      } else if (step.has_expected) {
        step.expected.push_back(lines_[at_]);
      } else {
        step.body += lines_[at_] + "\n";
      }
    }
    if (step.body.empty()) fail("a step has no text");
    if (step.verb == Verb::query && !step.has_expected) fail("a query has no ----");
  }

  std::vector<std::string> lines_;
  std::size_t at_ = 0;
  std::string error_;
  std::vector<std::string> engines_ = {"duckdb"};
  std::vector<Case> cases_;
};

}  // namespace

std::vector<Case> parse_test_file(const std::string& text, std::string& error) {
  return Reader(text).read(error);
}

}  // namespace quern::tests
