// Literals, database by database. What is negative stands in brackets: behind a minus its own would
// begin a comment.

#include "api/parameter_text.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <limits>

#include "base/box.h"
#include "base/calendar.h"
#include "base/format.h"
#include "connectors/connector.h"

namespace quern {
namespace {

Diagnostic unfit(const std::string& what) { return {Code::variable_value, what}; }

/// The length of the code point at `at`, by the rules of UTF-8; 0 where there is none.
std::size_t code_point_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto first = byte(at);
  const std::size_t length = first < 0x80   ? 1
                             : first < 0xC2 ? 0
                             : first < 0xE0 ? 2
                             : first < 0xF0 ? 3
                             : first < 0xF5 ? 4
                                            : 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0U) != 0x80U) return 0;
  }
  const auto second = byte(at + 1);
  const bool too_long = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool beyond = (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
  return too_long || beyond ? 0 : length;
}

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto length = code_point_at(text, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

std::string hex(std::string_view bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(2 * bytes.size());
  for (const char c : bytes) {
    out += kDigits[static_cast<unsigned char>(c) >> 4U];
    out += kDigits[static_cast<unsigned char>(c) & 15U];
  }
  return out;
}

/// In clauses of ours a backslash escapes.
std::string clause_text(const std::string& value) {
  std::string out = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') out += c;
    out += c;
  }
  return out + "'";
}

std::string bracketed(const std::string& number) {
  return number.starts_with('-') ? "(" + number + ")" : number;
}

/// A second dash would begin a comment here, too; clauses know no casts.
std::string clause_number(const std::string& number) {
  return number.starts_with('-') ? " " + number : number;
}

/// With an exponent: without one, databases read a decimal.
std::string with_exponent(double value) {
  auto out = format_double(value);
  return out.find('e') == std::string::npos ? out + "e0" : out;
}

/// The least of them has no positive: as a literal it would be a minus and a bigger number.
ParameterText integer_text(std::int64_t value, Dialect dialect) {
  const auto digits = std::to_string(value);
  if (value != std::numeric_limits<std::int64_t>::min() || dialect == Dialect::sqlite)
    return {bracketed(digits), clause_number(digits)};
  const auto* type = dialect == Dialect::mysql ? "SIGNED" : "BIGINT";
  return {"CAST('" + digits + "' AS " + type + ")", clause_number(digits)};
}

Result<ParameterText> infinite_text(double value, Dialect dialect) {
  const std::string word = std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  if (dialect == Dialect::duckdb || dialect == Dialect::postgres)
    return ParameterText{"CAST('" + word + "' AS " +
                             (dialect == Dialect::duckdb ? "DOUBLE" : "double precision") + ")",
                         std::nullopt};
  if (dialect == Dialect::sqlite && !std::isnan(value))
    return ParameterText{value > 0 ? "9e999" : "(-9e999)", std::nullopt};
  return unfit("the database has no literal for " + word);
}

Result<ParameterText> number_text(double value, Dialect dialect) {
  if (!std::isfinite(value)) return infinite_text(value, dialect);
  const auto digits = with_exponent(value);
  if (dialect == Dialect::postgres)
    return ParameterText{"CAST('" + digits + "' AS double precision)", clause_number(digits)};
  return ParameterText{bracketed(digits), clause_number(digits)};
}

Result<ParameterText> text_text(const std::string& value, Dialect dialect) {
  if (!is_utf8(value)) return Diagnostic{Code::invalid_utf8, "the text is not UTF-8"};
  const bool zero = value.find('\0') != std::string::npos;
  if (zero && dialect != Dialect::sqlite) return unfit("the text holds a zero byte");
  if (zero) return ParameterText{"CAST(X'" + hex(value) + "' AS TEXT)", std::nullopt};
  ParameterText out{quote_text(value, dialect), clause_text(value)};
  const bool backslash = value.find('\\') != std::string::npos;
  // Whether a backslash escapes in '...' is a setting of PostgreSQL's; in E'...' it always does.
  if (backslash && dialect == Dialect::postgres)
    out.in_query = "E" + quote_text(value, Dialect::mysql);
  return out;
}

ParameterText blob_text(const Blob& value, Dialect dialect) {
  const auto digits = hex(value.bytes);
  switch (dialect) {
    case Dialect::duckdb: return {"unhex('" + digits + "')", std::nullopt};
    case Dialect::postgres: return {"decode('" + digits + "', 'hex')", std::nullopt};
    case Dialect::mysql:
    case Dialect::sqlite: break;
  }
  return {"X'" + digits + "'", std::nullopt};
}

constexpr std::int64_t kDay = 86400LL * 1000000;  ///< microseconds

/// "2024-02-29"; nullopt for years that not all databases have.
std::optional<std::string> date_text(std::int64_t days) {
  const auto date = civil_date(days);
  if (date.year < 1 || date.year > 9999) return std::nullopt;
  std::array<char, 48> out{};
  std::snprintf(out.data(), out.size(), "%04d-%02d-%02d", static_cast<int>(date.year), date.month,
                date.day);
  return out.data();
}

/// "2024-02-29 23:59:59.500000"
std::optional<std::string> timestamp_text(std::int64_t microseconds) {
  const auto date = date_text(floor_div(microseconds, kDay));
  if (!date) return std::nullopt;
  const auto rest = static_cast<long>(floor_rest(microseconds, kDay));
  const auto second = rest / 1000000;
  std::array<char, 96> out{};
  std::snprintf(out.data(), out.size(), " %02ld:%02ld:%02ld.%06ld", second / 3600, second / 60 % 60,
                second % 60, rest % 1000000);
  return *date + out.data();
}

