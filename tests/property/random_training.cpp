// Draws everything from one seeded generator, by its raw numbers, so that a failing seed is the
// same model on every machine.

#include "random_training.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace quern::test {
namespace {

using Random = std::mt19937;
using runtime::FeatureKind;

std::uint32_t below(Random& random, std::uint32_t end) { return random() % end; }
float unit(Random& random) { return static_cast<float>(random() >> 8) * 0x1p-24F; }
bool chance(Random& random, float probability) { return unit(random) < probability; }

template <typename T>
const T& pick(Random& random, const std::vector<T>& from) {
  return from[below(random, static_cast<std::uint32_t>(from.size()))];
}

/// How the values of one column are drawn.
struct ColumnKind {
  FeatureKind kind = FeatureKind::number;
  std::uint32_t shape = 0;       ///< numbers: which distribution
  std::uint32_t categories = 0;  ///< categories: how many
  float missing = 0;
};

ColumnKind random_column(Random& random, bool categories) {
  ColumnKind column;
  column.missing = pick<float>(random, {0, 0, 0.1F, 0.5F});
  column.shape = below(random, 7);
  if (!categories || !chance(random, 0.5F)) return column;
  column.kind = FeatureKind::category;
  column.categories = pick<std::uint32_t>(random, {2, 3, 5, 31, 32, 33, 40, 64, 65, 100, 200});
  return column;
}

float random_number(Random& random, std::uint32_t shape) {
  const float centred = unit(random) * 2 - 1;
  switch (shape) {
    case 0: return centred;
    case 1: return static_cast<float>(below(random, 10));
    case 2: return centred * 1e-39F;  // denormal
    case 3: return centred * 1e30F;
    case 4: return chance(random, 0.5F) ? -0.0F : std::exp(centred * 10);
    case 5: return 7;  // constant
    default: return 16777216.0F + static_cast<float>(below(random, 64)) * 2;
  }
}

float random_value(Random& random, const ColumnKind& column) {
  if (chance(random, column.missing)) return std::numeric_limits<float>::quiet_NaN();
  if (column.kind == FeatureKind::number) return random_number(random, column.shape);
  return static_cast<float>(below(random, column.categories));
}

/// What the labels of an objective look like.
enum class LabelKind : std::uint8_t { real, zero_one, share, count, positive, class_index };

struct ObjectiveKind {
  std::string name;
  LabelKind labels;
  std::string base_score;
};

const std::vector<ObjectiveKind>& objectives() {
  static const std::vector<ObjectiveKind> all = {
      {"binary:logistic", LabelKind::zero_one, "0.3"},
      {"multi:softprob", LabelKind::class_index, "0.7"},
      {"multi:softmax", LabelKind::class_index, "0.5"},
      {"reg:squarederror", LabelKind::real, "-1.7"},
      {"reg:pseudohubererror", LabelKind::real, "0.1"},
      {"reg:absoluteerror", LabelKind::real, "0.9"},
      {"reg:squaredlogerror", LabelKind::positive, "0.6"},
      {"count:poisson", LabelKind::count, "1.3"},
      {"reg:gamma", LabelKind::positive, "2.5"},
      {"reg:tweedie", LabelKind::count, "0.2"},
      {"binary:logitraw", LabelKind::zero_one, "0.8"},
      {"binary:hinge", LabelKind::zero_one, "0.4"},
      {"reg:logistic", LabelKind::share, "0.123456"},
      {"survival:cox", LabelKind::positive, "1.1"},
      {"rank:pairwise", LabelKind::count, "0.5"},
  };
  return all;
}

/// A label that depends on the row, so that trees have something to find.
float random_label(Random& random, LabelKind kind, float signal, std::uint32_t classes) {
  const float noisy = signal + unit(random);
  switch (kind) {
    case LabelKind::real: return noisy * 3;
    case LabelKind::zero_one: return noisy > 0.8F ? 1 : 0;
    case LabelKind::share: return std::clamp(noisy / 2, 0.0F, 1.0F);
    case LabelKind::count: return std::floor(std::abs(noisy) * 4);
    case LabelKind::positive: return std::abs(noisy) + 0.05F;
    case LabelKind::class_index: return std::fmod(std::floor(std::abs(noisy) * 4), classes);
  }
  return 0;
}

float signal(const Rows& rows, std::int64_t row) {
  float sum = 0;
  for (std::int32_t f = 0; f < rows.features; ++f) {
    const float value = rows.values[static_cast<std::size_t>(row * rows.features + f)];
    sum += std::isnan(value) ? 0.3F : std::sin(value);
  }
  return sum / static_cast<float>(rows.features);
}

using Params = std::vector<std::pair<std::string, std::string>>;

Params random_params(Random& random, bool categories) {
  const auto number = [&](std::uint32_t from, std::uint32_t to) {
    return std::to_string(from + below(random, to - from));
  };
  Params params = {{"nthread", "1"}, {"seed", number(0, 1000)}, {"max_depth", number(1, 11)}};
  params.emplace_back("eta", pick<std::string>(random, {"0.1", "0.3", "1"}));
  if (chance(random, 0.3F)) {
    params.insert(params.end(), {{"booster", "dart"}, {"rate_drop", "0.4"}, {"skip_drop", "0.2"}});
    params.emplace_back("normalize_type", pick<std::string>(random, {"tree", "forest"}));
  }
  if (chance(random, 0.3F)) {
    params.emplace_back("num_parallel_tree", number(2, 4));
    params.emplace_back("subsample", "0.7");
    params.emplace_back("colsample_bytree", "0.7");
  }
  if (chance(random, 0.3F)) params.emplace_back("gamma", "0.5");  // prunes
  if (chance(random, 0.5F)) params.emplace_back("min_child_weight", "0.01");
  if (categories) {
    params.emplace_back("tree_method", "hist");
    params.emplace_back("max_cat_to_onehot", pick<std::string>(random, {"1", "4", "300"}));
  } else {
    params.emplace_back("tree_method",
                        pick<std::string>(random, {"hist", "hist", "exact", "approx"}));
  }
  return params;
}

Params random_linear_params(Random& random) {
  Params params = {{"nthread", "1"}, {"booster", "gblinear"}};
  params.emplace_back("seed", std::to_string(below(random, 1000)));
  params.emplace_back("eta", pick<std::string>(random, {"0.1", "0.5", "1"}));
  params.emplace_back("lambda", pick<std::string>(random, {"0", "0.01", "1"}));
  params.emplace_back("alpha", pick<std::string>(random, {"0", "0.001"}));
  if (chance(random, 0.3F)) {
    params.emplace_back("updater", "shotgun");
    params.emplace_back("feature_selector", pick<std::string>(random, {"cyclic", "shuffle"}));
    return params;
  }
  params.emplace_back("updater", "coord_descent");
  const auto selector =
      pick<std::string>(random, {"cyclic", "shuffle", "random", "greedy", "thrifty"});
  params.emplace_back("feature_selector", selector);
  if (selector == "greedy" || selector == "thrifty") params.emplace_back("top_k", "2");
  return params;
}

/// Distributions whose squares float32 holds.
void tame(ColumnKind& column) {
  if (column.shape == 2 || column.shape == 3 || column.shape == 6) column.shape = 0;
}

void describe(RandomTraining& training, unsigned seed) {
  training.description = "seed " + std::to_string(seed);
  for (const auto& [name, value] : training.task.params) {
    training.description += " " + name + "=" + value;
  }
}

float next_to(Random& random, float value) {
  const float infinity = std::numeric_limits<float>::infinity();
  switch (below(random, 3)) {
    case 0: return std::nextafter(value, -infinity);
    case 1: return std::nextafter(value, infinity);
    default: return value;
  }
}

/// The thresholds and categories that occur at each feature; none in a linear model.
std::vector<std::vector<float>> split_points(const codegen::Model& model) {
  std::vector<std::vector<float>> points(
      static_cast<std::size_t>(codegen::shape_of(model).features));
  const auto* forest = std::get_if<codegen::Forest>(&model);
  if (forest == nullptr) return points;
  for (const auto& tree : forest->trees) {
    for (const auto& node : tree.nodes) {
      if (node.left == -1) continue;
      auto& at = points[static_cast<std::size_t>(node.feature)];
      at.push_back(node.value);
      if (node.categorical) at.push_back(static_cast<float>(node.categories_size) * 32);
    }
  }
  return points;
}

float probe_value(Random& random, const std::vector<float>& points, bool infinite) {
  using Limits = std::numeric_limits<float>;
  static const std::vector<float> odd = {0.0F,
                                         -0.0F,
                                         Limits::denorm_min(),
                                         -Limits::denorm_min(),
                                         Limits::min(),
                                         -Limits::min(),
                                         Limits::max(),
                                         -Limits::max(),
                                         -0.5F,
                                         -1.0F,
                                         0.999F,
                                         31.0F,
                                         31.5F,
                                         32.0F,
                                         63.0F,
                                         64.0F,
                                         65.9F,
                                         1000.0F,
                                         16777214.0F,
                                         16777215.0F,
                                         16777216.0F,
                                         16777218.0F,
                                         2147483648.0F,
                                         4294967296.0F,
                                         -2147483648.0F};
  const auto kind = below(random, 8);
  if (infinite && kind == 0) return chance(random, 0.5F) ? Limits::infinity() : -Limits::infinity();
  if (kind <= 2 && !points.empty()) {
    const float value = next_to(random, pick(random, points));
    return infinite || std::isfinite(value) ? value : 0;
  }
  if (kind == 3) return Limits::quiet_NaN();
  if (kind == 4) return pick(random, odd);
  if (kind == 5) return static_cast<float>(below(random, 210));
  return random_number(random, below(random, 7));
}

}  // namespace

