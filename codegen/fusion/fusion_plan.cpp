// Which features are compiled, which are prepared, and which questions are asked of raw columns.

#include "codegen/fusion/fusion_plan.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/box.h"
#include "codegen/fusion/pull_back.h"

namespace quern::codegen {
namespace {

/// Beyond this the code of a model is no longer made in a few hundredths of a second.
constexpr std::size_t kMostFeatures = 2000;
/// Code is made for each of them.
constexpr std::size_t kMostCategoryQuestions = 500;
/// Numbers of a linear model that stand in its code.
constexpr std::size_t kMostWeights = 1 << 14;
/// Boundaries up to which a bucket is found by comparing with all of them.
constexpr std::size_t kMostBoundaries = 64;

/// Bytes of kinds that are compared faster than floats, whatever the steps are.
constexpr std::size_t kNarrow = 2;

/// What the steps of one value cost, as so many questions cost more in the column's own kind than
/// about floats. Estimates: a forest that asks a standardized column 60 to 500 questions is slower
/// so.
std::size_t cost(const ir::Step& step) {
  constexpr std::size_t kDivision = 24;
  constexpr std::size_t kLogarithm = 400;
  return std::visit(Overloaded{
                        [](const ir::Standardize&) { return kDivision; },
                        [](const ir::MinMax&) { return kDivision; },
                        [](const ir::Logarithm&) { return kLogarithm; },
                        [](const ir::Impute&) { return std::size_t{1}; },
                        [](const ir::Bucket& s) { return 2 * s.boundaries.size(); },
                        [](const ir::QuantileBucket& s) { return 2 * s.boundaries.size(); },
                        [](const ir::Identity&) { return std::size_t{4}; },
                    },
                    step);
}

const std::vector<double>* boundaries_of(const ir::Step& step) {
  if (const auto* bucket = std::get_if<ir::Bucket>(&step)) return &bucket->boundaries;
  if (const auto* bucket = std::get_if<ir::QuantileBucket>(&step)) return &bucket->boundaries;
  return nullptr;
}

/// True where code can be made that reads the column itself.
bool is_compiled(const ir::Feature& feature, TypeKind kind) {
  if (!std::holds_alternative<ir::Number>(feature.transform)) return false;
  if (kind != TypeKind::boolean && !is_number(kind)) return false;
  if (kind == TypeKind::decimal) return false;
  return std::all_of(feature.steps.begin(), feature.steps.end(), [](const ir::Step& step) {
    const auto* boundaries = boundaries_of(step);
    return boundaries == nullptr || boundaries->size() <= kMostBoundaries;
  });
}

/// Gathers the features and columns that are used, in the order of their first use.
class Planner {
 public:
  Planner(const ir::FeatureProgram& program, const std::vector<TypeKind>& kinds)
      : program_(program), kinds_(kinds) {}

  std::size_t feature(std::size_t of_program) {
    const auto [at, is_new] = features_.try_emplace(of_program, plan_.features.size());
    if (is_new) add(program_.features[of_program], of_program);
    return at->second;
  }
  TypeKind kind_of(std::size_t feature) const {
    return plan_.columns[plan_.features[feature].column].kind;
  }
  FusionPlan& plan() { return plan_; }

 private:
  void add(const ir::Feature& feature, std::size_t of_program) {
    const auto kind = kinds_[feature.input];
    if (is_compiled(feature, kind)) {
      const auto& name = program_.inputs[feature.input].name;
      plan_.features.push_back(
          {feature.name, column(name, kind, feature.input, false), feature.steps});
    } else {
      plan_.features.push_back(
          {feature.name, column(feature.name, TypeKind::float32, of_program, true)});
    }
  }
  std::size_t column(const std::string& name, TypeKind kind, std::size_t source, bool prepared) {
    const auto [at, is_new] = columns_.try_emplace({prepared, source}, plan_.columns.size());
    if (is_new) plan_.columns.push_back({name, kind, source, prepared});
    return at->second;
  }

