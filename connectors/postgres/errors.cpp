// The server reports an error in fields: its SQLSTATE (PostgreSQL's Appendix A), one line of words,
// a position in characters, detail and hint.

#include "connectors/postgres/errors.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "connectors/sql_text.h"

namespace quern::postgres {
namespace {

std::string field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text == nullptr ? "" : text;
}

bool is_of_class(const std::string& state, std::string_view of) { return state.starts_with(of); }

/// The text is wrong, whenever that was found: syntax and names, what the server cannot do, missing
/// schemas and databases.
bool is_rejection(const std::string& state, Stage stage) {
  static constexpr std::array<std::string_view, 4> always{"42", "0A", "3F", "3D"};
  static constexpr std::array<std::string_view, 6> never{"08", "25", "40", "53", "57", "XX"};
  const auto among = [&](const auto& classes) {
    return std::any_of(classes.begin(), classes.end(),
                       [&](std::string_view c) { return is_of_class(state, c); });
  };
  return among(always) || (stage == Stage::before_running && !among(never));
}

Code code_of(const std::string& state, Stage stage) {
  if (state == "57014") return Code::cancelled;
  if (state == "25006") return Code::read_only;
  if (state == "40001" || state == "40P01" || state == "55P03") return Code::write_conflict;
  if (state == "53200") return Code::out_of_memory;
  return is_rejection(state, stage) ? Code::database_rejected_query : Code::database_error;
}

/// The byte at which character `number` begins, counted from 1.
std::size_t byte_of(std::string_view text, std::size_t number) {
  std::size_t at = 0;
  while (number > 1 && at < text.size()) {
    do ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U);
    --number;
  }
  return at;
}

SourceSpan place_of(const PGresult* result, const Source& source) {
  const auto digits = field(result, PG_DIAG_STATEMENT_POSITION);
  std::size_t position = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), position);
  if (source.text.empty() || read.ec != std::errc() || position <= source.before)
    return SourceSpan::none();
  const auto at = byte_of(source.text, position - source.before);
  return at > source.text.size() ? SourceSpan::none()
                                 : sql::token_at(source.text, at, Dialect::postgres);
}

/// Several lines as one.
std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  while (!text.empty() && (text.back() == ' ' || text.back() == '.')) text.pop_back();
  return text;
}

/// In our manner: no capital at the beginning of a sentence.
std::string lowered(std::string text) {
  if (text.size() > 1 && std::islower(static_cast<unsigned char>(text[1])) != 0)
    text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

std::string advice_of(const PGresult* result) {
  std::string advice;
  for (const auto& words :
       {field(result, PG_DIAG_MESSAGE_DETAIL), field(result, PG_DIAG_MESSAGE_HINT)}) {
    const auto text = lowered(one_line(words));
    if (text.empty()) continue;
    advice += (advice.empty() ? "" : "; ") + text;
  }
  return advice;
}

}  // namespace

Diagnostic cancelled_diagnostic() { return {Code::cancelled, "the statement was cancelled"}; }

Diagnostic diagnose(const PGresult* result, Stage stage, const Source& source) {
  const auto state = field(result, PG_DIAG_SQLSTATE);
  auto words = one_line(field(result, PG_DIAG_MESSAGE_PRIMARY));
  // Without a state the words are libpq's own: the connection is gone.
  if (state.empty()) {
    words = one_line(PQresultErrorMessage(result));
    return {Code::database_error, "postgres: " + (words.empty() ? "no answer" : words)};
  }
  const auto code = code_of(state, stage);
  return {code, "postgres: " + words + " [" + state + "]", place_of(result, source),
          advice_of(result)};
}

Diagnostic diagnose_connection(const PGconn* connection) {
  return {Code::database_error, "postgres: " + lowered(one_line(PQerrorMessage(connection)))};
}

Diagnostic notice(const PGresult* result) {
  const auto severity = field(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  Diagnostic out;
  out.severity = severity == "WARNING" ? Severity::warning : Severity::note;
  out.message = "postgres: " + one_line(field(result, PG_DIAG_MESSAGE_PRIMARY));
  out.hint = advice_of(result);
  return out;
}

}  // namespace quern::postgres
