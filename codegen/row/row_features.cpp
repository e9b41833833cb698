// One value a feature. Each rule is the scalar form of one in codegen/interpret.

#include "codegen/row/row_features.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/box.h"
#include "base/hash.h"
#include "codegen/interpret/date_parts.h"

namespace quern::codegen {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
/// Whole numbers up to here are doubles, each of them.
constexpr double kExact = 9007199254740992.0;

RowValue::Kind expected(const ir::Input& input) {
  if (input.kind == TypeKind::list) return RowValue::Kind::list;
  return input.kind == TypeKind::text ? RowValue::Kind::text : RowValue::Kind::number;
}

std::string_view kind_words(RowValue::Kind kind) {
  switch (kind) {
    case RowValue::Kind::null: return "NULL";
    case RowValue::Kind::number: return "a number";
    case RowValue::Kind::text: return "a text";
    case RowValue::Kind::list: return "a list";
  }
  return "";
}

Diagnostic retyped(const ir::Input& input, const RowValue& value) {
  return {Code::column_retyped, "column " + input.name + " was " + ir::kind_text(input) +
                                    " in training, the row gives " +
                                    std::string(kind_words(value.kind()))};
}

Diagnostic bad_text(const std::string& what, std::string_view text) {
  return {Code::bad_vector_text,
          "a text is no " + what + " of the model's form: " + std::string(text.substr(0, 60))};
}

double number_of(const RowValue& value) {
  return value.kind() == RowValue::Kind::number ? value.number() : kNaN;
}

/// The text of a value as TextReader gives it; none where it is missing.
class ValueText {
 public:
  std::optional<std::string_view> of(const ir::Input& input, const RowValue& value) {
    if (value.kind() == RowValue::Kind::text) return value.text();
    const double number = number_of(value);
    if (std::isnan(number)) return std::nullopt;
    if (input.kind == TypeKind::boolean) return number != 0 ? "true" : "false";
    return of(number);
  }
  /// As number_text().
  std::string_view of(double value) {
    constexpr double kWhole = 9e18;
    if (value == std::floor(value) && std::abs(value) < kWhole)
      return written(static_cast<std::int64_t>(value));
    if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
    auto text = written(value);
    if (text.find_first_of(".e") != std::string_view::npos) return text;
    digits_[text.size()] = '.';
    digits_[text.size() + 1] = '0';
    return {digits_.data(), text.size() + 2};
  }

 private:
  template <typename T>
  std::string_view written(T value) {
    const auto end = std::to_chars(digits_.data(), digits_.data() + digits_.size() - 2, value).ptr;
    return {digits_.data(), static_cast<std::size_t>(end - digits_.data())};
  }
  std::array<char, 66> digits_;
};

/// Whether a number that is not a float's is known well enough to be a category.
Result<void> check_category(const ir::Input& input, const RowValue& value) {
  const bool floats = input.kind == TypeKind::float32 || input.kind == TypeKind::float64;
  if (floats || value.kind() != RowValue::Kind::number || !(std::abs(value.number()) > kExact))
    return {};
  return Diagnostic{Code::bad_model_call,
                    "a number beyond 2^53 is no category of a row: column " + input.name};
}

/// A value as the number that steps begin with.
Result<double> read_number(const ir::Input& input, const ir::Transform& transform,
                           const RowValue& value, RowScratch& scratch) {
  if (const auto* part = std::get_if<ir::DatePart>(&transform))
    return static_cast<double>(date_part(input.kind, number_of(value), part->part));
  const auto* element = std::get_if<ir::Element>(&transform);
  if (element == nullptr) return number_of(value);
  const auto index = static_cast<std::size_t>(element->index);
  if (value.kind() == RowValue::Kind::null) return kNaN;
  if (value.kind() == RowValue::Kind::list)
    return index < value.list().size() ? value.list()[index] : kNaN;
  scratch.numbers.clear();
  const auto of = static_cast<std::size_t>(element->of);
  const bool fits =
      parse_numbers(value.text(), element->delimiter, scratch.numbers) &&
      (scratch.numbers.size() == of || (element->ragged && scratch.numbers.size() < of));
  if (!fits) return bad_text("vector", value.text());
  return index < scratch.numbers.size() ? scratch.numbers[index] : kNaN;
}

/// A step's rule is written for batches; here is one of a single value.
float through_steps(const std::vector<ir::Step>& steps, double value) {
  if (steps.empty()) return static_cast<float>(value);
  const std::span<double> one(&value, 1);
  for (std::size_t s = 0; s + 1 < steps.size(); ++s) run_step(steps[s], one);
  float out = 0;
  run_last_step(steps.back(), one, &out);
  return out;
}

float run_text(const std::optional<ir::TextForNull>& for_null,
               const std::optional<std::string_view>& text, auto code) {
  if (text) return code(*text);
  return for_null ? code(std::string_view(for_null->text)) : kMissing;
}

/// None where a key is missing.
Result<float> run_cross(const ir::Cross& cross, const std::vector<ir::Input>& inputs,
                        std::span<const RowValue> row, RowScratch& scratch) {
  auto hash = kFnvBasis;
  bool missing = false;
  for (const auto& key : cross.keys) {
    const auto& input = inputs[key.input];
    ValueText text;
    if (!key.part && key.steps.empty()) {
      QUERN_CHECK(check_category(input, row[key.input]));
      const auto is = text.of(input, row[key.input]);
      missing = missing || !is;
      if (is) hash = ir::cross_hash(hash, *is);
      continue;
    }
    const auto from =
        key.part ? ir::Transform(ir::DatePart{*key.part}) : ir::Transform(ir::Number{});
    QUERN_TRY(const auto number, read_number(input, from, row[key.input], scratch));
    const float value = through_steps(key.steps, number);
    missing = missing || std::isnan(value);
    if (!std::isnan(value)) hash = ir::cross_hash(hash, text.of(static_cast<double>(value)));
  }
  return missing ? kMissing : static_cast<float>(hash % cross.buckets);
}

}  // namespace

