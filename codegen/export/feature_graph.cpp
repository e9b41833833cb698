// Feature by feature: read a column, take the steps in f64, round to f32.

#include "codegen/export/feature_graph.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <optional>

#include "base/box.h"
#include "codegen/export/date_graph.h"

namespace quern::codegen {
namespace {

using Value = GraphBuilder::Value;
constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

/// What a column of text holds: one text, or so many numbers, which ONNX cannot read out of it.
struct TextForm {
  std::int32_t numbers = 0;
  std::string written = {};  ///< how the numbers stand in it
  friend bool operator==(const TextForm&, const TextForm&) = default;
};

TextForm dense_form(std::int32_t numbers, const std::string& delimiter) {
  return {numbers, delimiter.empty() ? "," : delimiter};
}

TextForm form_of(const ir::SparseGroup& group) {
  const auto numbers = static_cast<std::int32_t>(group.width);
  if (const auto* sparse = std::get_if<ir::SparseText>(&group.source))
    return {numbers, "key" + sparse->key_delimiter + "value" + sparse->delimiter};
  return std::holds_alternative<ir::DenseText>(group.source) ? dense_form(numbers, "") : TextForm{};
}

/// The form of each input that is text; there is one, whoever reads it.
class TextForms {
 public:
  explicit TextForms(const ir::FeatureProgram& program) : program_(program) {
    found_.resize(program.inputs.size());
  }

  Result<std::vector<TextForm>> find() {
    for (const auto& feature : program_.features) {
      const auto* element = std::get_if<ir::Element>(&feature.transform);
      const bool numbers = element != nullptr && element->of > 0;
      QUERN_CHECK(
          note(feature.input, numbers ? dense_form(element->of, element->delimiter) : TextForm{}));
    }
    for (const auto& group : program_.groups) {
      if (!std::holds_alternative<ir::OneHot>(group.source))
        QUERN_CHECK(note(group.input, form_of(group)));
    }
    std::vector<TextForm> out;
    for (const auto& form : found_) out.push_back(form.value_or(TextForm{}));
    return out;
  }

 private:
  Result<void> note(std::size_t input, const TextForm& form) {
    if (!found_[input]) found_[input] = form;
    if (*found_[input] == form) return {};
    return Diagnostic{
        Code::not_in_this_version,
        "a text that is read in two ways cannot be written to ONNX: " + program_.inputs[input].name,
        SourceSpan::none(), "let the query give it twice, under two names"};
  }

  const ir::FeatureProgram& program_;
  std::vector<std::optional<TextForm>> found_;
};

class FeatureLowering {
 public:
  FeatureLowering(const ir::FeatureProgram& program, GraphBuilder& out)
      : program_(program), out_(out) {}

  Result<Value> lower() {
    QUERN_TRY(const auto forms, TextForms(program_).find());
    for (std::size_t i = 0; i < program_.inputs.size(); ++i) {
      const auto& input = program_.inputs[i];
      const bool text = input.kind == TypeKind::text && forms[i].numbers == 0;
      const auto numbers = input.kind == TypeKind::list ? input.elements : forms[i].numbers;
      inputs_.push_back(
          out_.input(input.name, text ? Element::text : Element::f64, std::max(numbers, 1)));
    }
    std::vector<Value> columns;
    std::vector<Value> all;
    for (const auto& feature : program_.features) {
      QUERN_TRY(auto value, lower_feature(feature));
      all.push_back(value);
      if (!feature.hidden) columns.push_back(std::move(value));
    }
    for (const auto& group : program_.groups) {
      QUERN_TRY(auto value, lower_group(group, all));
      columns.push_back(std::move(value));
    }
    return out_.concat(columns);
  }

 private:
  static Diagnostic refused(const std::string& what, const std::string& name,
                            const std::string& instead) {
    return {Code::not_in_this_version, what + " cannot be written to ONNX: " + name,
            SourceSpan::none(), instead + ", or export as .quern"};
  }

  Value number(double value) { return out_.constant(std::vector<double>{value}); }

