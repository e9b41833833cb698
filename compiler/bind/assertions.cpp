// Assertions from text: split at AND, then name, relation, number.

#include "compiler/bind/assertions.h"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

#include "base/similar.h"

namespace quern::binding {
namespace {

using ir::Assertion;
using ir::Relation;

constexpr std::string_view kBlanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

bool is_blank(char c) { return kBlanks.find(c) != std::string_view::npos; }

/// Where the next AND between blanks begins; npos: there is none.
std::size_t next_and(std::string_view text, std::size_t from) {
  constexpr std::size_t kAnd = 3;
  for (auto at = from; at + kAnd < text.size(); ++at) {
    const bool word = is_blank(text[at]) && equal_ignoring_case(text.substr(at + 1, kAnd), "and");
    if (word && at + kAnd + 1 < text.size() && is_blank(text[at + kAnd + 1])) return at;
  }
  return std::string_view::npos;
}

std::vector<std::string_view> parts_of(std::string_view text) {
  std::vector<std::string_view> out;
  std::size_t begin = 0;
  for (auto end = next_and(text, 0); end != std::string_view::npos; end = next_and(text, begin)) {
    out.push_back(trimmed(text.substr(begin, end - begin)));
    begin = end + 4;
  }
  out.push_back(trimmed(text.substr(begin)));
  return out;
}

struct RelationName {
  std::string_view text;
  Relation relation;
};
/// Longer ones first: `>=` begins with `>`.
constexpr std::array<RelationName, 8> kRelations = {{{">=", Relation::at_least},
                                                     {"<=", Relation::at_most},
                                                     {"==", Relation::equal},
                                                     {"<>", Relation::different},
                                                     {"!=", Relation::different},
                                                     {">", Relation::above},
                                                     {"<", Relation::below},
                                                     {"=", Relation::equal}}};

std::optional<double> number_of(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, failed] = std::from_chars(text.data(), end, value);
  if (failed != std::errc() || stop != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

/// An assertion, or nothing where the text is none.
std::optional<Assertion> read_one(std::string_view text) {
  const auto at = text.find_first_of("<>=!");
  if (at == std::string_view::npos) return std::nullopt;
  for (const auto& known : kRelations) {
    if (text.substr(at, known.text.size()) != known.text) continue;
    const auto bound = number_of(trimmed(text.substr(at + known.text.size())));
    const auto name = trimmed(text.substr(0, at));
    if (!bound || name.empty()) return std::nullopt;
    return Assertion{.text = std::string(text),
                     .name = std::string(name),
                     .relation = known.relation,
                     .bound = *bound};
  }
  return std::nullopt;
}

bool is_rows(const Assertion& assertion) { return equal_ignoring_case(assertion.name, "rows"); }

std::optional<Diagnostic> wrong_with(const std::optional<Assertion>& assertion,
                                     std::string_view text, SourceSpan span) {
  if (!assertion) {
    return Diagnostic{Code::attribute_range,
                      "attribute assert wants a metric, a relation and a number, found " +
                          std::string(text.empty() ? "nothing" : text),
                      span, "for example assert = 'auc > 0.9 and log_loss < 0.3'"};
  }
  if (is_rows(*assertion) || ir::is_metric(assertion->name)) return std::nullopt;
  return Diagnostic{Code::attribute_range, "attribute assert has no metric " + assertion->name,
                    span,
                    suggest(assertion->name, ir::metric_names(), "docs/attributes.md lists them")};
}

}  // namespace

std::vector<Assertion> read_assertions(const ir::Setting& setting, Diagnostics& errors) {
  std::vector<Assertion> out;
  for (const auto& text : std::get<std::vector<std::string>>(setting.value)) {
    for (const auto part : parts_of(text)) {
      auto assertion = read_one(part);
      if (auto wrong = wrong_with(assertion, part, setting.value_span)) {
        errors.push_back(*std::move(wrong));
      } else {
        out.push_back(*std::move(assertion));
      }
    }
  }
  return out;
}

void settle_assertions(std::vector<Assertion>& assertions, ir::Judged judged, SourceSpan span,
                       Diagnostics& errors) {
  for (auto& assertion : assertions) {
    if (is_rows(assertion)) continue;
    if (const auto* spec = ir::find_metric(assertion.name, judged)) {
      assertion.metric = spec->metric;
      continue;
    }
    errors.push_back({Code::attribute_conflict,
                      "metric " + assertion.name + " does not suit a model that predicts " +
                          std::string(ir::answer_words(judged)),
                      span, "there are rows and the metrics of evaluate.metrics"});
  }
}

}  // namespace quern::binding