MemoryPages::MemoryPages(const Rows& rows, const std::vector<float>& labels,
                         const std::vector<float>& weights, std::int64_t page_rows)
    : rows_(rows.rows), features_(rows.features) {
  for (std::int64_t begin = 0; begin < rows.rows; begin += page_rows) {
    Page page;
    page.rows = std::min(page_rows, rows.rows - begin);
    page.capacity = page_rows + 3;
    page.features.resize(static_cast<std::size_t>(page.capacity * features_), 1e20F);
    for (std::int64_t r = 0; r < page.rows; ++r) {
      for (std::int32_t f = 0; f < features_; ++f) {
        page.features[static_cast<std::size_t>(f * page.capacity + r)] =
            rows.values[static_cast<std::size_t>((begin + r) * features_ + f)];
      }
    }
    page.labels.assign(labels.begin() + begin, labels.begin() + begin + page.rows);
    if (!weights.empty()) {
      page.weights.assign(weights.begin() + begin, weights.begin() + begin + page.rows);
    }
    pages_.push_back(std::move(page));
  }
}

Result<bool> MemoryPages::next(runtime::PageView& page) {
  if (at_ == pages_.size()) return false;
  const auto& held = pages_[at_++];
  page = {held.features.data(), held.capacity, held.rows, held.labels.data(),
          held.weights.empty() ? nullptr : held.weights.data()};
  return true;
}