/// A literal with its type in front, where the database has the type.
Result<ParameterText> dated(const char* type, const std::optional<std::string>& text,
                            Dialect dialect) {
  if (!text) return unfit("the date is outside of the years 1 to 9999");
  const auto quoted = "'" + *text + "'";
  return ParameterText{dialect == Dialect::sqlite ? quoted : type + (" " + quoted), quoted};
}

Result<ParameterText> text_of(const Parameter& parameter, Dialect dialect);

/// An element as a parameter of its own.
Parameter parameter_of(const ScalarParameter& element) {
  return std::visit([](const auto& value) { return Parameter(value); }, element);
}

Result<ParameterText> list_text(const ListValue& list, Dialect dialect) {
  if (dialect == Dialect::mysql || dialect == Dialect::sqlite)
    return unfit("the database has no lists");
  std::string in_query;
  std::optional<std::string> in_clause = "";
  for (const auto& element : list.elements) {
    QUERN_TRY(const auto text, text_of(parameter_of(element), dialect));
    const char* comma = in_query.empty() ? "" : ", ";
    in_query += comma + text.in_query;
    if (!text.in_clause)
      in_clause.reset();
    else if (in_clause)
      *in_clause += comma + *text.in_clause;
  }
  if (in_clause) in_clause = "[" + *in_clause + "]";
  if (dialect == Dialect::duckdb) return ParameterText{"[" + in_query + "]", in_clause};
  // Of no elements PostgreSQL knows no type; as text it takes the one that is expected.
  return ParameterText{in_query.empty() ? "'{}'" : "ARRAY[" + in_query + "]", in_clause};
}

Result<ParameterText> text_of(const Parameter& parameter, Dialect dialect) {
  using R = Result<ParameterText>;
  return std::visit(
      Overloaded{
          [](std::monostate) -> R {
            return ParameterText{"NULL", "NULL"};
          },
          [](bool value) -> R {
            const auto* word = value ? "TRUE" : "FALSE";
            return ParameterText{word, word};
          },
          [&](std::int64_t value) -> R { return integer_text(value, dialect); },
          [&](double value) -> R { return number_text(value, dialect); },
          [&](const std::string& value) -> R { return text_text(value, dialect); },
          [&](const Blob& value) -> R { return blob_text(value, dialect); },
          [&](DateValue value) -> R { return dated("DATE", date_text(value.days), dialect); },
          [&](TimestampValue value) -> R {
            return dated("TIMESTAMP", timestamp_text(value.microseconds), dialect);
          },
          [&](const ListValue& value) -> R { return list_text(value, dialect); }},
      parameter);
}

std::string plain_list(const ListValue& list);

/// What the forms of a variable write that are no literals.
std::string plain_text(const Parameter& parameter) {
  return std::visit(Overloaded{[](std::monostate) { return std::string("NULL"); },
                               [](bool value) { return std::string(value ? "true" : "false"); },
                               [](std::int64_t value) { return std::to_string(value); },
                               [](double value) { return format_double(value); },
                               [](const std::string& value) { return value; },
                               [](const Blob& value) { return value.bytes; },
                               [](DateValue value) { return date_text(value.days).value_or(""); },
                               [](TimestampValue value) {
                                 return timestamp_text(value.microseconds).value_or("");
                               },
                               [](const ListValue& value) { return plain_list(value); }},
                    parameter);
}

std::string plain_list(const ListValue& list) {
  std::string out = "[";
  for (const auto& element : list.elements)
    out += (out.size() > 1 ? ", " : "") + plain_text(parameter_of(element));
  return out + "]";
}

}  // namespace

std::optional<ScalarParameter> element_of(const Parameter& parameter) {
  using R = std::optional<ScalarParameter>;
  return std::visit(Overloaded{[](const ListValue&) { return R(); },
                               [](const auto& value) { return R(ScalarParameter(value)); }},
                    parameter);
}

Result<std::vector<ParameterText>> parameter_texts(const Parameters& parameters, Dialect dialect) {
  std::vector<ParameterText> out;
  for (const auto& parameter : parameters) {
    auto text = text_of(parameter, dialect);
    if (!text) {
      auto problem = text.errors().front();
      problem.message = "parameter " + std::to_string(out.size() + 1) + ": " + problem.message;
      return problem;
    }
    out.push_back(*std::move(text));
  }
  return out;
}

Result<ScriptValues> script_values(const Parameters& parameters, const NamedParameters& named,
                                   Dialect dialect) {
  ScriptValues out;
  QUERN_TRY(out.parameters, parameter_texts(parameters, dialect));
  for (const auto& [name, value] : named) {
    if (!is_variable_name(name))
      return Diagnostic{Code::bad_command, "not a name for a parameter: " + name,
                        SourceSpan::none(), "letters, digits and _"};
    auto literal = text_of(value, dialect);
    if (!literal) {
      auto problem = literal.errors().front();
      problem.message = "parameter " + name + ": " + problem.message;
      return problem;
    }
    out.named[name] = {*std::move(literal), plain_text(value)};
  }
  return out;
}

}  // namespace quern