  Result<Value> lower_feature(const ir::Feature& feature) {
    const auto& input = program_.inputs[feature.input];
    const auto& column = inputs_[feature.input];
    return std::visit(
        Overloaded{
            [&](const ir::Number&) -> Result<Value> { return steps(column, feature); },
            [&](const ir::Element& element) -> Result<Value> {
              const auto at = out_.constant(std::vector<std::int64_t>{element.index});
              return steps(out_.node("Gather", {column, at}, {{"axis", std::int64_t{1}}}), feature);
            },
            [&](const ir::DatePart& part) -> Result<Value> {
              return steps(part_of(feature.input, part.part), feature);
            },
            [&](const ir::Category& category) { return code(input, column, category, feature); },
            [&](const ir::HashedCategory&) -> Result<Value> {
              return refused("a hashed category", feature.name,
                             "ONNX has no hash: keep the values themselves, by VOCABULARY");
            },
            [&](const ir::Cross&) -> Result<Value> {
              return refused("a cross, which is hashed,", feature.name,
                             "make one text of the columns in the query and take its VOCABULARY");
            },
        },
        feature.transform);
  }

  Value part_of(std::size_t input, ir::Part part) {
    const bool date = program_.inputs[input].kind == TypeKind::date;
    const auto& column = inputs_[input];
    if (part == ir::Part::epoch_days)
      return date ? column : out_.node("Div", {column, number(86400e6)});
    return dates_.try_emplace(input, out_, column, date).first->second.part(part);
  }

  /// A category's code by the text's place in the vocabulary.
  Result<Value> code(const ir::Input& input, const Value& column, const ir::Category& category,
                     const ir::Feature& feature) {
    if (input.kind != TypeKind::text) return number_code(input, column, category, feature);
    std::vector<std::string> keys = category.vocabulary;
    std::vector<float> codes(keys.size());
    std::iota(codes.begin(), codes.end(), 0.0F);
    const auto unseen = static_cast<float>(keys.size());
    const bool has_empty = !keys.empty() && keys.front().empty();
    if (!has_empty) {
      keys.emplace_back();
      codes.push_back(category.for_null ? code_of(category, category.for_null->text)
                                        : std::numeric_limits<float>::quiet_NaN());
    }
    return out_.look_up(column, {"keys_strings", std::move(keys)},
                        {"values_floats", std::move(codes)}, {"default_float", unseen});
  }

  /// The number that a category's text stands for; nullopt where float64, as which the column
  /// comes, could not tell it from others.
  static std::optional<double> number_of(const ir::Input& input, const std::string& text) {
    if (input.kind == TypeKind::boolean) {
      if (text != "true" && text != "false") return std::nullopt;
      return text == "true" ? 1 : 0;
    }
    constexpr double kExact = 9007199254740992;  // 2^53
    constexpr std::ptrdiff_t kExactDigits = 15;
    double value = 0;
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
    if (is_integer(input.kind) && std::abs(value) >= kExact) return std::nullopt;
    const auto digits =
        std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (input.kind == TypeKind::decimal && digits > kExactDigits) return std::nullopt;
    return value;
  }

  /// A category's code by the number's place in the vocabulary.
  Result<Value> number_code(const ir::Input& input, const Value& column,
                            const ir::Category& category, const ir::Feature& feature) {
    constexpr const char* kInstead = "make a text of the column in the query";
    const bool known_kind = input.kind == TypeKind::boolean || is_number(input.kind);
    if (!known_kind || input.kind == TypeKind::big_number)
      return refused("a category of " + std::string(kind_name(input.kind)), feature.name, kInstead);
    std::vector<double> known;
    std::vector<float> codes;
    const auto unseen = static_cast<float>(category.vocabulary.size());
    for (const auto& text : category.vocabulary) {
      const auto value = number_of(input, text);
      if (!value)
        return refused("a category of numbers that float64 does not tell apart", feature.name,
                       kInstead);
      codes.push_back(static_cast<float>(known.size()) - unseen);
      known.push_back(*value);
    }
    const auto missing = category.for_null ? code_of(category, category.for_null->text)
                                           : std::numeric_limits<float>::quiet_NaN();
    const auto code = place_of(column, std::move(known), std::move(codes), unseen);
    return out_.choose(out_.is_nan(column), out_.constant(std::vector<float>{missing}), code);
  }

  /// What stands at the column's value, plus `unseen`; that alone where it is none of them.
  Value place_of(const Value& column, std::vector<double> known, std::vector<float> codes,
                 float unseen) {
    if (known.empty()) return out_.constant(std::vector<float>{unseen});
    const auto size = static_cast<std::int64_t>(known.size());
    const auto same = out_.node("Equal", {column, out_.constant(std::move(known), {1, size})});
    const auto place = out_.node(
        "MatMul", {out_.cast(same, Element::f32), out_.constant(std::move(codes), {size, 1})});
    return out_.node("Add", {place, out_.constant(std::vector<float>{unseen})});
  }

