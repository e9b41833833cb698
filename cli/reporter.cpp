// Commands, and a printer for each statement.

#include "cli/reporter.h"

#include <unistd.h>

#include <array>
#include <utility>

#include "cli/bars.h"

namespace quern::cli {
namespace {

constexpr std::array<std::pair<std::string_view, Format>, 4> kFormats{
    {{"table", Format::table},
     {"csv", Format::csv},
     {"jsonl", Format::jsonl},
     {"markdown", Format::markdown}}};

/// "on", "off", or the other of both where nothing is said.
Result<bool> switched(bool now, const std::string& name, const std::vector<std::string>& words) {
  if (words.empty()) return !now;
  if (words[0] == "on" || words[0] == "off") return words[0] == "on";
  return Diagnostic{Code::bad_command, "`\\" + name + "` takes on or off: " + words[0]};
}

}  // namespace

std::optional<Format> format_named(std::string_view name) {
  for (const auto& [known, format] : kFormats) {
    if (known == name) return format;
  }
  return std::nullopt;
}

void Reporter::on_echo(std::string_view words) {
  std::fwrite(words.data(), 1, words.size(), stdout);
  std::fputc('\n', stdout);
  std::fflush(stdout);
}

Result<void> Reporter::on_command(const std::string& name, const std::vector<std::string>& words) {
  renew_printer();
  if (name == "format") return change_format(words[0]);
  if (name == "o") return change_output(words);
  bool& state = name == "x" ? expanded_ : timing_;
  QUERN_TRY(state, switched(state, name, words));
  say((name == "x" ? "a line for each value is " : "timing is ") +
      std::string(state ? "on" : "off"));
  return {};
}

Result<void> Reporter::change_format(const std::string& name) {
  const auto format = format_named(name);
  if (!format)
    return Diagnostic{Code::bad_command, "the formats are table, csv, jsonl and markdown: " + name};
  format_ = *format;
  return {};
}

Result<void> Reporter::change_output(const std::vector<std::string>& words) {
  QUERN_CHECK(keep_output());
  if (words.empty()) return {};
  QUERN_TRY(auto file, OutputFile::open(words[0]));
  file_.emplace(std::move(file));
  return {};
}

Result<void> Reporter::keep_output() {
  if (!file_) return {};
  auto kept = file_->keep();
  file_.reset();
  return kept;
}

PrintOptions Reporter::print_options() const {
  const int descriptor = fileno(out());
  const bool terminal = descriptor >= 0 && isatty(descriptor) == 1;
  return {.bars = terminal ? terminal_width(descriptor) : 0, .expanded = expanded_};
}

void Reporter::on_schema(const Schema& schema) {
  if (!printer_) printer_ = make_printer(format_, rows_stream(), print_options());
  printer_->begin(schema);
}

void Reporter::on_done(const Done& done) {
  if (done.returned_rows && printer_) printer_->end(done.bars);
}

}  // namespace quern::cli
