// SQLite says what is wrong in one line, and since 3.38 often at which byte. Where it does not, the
// line names what it is about, and the text is searched for that.

#include "connectors/sqlite/errors.h"

#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "connectors/kernel_errors.h"
#include "connectors/sql_text.h"

namespace quern::sqlite {
namespace {

Code code_of(int code, Stage stage) {
  switch (code & 0xFF) {
    case SQLITE_READONLY: return Code::read_only;
    case SQLITE_INTERRUPT: return Code::cancelled;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return Code::write_conflict;
    case SQLITE_NOMEM: return Code::out_of_memory;
    case SQLITE_ERROR:
    case SQLITE_AUTH:
    case SQLITE_TOOBIG:
      return stage == Stage::before_running ? Code::database_rejected_query : Code::database_error;
    default: return Code::database_error;
  }
}

std::string_view behind(std::string_view words, std::string_view mark) {
  const auto at = words.rfind(mark);
  return at == std::string_view::npos ? std::string_view() : words.substr(at + mark.size());
}

/// The word that begins at `at`.
std::string_view word_at(std::string_view words, std::size_t at) {
  return words.substr(at, std::min(words.find(' ', at), words.size()) - at);
}

/// What a message may be about, the likeliest first: `no such table: x`, `near "x": syntax error`,
/// `table t has no column named x`, `table x already exists`.
std::vector<std::string_view> subjects(std::string_view words) {
  std::vector<std::string_view> out;
  if (words.starts_with("near \"")) out.push_back(words.substr(6, words.rfind("\": ") - 6));
  for (const auto* mark : {": ", " named "}) out.push_back(behind(words, mark));
  for (const std::string_view kind : {"table ", "view ", "index "}) {
    if (words.starts_with(kind)) out.push_back(word_at(words, kind.size()));
  }
  for (const auto* mark : {".", " "}) out.push_back(behind(words, mark));
  return out;
}

SourceSpan place_of(const Fault& fault, std::string_view sql) {
  if (sql.empty()) return SourceSpan::none();
  if (fault.offset >= 0)
    return sql::token_at(sql, static_cast<std::size_t>(fault.offset), Dialect::sqlite);
  for (const auto subject : subjects(fault.words)) {
    if (subject.empty()) continue;
    const auto found = sql::find_name(sql, subject, Dialect::sqlite);
    if (found.known()) return found;
  }
  return SourceSpan::none();
}

std::string one_line(std::string words) {
  std::replace(words.begin(), words.end(), '\n', ' ');
  return words;
}

Diagnostic cannot_open(const std::string& path, const std::string& why, std::string hint = {}) {
  return {Code::cannot_open, "cannot open " + path + ": " + why, SourceSpan::none(),
          std::move(hint)};
}

}  // namespace

Diagnostic cancelled_diagnostic() { return {Code::cancelled, "the statement was cancelled"}; }

namespace {

/// What one of our kernels found, at the name of its function.
Diagnostic problem_of_kernel(KernelFailure failure, std::string_view sql) {
  if (failure.problem.code == Code::cancelled) return cancelled_diagnostic();
  if (!sql.empty()) failure.problem.span = sql::find_name(sql, failure.function, Dialect::sqlite);
  return std::move(failure.problem);
}

}  // namespace

Diagnostic diagnose(const Fault& fault, Stage stage, std::string_view sql) {
  if (auto failure = read_kernel_failure(fault.words))
    return problem_of_kernel(*std::move(failure), sql);
  const auto code = code_of(fault.code, stage);
  if (code == Code::cancelled) return cancelled_diagnostic();
  return {code, "sqlite: " + one_line(fault.words), place_of(fault, sql)};
}

Diagnostic diagnose_open(const Fault& fault, const std::string& path) {
  std::error_code ignored;
  const auto folder = std::filesystem::path(path).parent_path();
  if (!folder.empty() && !std::filesystem::exists(folder, ignored)) {
    return cannot_open(path, "folder " + folder.string() + " does not exist",
                       "create the folder first");
  }
  if (std::filesystem::is_directory(path, ignored)) return cannot_open(path, "it is a folder");
  switch (fault.code & 0xFF) {
    case SQLITE_NOTADB: return cannot_open(path, "it is not an SQLite database");
    case SQLITE_BUSY:
      return cannot_open(path, "another session has locked it", "end that session first");
    default: return cannot_open(path, "sqlite: " + one_line(fault.words));
  }
}

}  // namespace quern::sqlite
