// DuckDB reports an error as `Kind Error: message`, more lines of advice, and a picture with a
// caret; or all of it as JSON with the byte position. Both forms are read here.

#include "connectors/duckdb/errors.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <filesystem>
#include <optional>
#include <vector>

#include "base/similar.h"
#include "connectors/duckdb/json.h"
#include "connectors/kernel_errors.h"
#include "connectors/sql_text.h"

namespace quern::duckdb {
namespace {

struct Fault {
  std::string kind;     ///< "Catalog", "Binder", ...
  std::string message;  ///< first line
  std::vector<std::string> advice = {};
  std::optional<std::size_t> position = std::nullopt;
  std::string name = {};
};

std::string trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return "";
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1));
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::optional<std::size_t> to_position(const std::string& digits) {
  std::size_t value = 0;
  const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (end.ec != std::errc() || digits.empty()) return std::nullopt;
  return value;
}

/// The offset of the caret's byte, from `LINE 2:   nosuch(b)` and the caret line below it. A line
/// that DuckDB shortened with dots cannot be placed.
std::optional<std::size_t> position_of_picture(const std::string& line, const std::string& caret,
                                               std::string_view sql) {
  const auto colon = line.find(": ");
  const auto number = to_position(line.substr(5, colon - 5));
  const auto column = caret.find('^');
  if (colon == std::string::npos || !number || column == std::string::npos || column < colon + 2)
    return {};
  const auto shown = std::string_view(line).substr(colon + 2);
  if (shown.starts_with("...")) return {};
  std::size_t begin = 0;
  for (std::size_t i = 1; i < *number && begin < sql.size(); ++i) begin = sql.find('\n', begin) + 1;
  std::size_t offset = 0;
  for (std::size_t skip = column - colon - 2; skip > 0 && offset < shown.size(); --skip) {
    do ++offset;
    while (offset < shown.size() && (static_cast<unsigned char>(shown[offset]) & 0xC0U) == 0x80U);
  }
  return begin + offset;
}

/// Fills message and advice from the lines of a message; takes the picture off.
void take_lines(Fault& fault, std::string_view message, std::string_view sql) {
  const auto lines = lines_of(message);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].starts_with("LINE ")) {
      if (i + 1 < lines.size()) fault.position = position_of_picture(lines[i], lines[i + 1], sql);
      break;
    }
    const auto line = trimmed(lines[i]);
    if (line.starts_with("Candidate functions")) break;
    if (line.empty()) continue;
    if (fault.message.empty()) {
      fault.message = line;
    } else {
      fault.advice.push_back(line);
    }
  }
}

Fault fault_of_json(const Json& json, std::string_view sql) {
  Fault fault{.kind = json.text_of("exception_type"), .message = {}};
  take_lines(fault, json.text_of("exception_message"), sql);
  if (const auto position = to_position(json.text_of("position"))) fault.position = position;
  fault.name = json.text_of("name");
  return fault;
}

Fault fault_of_words(std::string_view words, std::string_view sql) {
  Fault fault;
  const auto mark = words.find(" Error: ");
  const bool has_kind = mark != std::string_view::npos && mark < words.find('\n') && mark < 40;
  if (has_kind) fault.kind = std::string(words.substr(0, mark));
  take_lines(fault, has_kind ? words.substr(mark + 8) : words, sql);
  return fault;
}

Fault fault_of(std::string_view words, std::string_view sql) {
  if (const auto brace = words.find('{'); brace < 30) {
    const auto json = parse_json(words.substr(brace));
    if (json && json->find("exception_message") != nullptr) return fault_of_json(*json, sql);
  }
  return fault_of_words(words, sql);
}

bool is_rejection(const Fault& fault, Stage stage) {
  static const std::array<std::string_view, 6> always{
      "Parser", "Syntax", "Binder", "Catalog", "Not implemented", "Missing Extension"};
  static const std::array<std::string_view, 4> never{"TransactionContext", "INTERNAL", "FATAL",
                                                     "Connection"};
  const auto among = [&fault](const auto& kinds) {
    return std::find(kinds.begin(), kinds.end(), fault.kind) != kinds.end();
  };
  return among(always) || (stage == Stage::before_running && !among(never));
}

/// Two transactions changed the same rows, or made the same table. A key that a commit finds twice
/// may have been inserted twice by the one transaction.
bool is_conflict(const Fault& fault) {
  return fault.kind.starts_with("Transaction") &&
         lower_ascii(fault.message).find("conflict") != std::string::npos;
}

Code code_of(const Fault& fault, Stage stage) {
  if (fault.kind == "INTERRUPT") return Code::cancelled;
  if (fault.kind == "Out of Memory") return Code::out_of_memory;
  if (fault.message.find("read-only mode") != std::string::npos) return Code::read_only;
  if (is_conflict(fault)) return Code::write_conflict;
  return is_rejection(fault, stage) ? Code::database_rejected_query : Code::database_error;
}

/// What stands between the first pair of double quotes.
std::string first_quoted(const std::string& text) {
  const auto begin = text.find('"');
  if (begin == std::string::npos) return "";
  const auto end = text.find('"', begin + 1);
  return end == std::string::npos ? "" : text.substr(begin + 1, end - begin - 1);
}

/// The value of a line `key = value` of the advice; "" where there is none.
std::string advised(const Fault& fault, std::string_view key) {
  for (const auto& line : fault.advice) {
    const auto equal = line.find('=');
    if (equal != std::string::npos && trimmed(line.substr(0, equal)) == key)
      return trimmed(line.substr(equal + 1));
  }
  return "";
}