  const ir::FeatureProgram& program_;
  const std::vector<TypeKind>& kinds_;
  FusionPlan plan_;
  std::map<std::size_t, std::size_t> features_;
  std::map<std::pair<bool, std::size_t>, std::size_t> columns_;
};

/// Questions in the order of their masks.
std::vector<std::pair<float, bool>> in_order(const NumberQuestions& questions) {
  std::vector<std::pair<float, bool>> out;
  for (const auto threshold : questions.lefts) out.emplace_back(threshold, false);
  for (const auto threshold : questions.rights) out.emplace_back(threshold, true);
  for (const auto twin : questions.twins) out.emplace_back(questions.lefts[twin], true);
  return out;
}

/// The answer for a feature that is the same for many values.
bool answer(float feature, float threshold, bool if_missing) {
  return feature != feature ? if_missing : !(feature < threshold);
}

/// The questions as they are asked of the raw column; nullopt where that cannot be or costs more.
std::optional<RawQuestions> pull_back(Planner& planner, const NumberQuestions& questions) {
  const auto at = planner.feature(static_cast<std::size_t>(questions.feature));
  const auto& feature = planner.plan().features[at];
  const auto kind = planner.kind_of(at);
  const auto asked = in_order(questions);
  std::size_t saved = 0;
  for (const auto& step : feature.steps) saved += cost(step);
  if (value_width(kind) > kNarrow && asked.size() > saved) return std::nullopt;
  const auto pulled = PullBack::make(feature.steps, kind);
  if (!pulled) return std::nullopt;
  RawQuestions out{at, pulled->floor(), {}};
  auto mask = static_cast<std::uint32_t>(questions.first_mask);
  for (const auto& [threshold, right] : asked) {
    const auto found = pulled->find(threshold);
    if (!found) return std::nullopt;
    const bool low = out.floor && answer(pulled->of_low(), threshold, right);
    out.questions.push_back({*found, mask++, answer(pulled->of_missing(), threshold, right), low});
  }
  return out;
}

bool too_many(const ir::FeatureProgram& program) { return program.features.size() > kMostFeatures; }

}  // namespace

std::optional<FusionPlan> fuse(const ir::FeatureProgram& program,
                               const std::vector<TypeKind>& kinds,
                               const BlockQuestions& questions) {
  if (!program.groups.empty() || too_many(program)) return std::nullopt;
  if (questions.categories.size() > kMostCategoryQuestions) return std::nullopt;
  Planner planner(program, kinds);
  FusedForest forest{.masks = questions.masks, .columns = questions.columns.size()};
  forest.answered.resize(program.features.size());
  for (const auto feature : questions.columns) planner.feature(static_cast<std::size_t>(feature));
  std::set<std::int32_t> by_value;
  for (const auto& asked : questions.numbers) {
    auto raw = pull_back(planner, asked);
    forest.answered[static_cast<std::size_t>(asked.feature)] = raw.has_value();
    raw ? forest.raw.push_back(std::move(*raw)) : void(by_value.insert(asked.feature));
  }
  for (const auto& asked : questions.categories) {
    if (by_value.contains(asked.feature)) continue;
    const auto at = planner.feature(static_cast<std::size_t>(asked.feature));
    if (forest.categories.empty() || forest.categories.back().feature != at)
      forest.categories.push_back({at, {}});
    forest.categories.back().questions.push_back(asked);
    forest.answered[static_cast<std::size_t>(asked.feature)] = true;
  }
  // The plan's features stand in the order of the block's columns.
  for (std::size_t c = 0; c < questions.columns.size(); ++c) {
    const auto feature = static_cast<std::size_t>(questions.columns[c]);
    if (questions.reads_values || !forest.answered[feature]) planner.plan().features[c].place = c;
  }
  planner.plan().model = std::move(forest);
  return std::move(planner.plan());
}

namespace {

/// Weights [width, outputs] of features that follow one another.
std::vector<float> weights_of(const Linear& linear, std::size_t first, std::size_t width) {
  std::vector<float> out;
  for (std::size_t f = first; f < first + width; ++f) {
    for (std::int32_t o = 0; o < linear.outputs; ++o)
      out.push_back(linear.weight(static_cast<std::int32_t>(f), o));
  }
  return out;
}

}  // namespace

std::optional<FusionPlan> fuse(const ir::FeatureProgram& program,
                               const std::vector<TypeKind>& kinds, const Linear& linear) {
  const auto dense = ir::dense_width(program);
  const auto outputs = static_cast<std::size_t>(linear.outputs);
  if (too_many(program) || dense * outputs > kMostWeights) return std::nullopt;
  Planner planner(program, kinds);
  FusedLinear out{.outputs = outputs};
  for (std::size_t f = 0; f < dense; ++f)
    out.terms.push_back({planner.feature(f), weights_of(linear, f, 1), false});
  auto first = dense;
  for (const auto& group : program.groups) {
    const auto* hot = std::get_if<ir::OneHot>(&group.source);
    if (hot == nullptr || group.width * outputs > kMostWeights) return std::nullopt;
    out.terms.push_back(
        {planner.feature(hot->feature), weights_of(linear, first, group.width), true});
    first += group.width;
  }
  planner.plan().model = std::move(out);
  return std::move(planner.plan());
}

}  // namespace quern::codegen