  static float code_of(const ir::Category& category, const std::string& text) {
    const auto& words = category.vocabulary;
    const auto found = std::lower_bound(words.begin(), words.end(), text);
    const bool known = found != words.end() && *found == text;
    return static_cast<float>(known ? found - words.begin() : words.end() - words.begin());
  }

  Result<Value> steps(Value value, const ir::Feature& feature) {
    for (const auto& step : feature.steps) value = lower_step(value, step);
    return out_.cast(value, Element::f32);
  }

  Value lower_step(const Value& x, const ir::Step& step) {
    return std::visit(
        Overloaded{
            [&](const ir::Standardize& s) { return scaled(x, s.mean, s.deviation); },
            [&](const ir::MinMax& s) { return scaled(x, s.least, s.range); },
            [&](const ir::Logarithm&) {
              const auto known = out_.node("Greater", {x, number(0)});
              // What is not above zero gets a logarithm that is thrown away.
              const auto safe = out_.choose(known, x, number(1));
              return out_.choose(known, out_.node("Log", {safe}), number(kMissing));
            },
            [&](const ir::Impute& s) { return out_.choose(out_.is_nan(x), number(s.value), x); },
            [&](const ir::Bucket& s) { return bucket(x, s.boundaries); },
            [&](const ir::QuantileBucket& s) { return bucket(x, s.boundaries); },
            [&](const ir::Identity& s) { return identity(x, s.size); },
        },
        step);
  }

  Value scaled(const Value& x, double less, double by) {
    return out_.node("Div", {out_.node("Sub", {x, number(less)}), number(by)});
  }

  Value kept_missing(const Value& x, const Value& value) {
    return out_.choose(out_.is_nan(x), number(kMissing), value);
  }

  /// The number of boundaries at or below x: x against all of them at once.
  Value bucket(const Value& x, const std::vector<double>& boundaries) {
    if (boundaries.empty()) return kept_missing(x, number(0));
    const auto bounds =
        out_.constant(boundaries, {1, static_cast<std::int64_t>(boundaries.size())});
    const auto above = out_.cast(out_.node("GreaterOrEqual", {x, bounds}), Element::f64);
    const auto axis = out_.constant(std::vector<std::int64_t>{1});
    const auto sum = out_.node("ReduceSum", {above, axis}, {{"keepdims", std::int64_t{1}}});
    return kept_missing(x, sum);
  }

  Value identity(const Value& x, std::uint32_t size) {
    const auto whole = out_.node("Equal", {x, out_.node("Floor", {x})});
    const auto least = out_.node("GreaterOrEqual", {x, number(0)});
    const auto below = out_.node("Less", {x, number(size)});
    const auto known = out_.node("And", {whole, out_.node("And", {least, below})});
    return kept_missing(x, out_.choose(known, x, number(size)));
  }

  /// A one-hot group has 1 at the code; what is absent of any group is missing.
  Result<Value> lower_group(const ir::SparseGroup& group, const std::vector<Value>& features) {
    if (const auto* one_hot = std::get_if<ir::OneHot>(&group.source))
      return ones(is_code(features[one_hot->feature], group.width));
    if (std::holds_alternative<ir::Ngrams>(group.source))
      return refused("a text's words, which are hashed,", group.name, "count them in the query");
    const auto* sparse = std::get_if<ir::SparseText>(&group.source);
    const auto entries = out_.cast(inputs_[group.input], Element::f32);
    if (sparse == nullptr || sparse->weighted) return entries;
    return ones(out_.node("Not", {out_.is_nan(entries)}));
  }

  /// Where of all codes that of the row stands.
  Value is_code(const Value& code, std::uint32_t width) {
    std::vector<float> codes(width);
    std::iota(codes.begin(), codes.end(), 0.0F);
    const auto range = out_.constant(std::move(codes), {1, static_cast<std::int64_t>(width)});
    return out_.node("Equal", {code, range});
  }

  /// 1 where there is something, missing elsewhere.
  Value ones(const Value& where) {
    return out_.choose(where, out_.constant(std::vector<float>{1}),
                       out_.constant(std::vector<float>{std::numeric_limits<float>::quiet_NaN()}));
  }

  const ir::FeatureProgram& program_;
  GraphBuilder& out_;
  std::vector<Value> inputs_;
  std::map<std::size_t, DateGraph> dates_;  ///< by input
};

}  // namespace

Result<GraphBuilder::Value> lower_features(const ir::FeatureProgram& program, GraphBuilder& out) {
  return FeatureLowering(program, out).lower();
}

}  // namespace quern::codegen
