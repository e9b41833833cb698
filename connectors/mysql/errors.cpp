// MySQL's errors have a number, an SQLSTATE and one sentence. No position: the sentence quotes what
// it is about.

#include "connectors/mysql/errors.h"

#include <errmsg.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "base/similar.h"
#include "connectors/sql_text.h"

namespace quern::mysql {
namespace {

/// Numbers of the server's, as its documentation names them.
namespace number {
constexpr unsigned int ER_OUTOFMEMORY = 1037, ER_OUT_OF_SORTMEMORY = 1038,
                       ER_OUT_OF_RESOURCES = 1041, ER_BAD_DB = 1049, ER_BAD_TABLE = 1051,
                       ER_NON_UNIQ = 1052, ER_BAD_FIELD = 1054, ER_PARSE = 1064,
                       ER_NO_SUCH_TABLE = 1146, ER_TABLEACCESS_DENIED = 1142,
                       ER_LOCK_WAIT_TIMEOUT = 1205, ER_LOCK_DEADLOCK = 1213,
                       ER_OPTION_PREVENTS_STATEMENT = 1290, ER_UNSUPPORTED_PS = 1295,
                       ER_SP_DOES_NOT_EXIST = 1305, ER_QUERY_INTERRUPTED = 1317,
                       ER_READ_ONLY_TRANSACTION = 1792, ER_READ_ONLY_MODE = 1836,
                       ER_CONNECTION_KILLED = 1927, ER_STATEMENT_TIMEOUT = 1969,
                       ER_CHECKREAD = 1020, ER_QUERY_TIMEOUT = 3024;
}  // namespace number

bool among(unsigned int value, std::initializer_list<unsigned int> of) {
  return std::find(of.begin(), of.end(), value) != of.end();
}

/// The text is wrong, whenever that was found: syntax, names and rights; databases that are not
/// there; what the server cannot do.
bool is_rejection(const Problem& problem, Stage stage) {
  const auto state = problem.state.substr(0, 2);
  if (state == "42" || state == "3D" || state == "0A") return true;
  // Numbers from 2000 to 2999 are the client library's own.
  const bool of_client = problem.number >= CR_MIN_ERROR && problem.number < 3000;
  return stage == Stage::before_running && state != "08" && state != "70" && !of_client;
}

Code code_of(const Problem& problem, Stage stage) {
  using namespace number;
  if (is_lost(problem) || is_interrupt(problem)) return Code::database_error;
  if (among(problem.number, {ER_LOCK_WAIT_TIMEOUT, ER_LOCK_DEADLOCK, ER_CHECKREAD}))
    return Code::write_conflict;
  if (among(problem.number,
            {ER_OPTION_PREVENTS_STATEMENT, ER_READ_ONLY_TRANSACTION, ER_READ_ONLY_MODE}))
    return Code::read_only;
  if (among(problem.number,
            {ER_OUTOFMEMORY, ER_OUT_OF_SORTMEMORY, ER_OUT_OF_RESOURCES, CR_OUT_OF_MEMORY}))
    return Code::out_of_memory;
  return is_rejection(problem, stage) ? Code::database_rejected_query : Code::database_error;
}

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  std::replace(text.begin(), text.end(), '\r', ' ');
  return text;
}

/// In our manner: no capital at the beginning of a sentence.
std::string lowered(std::string text) {
  if (text.size() > 1 && std::islower(static_cast<unsigned char>(text[1])) != 0)
    text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

/// "... near 'TEXT' at line N": what the parser could not read, cut after 80 characters.
struct Near {
  std::string text;
  std::size_t line = 0;
};

bool find_near(const std::string& words, Near& out) {
  constexpr std::string_view kBegin = "near '", kEnd = "' at line ";
  const auto begin = words.find(kBegin);
  const auto end = words.rfind(kEnd);
  if (begin == std::string::npos || end == std::string::npos || end < begin) return false;
  out.text = words.substr(begin + kBegin.size(), end - begin - kBegin.size());
  const auto digits = words.data() + end + kEnd.size();
  return std::from_chars(digits, words.data() + words.size(), out.line).ec == std::errc();
}

/// The server counts the line at which the parser stands, which may be past the token.
SourceSpan place_of_near(std::string_view text, const Near& near) {
  if (near.text.empty())
    return {sql::without_end(text, Dialect::mysql).size(),
            sql::without_end(text, Dialect::mysql).size()};
  if (text.ends_with(near.text))
    return sql::token_at(text, text.size() - near.text.size(), Dialect::mysql);
  auto last = std::string_view::npos;
  for (auto at = text.find(near.text); at != std::string_view::npos;
       at = text.find(near.text, at + 1)) {
    const auto line =
        1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    if (static_cast<std::size_t>(line) > near.line) break;
    last = at;
    if (static_cast<std::size_t>(line) == near.line) break;
  }
  if (last == std::string_view::npos) return SourceSpan::none();
  return sql::token_at(text, last, Dialect::mysql);
}

/// The last part of a name that the sentence quotes first: `a` of 'db.t.a'.
std::string quoted_name(const std::string& words) {
  const auto begin = words.find('\'');
  const auto end = begin == std::string::npos ? begin : words.find('\'', begin + 1);
  if (end == std::string::npos) return "";
  auto name = words.substr(begin + 1, end - begin - 1);
  return name.substr(name.rfind('.') + 1);
}

/// The name in the text, dotted parts before it included; strings are passed over.
SourceSpan place_of_name(std::string_view text, const std::string& name) {
  for (auto token = sql::next_token(text, 0, Dialect::mysql); token.size() > 0;
       token = sql::next_token(text, token.end, Dialect::mysql)) {
    if (text[token.begin] == '\'') continue;
    const auto whole = sql::token_at(text, token.begin, Dialect::mysql);
    const auto parts = sql::split_name(text.substr(whole.begin, whole.size()), Dialect::mysql);
    if (!parts.empty() && equal_ignoring_case(parts.back(), name)) return whole;
    token = whole;
  }
  return SourceSpan::none();
}

/// Sentences whose first quotes hold a name of the statement's.
bool names_something(unsigned int number) {
  using namespace number;
  return among(number, {ER_BAD_DB, ER_BAD_TABLE, ER_NON_UNIQ, ER_BAD_FIELD, ER_NO_SUCH_TABLE});
}

SourceSpan place_of(const Problem& problem, std::string_view text) {
  if (text.empty()) return SourceSpan::none();
  Near near;
  if (problem.number == number::ER_PARSE && find_near(problem.words, near))
    return place_of_near(text, near);
  if (names_something(problem.number)) return place_of_name(text, quoted_name(problem.words));
  // "FUNCTION db.f does not exist", "SELECT command denied to user 'u'@'h' for table `db`.`t`"
  if (problem.number == number::ER_SP_DOES_NOT_EXIST) {
    const auto begin = problem.words.find(' ') + 1;
    auto name = problem.words.substr(begin, problem.words.find(' ', begin) - begin);
    return place_of_name(text, name.substr(name.rfind('.') + 1));
  }
  if (problem.number == number::ER_TABLEACCESS_DENIED) {
    const auto end = problem.words.find_last_of("'`");
    const auto begin = end == std::string::npos ? end : problem.words.find_last_of("'`", end - 1);
    if (begin != std::string::npos)
      return place_of_name(text, problem.words.substr(begin + 1, end - begin - 1));
  }
  return SourceSpan::none();
}

/// Without the advice to read the manual.
std::string words_of(const Problem& problem) {
  Near near;
  if (problem.number != number::ER_PARSE || !find_near(problem.words, near))
    return lowered(one_line(problem.words));
  if (near.text.empty()) return "syntax error at the end of the statement";
  return "syntax error near `" + one_line(near.text) + "`";
}

}  // namespace

Problem problem_of(MYSQL* connection) {
  return {mysql_errno(connection), mysql_sqlstate(connection), mysql_error(connection)};
}

Problem problem_of(MYSQL_STMT* statement) {
  return {mysql_stmt_errno(statement), mysql_stmt_sqlstate(statement), mysql_stmt_error(statement)};
}

bool is_lost(const Problem& problem) {
  // CR_SERVER_LOST_EXTENDED of MySQL's own library, and 4031 of a server that closed an idle one.
  return among(problem.number, {CR_SERVER_GONE_ERROR, CR_SERVER_LOST, 2055, 4031,
                                number::ER_CONNECTION_KILLED, 1053, 1077, 1079});
}

bool is_interrupt(const Problem& problem) {
  using namespace number;
  return among(problem.number, {ER_QUERY_INTERRUPTED, ER_STATEMENT_TIMEOUT, ER_QUERY_TIMEOUT});
}

bool is_not_preparable(const Problem& problem) {
  return problem.number == number::ER_UNSUPPORTED_PS;
}

Diagnostic cancelled_diagnostic() { return {Code::cancelled, "the statement was cancelled"}; }

Diagnostic diagnose(const Problem& problem, Stage stage, std::string_view text) {
  return {code_of(problem, stage),
          "mysql: " + words_of(problem) + " [" + std::to_string(problem.number) + "/" +
              problem.state + "]",
          place_of(problem, text)};
}

}  // namespace quern::mysql
