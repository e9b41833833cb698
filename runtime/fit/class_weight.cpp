// Classes by their text, as the user writes them in a map.

#include "runtime/fit/class_weight.h"

#include <algorithm>
#include <charconv>

#include "base/similar.h"

namespace quern::runtime {
namespace {

bool is_number(const Scalar& value, const std::string& text) {
  double number = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end) return false;
  if (const auto* flag = std::get_if<bool>(&value)) return number == (*flag ? 1 : 0);
  if (const auto* whole = std::get_if<std::int64_t>(&value))
    return number == static_cast<double>(*whole);
  return number == std::get<double>(value);
}

bool is_class(const Scalar& value, const std::string& text) {
  if (std::holds_alternative<std::string>(value)) return std::get<std::string>(value) == text;
  return equal_ignoring_case(format_scalar(value), text) || is_number(value, text);
}

Result<std::vector<float>> named_factors(const ir::ClassWeight& weight, const ir::Label& label) {
  std::vector<float> out(label.classes.size(), 1.0F);
  std::vector<std::string> by(out.size());  // the name that a class was found by
  for (const auto& [name, factor] : weight.factors) {
    const auto at = std::find_if(label.classes.begin(), label.classes.end(),
                                 [&](const Scalar& c) { return is_class(c, name); });
    if (at == label.classes.end()) {
      std::vector<std::string> known;
      for (const auto& c : label.classes) known.push_back(format_scalar(c));
      return Diagnostic{Code::class_unseen,
                        "class_weight names no class of label " + label.column + ": " + name,
                        weight.span, suggest(name, known, "its first class is " + known.front())};
    }
    const auto c = static_cast<std::size_t>(at - label.classes.begin());
    if (!by[c].empty()) {
      return Diagnostic{Code::attribute_conflict,
                        "class_weight names a class twice: " + by[c] + " and " + name, weight.span};
    }
    by[c] = name;
    out[c] = static_cast<float>(factor);
  }
  return out;
}

Result<std::vector<float>> balanced_factors(std::size_t classes, PageSource& rows) {
  std::vector<std::int64_t> counts(classes);
  rows.rewind();
  PageView page;
  while (true) {
    QUERN_TRY(const bool more, rows.next(page));
    if (!more) break;
    for (std::int64_t r = 0; r < page.rows; ++r) ++counts[static_cast<std::size_t>(page.labels[r])];
  }
  rows.rewind();
  std::vector<float> out;
  for (const auto count : counts) {
    const auto even = static_cast<double>(rows.rows()) / static_cast<double>(classes);
    out.push_back(count == 0 ? 1.0F : static_cast<float>(even / static_cast<double>(count)));
  }
  return out;
}

}  // namespace

Result<std::vector<float>> class_factors(const ir::ClassWeight& weight, const ir::Label& label,
                                         PageSource& rows) {
  if (label.classes.empty()) {
    return Diagnostic{Code::class_count,
                      "class_weight is for classes, label " + label.column + " is a number",
                      weight.span, "use xgboost.XGBClassifier"};
  }
  if (weight.balanced) return balanced_factors(label.classes.size(), rows);
  return named_factors(weight, label);
}

void apply_class_factors(const std::vector<float>& factors, const float* labels, float* weights,
                         std::int64_t rows) {
  if (factors.empty()) return;
  for (std::int64_t r = 0; r < rows; ++r)
    weights[r] *= factors[static_cast<std::size_t>(labels[r])];
}

}  // namespace quern::runtime