/// What the fault is about: the name it gives, or the file whose settings it lists.
std::string subject_of(const Fault& fault) {
  if (!fault.name.empty()) return fault.name;
  const auto file = advised(fault, "file");
  return file.empty() ? first_quoted(fault.message) : file;
}

SourceSpan place_of(const Fault& fault, const Source& source) {
  const auto sql = source.users();
  if (sql.empty()) return SourceSpan::none();
  const auto position = fault.position.value_or(0);
  if (fault.position && position >= source.before && position - source.before <= sql.size())
    return sql::token_at(sql, position - source.before, Dialect::duckdb);
  const auto name = subject_of(fault);
  return name.empty() ? SourceSpan::none() : sql::find_name(sql, name, Dialect::duckdb);
}

/// Headings, settings that no one asked for, and what points to other documents.
bool helps_nobody(const std::string& line) {
  const auto lower = lower_ascii(line);
  return lower.ends_with("possible solutions:") || lower.ends_with("possible fixes:") ||
         lower.starts_with("original line") || lower.starts_with("see also") ||
         (line.find(" = ") != std::string::npos && line.find(' ') == line.find(" = "));
}

/// One line of DuckDB's advice in our manner; "" for what helps nobody.
std::string advice_line(const std::string& line, const std::string& name) {
  if (helps_nobody(line)) return "";
  if (line.starts_with("Did you mean ")) {
    const auto meant = first_quoted(line);
    const bool from_system = meant.find("pg_") != std::string::npos && !name.starts_with("pg_");
    return from_system ? "" : "did you mean `" + meant + "`?";
  }
  auto text = line.starts_with("* ") ? line.substr(2) : line;
  for (const std::string_view words : {"possible solution: ", "possible fix: "}) {
    if (lower_ascii(text).starts_with(words)) text.erase(0, words.size());
  }
  for (const auto* words :
       {"Candidate bindings: : ", "Candidate bindings: ", "Candidate tables: "}) {
    if (text.starts_with(words))
      return "candidates: " + text.substr(std::string_view(words).size());
  }
  if (text.size() > 1 && std::islower(static_cast<unsigned char>(text[1])) != 0)
    text[0] = lower_ascii(text)[0];
  if (text.ends_with('.')) text.pop_back();
  return text;
}

std::string hint_of(const Fault& fault) {
  std::string hint;
  for (const auto& line : fault.advice) {
    const auto text = advice_line(line, fault.name);
    if (text.empty()) continue;
    if (!hint.empty()) hint += "; ";
    hint += text;
  }
  return hint;
}

std::string message_of(const Fault& fault) {
  auto message = fault.message;
  while (message.ends_with('!') || message.ends_with('.')) message.pop_back();
  return "duckdb: " + (fault.kind.empty() ? "" : fault.kind + " Error: ") + message;
}

/// What one of our kernels found, at the name of its function; nullopt for DuckDB's own faults.
std::optional<Diagnostic> problem_of_kernel(const Fault& fault, const Source& source) {
  auto failure = read_kernel_failure(fault.message);
  if (!failure) return std::nullopt;
  auto& problem = failure->problem;
  if (problem.code == Code::cancelled) return cancelled_diagnostic();
  if (!fault.advice.empty()) problem.hint = fault.advice.front();
  if (!source.text.empty())
    problem.span = sql::find_name(source.users(), failure->function, Dialect::duckdb);
  return std::move(problem);
}

}  // namespace

Diagnostic cancelled_diagnostic() { return {Code::cancelled, "the statement was cancelled"}; }

Diagnostic diagnose(std::string_view words, Stage stage, const Source& source) {
  const auto fault = fault_of(words, source.text);
  if (auto problem = problem_of_kernel(fault, source)) return *std::move(problem);
  const auto code = code_of(fault, stage);
  if (code == Code::cancelled) return cancelled_diagnostic();
  return {code, message_of(fault), place_of(fault, source), hint_of(fault)};
}

Diagnostics unsuitable_index(const std::string& statement, Diagnostics errors) {
  errors.front().message = "an index of the table does not suit the new rows: " + statement + " " +
                           errors.front().message;
  errors.front().hint = "drop the index first";
  return errors;
}

std::string lock_holder(std::string_view words) {
  constexpr std::string_view kMark = "Conflicting lock is held in ";
  const auto at = words.find(kMark);
  if (at == std::string_view::npos) return "";
  const auto rest = words.substr(at + kMark.size());
  return trimmed(rest.substr(0, std::min(rest.find(". See also"), rest.find('\n'))));
}

Diagnostic diagnose_open(std::string_view words, const std::string& file) {
  const auto about = "cannot open " + file + ": ";
  if (const auto holder = lock_holder(words); !holder.empty()) {
    return {Code::cannot_open, about + "it is locked by " + holder, SourceSpan::none(),
            "end that process, or open another database"};
  }
  if (words.find("not a valid DuckDB database file") != std::string_view::npos) {
    return {Code::cannot_open, about + "it is not a DuckDB database", SourceSpan::none(),
            "a CSV, Parquet or JSON file is a table by itself: SELECT * FROM '" + file + "'"};
  }
  const auto folder = std::filesystem::path(file).parent_path();
  std::error_code ignored;
  if (!folder.empty() && !std::filesystem::exists(folder, ignored)) {
    return {Code::cannot_open, about + "folder " + folder.string() + " does not exist",
            SourceSpan::none(), "create the folder first"};
  }
  return {Code::cannot_open, about + message_of(fault_of(words, ""))};
}

}  // namespace quern::duckdb