namespace {

RandomTraining make_training(unsigned seed, bool linear) {
  Random random(seed);
  RandomTraining training;
  const bool categories = chance(random, 0.5F) && !linear;
  const auto& objective = pick(random, objectives());
  const auto classes = 2 + below(random, 4);
  std::vector<ColumnKind> columns(1 + below(random, 8));
  for (auto& column : columns) {
    column = random_column(random, categories);
    if (linear) tame(column);
  }

  auto& rows = training.rows;
  rows.rows = 30 + below(random, 300);
  rows.features = static_cast<std::int32_t>(columns.size());
  std::vector<float> labels;
  std::vector<float> weights;
  const bool weighted = objective.name != "rank:pairwise" && chance(random, 0.3F);
  for (std::int64_t row = 0; row < rows.rows; ++row) {
    for (const auto& column : columns) rows.values.push_back(random_value(random, column));
    labels.push_back(random_label(random, objective.labels, signal(rows, row), classes));
    if (weighted) weights.push_back(0.1F + unit(random));
  }
  training.pages = std::make_unique<MemoryPages>(rows, labels, weights, 10 + below(random, 200));

  auto& task = training.task;
  task.train = training.pages.get();
  task.rounds = static_cast<int>(1 + below(random, 6));
  task.max_bin = static_cast<int>(pick<std::uint32_t>(random, {16, 64, 256}));
  task.params = linear ? random_linear_params(random) : random_params(random, categories);
  task.params.emplace_back("objective", objective.name);
  if (objective.labels == LabelKind::class_index) {
    task.params.emplace_back("num_class", std::to_string(classes));
  }
  if (chance(random, 0.5F)) task.params.emplace_back("base_score", objective.base_score);
  for (std::size_t f = 0; f < columns.size(); ++f) {
    task.feature_names.push_back("column " + std::to_string(f));
    task.feature_kinds.push_back(columns[f].kind);
  }
  describe(training, seed);
  return training;
}

}  // namespace

RandomTraining random_training(unsigned seed) { return make_training(seed, false); }

RandomTraining random_linear_training(unsigned seed) { return make_training(seed, true); }

Rows probe_rows(const codegen::Model& model, std::mt19937& random, std::int64_t count,
                bool infinite) {
  const auto points = split_points(model);
  Rows rows{count, static_cast<std::int32_t>(points.size()), {}};
  for (std::int64_t row = 0; row < count; ++row) {
    for (const auto& at : points) rows.values.push_back(probe_value(random, at, infinite));
  }
  return rows;
}

}  // namespace quern::test