RowFeatures::RowFeatures(const ir::FeatureProgram& program) : program_(program) {
  for (const auto& feature : program_.features) {
    plain_ =
        plain_ && std::holds_alternative<ir::Number>(feature.transform) && feature.steps.empty();
    const auto* category = std::get_if<ir::Category>(&feature.transform);
    codes_.push_back(category == nullptr ? TextTable() : TextTable(category->vocabulary));
  }
}

Result<RowFeatures> RowFeatures::make(const ir::FeatureProgram& program) {
  for (const auto& group : program.groups) {
    if (!std::holds_alternative<ir::Ngrams>(group.source)) continue;
    return Diagnostic{Code::not_in_this_version,
                      "single rows of a model with NGRAMS: " + group.name, SourceSpan::none(),
                      "TO PREDICT and quern_predict() take it"};
  }
  return RowFeatures(program);
}

Result<void> RowFeatures::check(std::span<const RowValue> row) const {
  for (std::size_t i = 0; i < program_.inputs.size(); ++i) {
    const auto& input = program_.inputs[i];
    if (row[i].kind() == RowValue::Kind::null) continue;
    if (row[i].kind() != expected(input)) return retyped(input, row[i]);
    const auto elements = row[i].list().size();
    if (input.kind != TypeKind::list || elements == static_cast<std::size_t>(input.elements))
      continue;
    return Diagnostic{Code::list_length_changed, "the lists of column " + input.name + " had " +
                                                     std::to_string(input.elements) +
                                                     " elements in training, the row's has " +
                                                     std::to_string(elements)};
  }
  return {};
}

Result<void> RowFeatures::run_one(std::size_t f, std::span<const RowValue> row, float* out,
                                  RowScratch& scratch) const {
  const auto& feature = program_.features[f];
  const auto& input = program_.inputs[feature.input];
  const auto& value = row[feature.input];
  ValueText text;
  if (const auto* category = std::get_if<ir::Category>(&feature.transform)) {
    QUERN_CHECK(check_category(input, value));
    *out = run_text(category->for_null, text.of(input, value),
                    [&](std::string_view is) { return static_cast<float>(codes_[f].find(is)); });
    return {};
  }
  if (const auto* hashed = std::get_if<ir::HashedCategory>(&feature.transform)) {
    QUERN_CHECK(check_category(input, value));
    *out = run_text(hashed->for_null, text.of(input, value), [&](std::string_view is) {
      return static_cast<float>(ir::hash_bucket(is, hashed->buckets));
    });
    return {};
  }
  if (const auto* cross = std::get_if<ir::Cross>(&feature.transform)) {
    QUERN_TRY(*out, run_cross(*cross, program_.inputs, row, scratch));
    return {};
  }
  QUERN_TRY(const auto number, read_number(input, feature.transform, value, scratch));
  *out = through_steps(feature.steps, number);
  return {};
}

Result<void> RowFeatures::run(std::span<const RowValue> row, float* out,
                              RowScratch& scratch) const {
  QUERN_CHECK(check(row));
  for (std::size_t f = 0; f < program_.features.size(); ++f) {
    if (plain_) {
      out[f] = static_cast<float>(number_of(row[program_.features[f].input]));
    } else {
      QUERN_CHECK(run_one(f, row, out + f, scratch));
    }
  }
  return {};
}

Result<void> RowFeatures::run_groups(std::span<const RowValue> row, const float* features,
                                     RowScratch& scratch) const {
  scratch.entries.clear();
  scratch.ends.clear();
  for (const auto& group : program_.groups) {
    const auto& value = row[group.input];
    if (const auto* hot = std::get_if<ir::OneHot>(&group.source)) {
      const float code = features[hot->feature];
      if (code >= 0 && code < static_cast<float>(group.width))
        scratch.entries.push_back({static_cast<std::uint32_t>(code), 1});
    } else if (value.kind() == RowValue::Kind::text) {
      if (!read_entries(group, value.text(), scratch.numbers, scratch.entries))
        return bad_text("sparse vector", value.text());
    }
    scratch.ends.push_back(scratch.entries.size());
  }
  return {};
}

}  // namespace quern::codegen
