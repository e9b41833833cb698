// Feature by feature: read a column, take the steps in f64, round to f32.

#include "codegen/export/feature_graph.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <numeric>

#include "base/box.h"
#include "codegen/export/date_graph.h"

namespace quern::codegen {
namespace {

using Value = GraphBuilder::Value;
constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

class FeatureLowering {
 public:
  FeatureLowering(const ir::FeatureProgram& program, GraphBuilder& out)
      : program_(program), out_(out) {}

  Result<Value> lower() {
    for (const auto& input : program_.inputs) {
      const bool text = input.kind == TypeKind::text;
      inputs_.push_back(out_.input(input.name, text ? Element::text : Element::f64,
                                   input.kind == TypeKind::list ? input.elements : 1));
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
  static Diagnostic not_yet(const std::string& what, const std::string& name) {
    return {Code::not_in_this_version,
            what + " cannot be written to ONNX in this version: " + name};
  }

  Value number(double value) { return out_.constant(std::vector<double>{value}); }

  Result<Value> lower_feature(const ir::Feature& feature) {
    const auto& input = program_.inputs[feature.input];
    const auto& column = inputs_[feature.input];
    return std::visit(
        Overloaded{
            [&](const ir::Number&) -> Result<Value> { return steps(column, feature); },
            [&](const ir::Element& element) -> Result<Value> {
              if (input.kind == TypeKind::text)
                return not_yet("a text that is a vector", feature.name);
              const auto at = out_.constant(std::vector<std::int64_t>{element.index});
              return steps(out_.node("Gather", {column, at}, {{"axis", std::int64_t{1}}}), feature);
            },
            [&](const ir::DatePart& part) -> Result<Value> {
              return steps(part_of(feature.input, part.part), feature);
            },
            [&](const ir::Category& category) { return code(input, column, category, feature); },
            [&](const ir::HashedCategory&) -> Result<Value> {
              return not_yet("a hashed category", feature.name);
            },
            [&](const ir::Cross&) -> Result<Value> { return not_yet("a cross", feature.name); },
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

  /// The number that a whole number's or boolean's text stands for; nullopt where float64, as which
  /// the column comes, could not tell it from others.
  static std::optional<double> number_of(const ir::Input& input, const std::string& text) {
    if (input.kind == TypeKind::boolean) {
      if (text != "true" && text != "false") return std::nullopt;
      return text == "true" ? 1 : 0;
    }
    constexpr std::int64_t kExact = std::int64_t{1} << 53;
    std::int64_t value = 0;
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    if (read.ec != std::errc{} || read.ptr != end || value > kExact || value < -kExact)
      return std::nullopt;
    return static_cast<double>(value);
  }

  /// A category's code by the number's place in the vocabulary.
  Result<Value> number_code(const ir::Input& input, const Value& column,
                            const ir::Category& category, const ir::Feature& feature) {
    if (input.kind != TypeKind::boolean && !is_integer(input.kind))
      return not_yet("a category of numbers with fractions", feature.name);
    std::vector<double> known;
    std::vector<float> codes;
    const auto unseen = static_cast<float>(category.vocabulary.size());
    for (const auto& text : category.vocabulary) {
      const auto value = number_of(input, text);
      if (!value) return not_yet("a category of numbers beyond 2^53", feature.name);
      codes.push_back(static_cast<float>(known.size()) - unseen);
      known.push_back(*value);
    }
    if (known.empty()) return not_yet("a category without values", feature.name);
    const auto size = static_cast<std::int64_t>(known.size());
    const auto same = out_.node("Equal", {column, out_.constant(std::move(known), {1, size})});
    const auto place = out_.node(
        "MatMul", {out_.cast(same, Element::f32), out_.constant(std::move(codes), {size, 1})});
    const auto code = out_.node("Add", {place, out_.constant(std::vector<float>{unseen})});
    const auto missing = category.for_null ? code_of(category, category.for_null->text)
                                           : std::numeric_limits<float>::quiet_NaN();
    return out_.choose(out_.is_nan(column), out_.constant(std::vector<float>{missing}), code);
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

  /// A one-hot group: 1 at the code, missing elsewhere.
  Result<Value> lower_group(const ir::SparseGroup& group, const std::vector<Value>& features) {
    const auto* one_hot = std::get_if<ir::OneHot>(&group.source);
    if (one_hot == nullptr) return not_yet("a text that is a sparse vector", group.name);
    std::vector<float> codes(group.width);
    std::iota(codes.begin(), codes.end(), 0.0F);
    const auto range = out_.constant(std::move(codes), {1, static_cast<std::int64_t>(group.width)});
    const auto same = out_.node("Equal", {features[one_hot->feature], range});
    return out_.choose(same, out_.constant(std::vector<float>{1}),
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
