// Scorers: the feature interpreter, then the model.

#include "codegen/scorer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/plugin.h"
#include "codegen/fusion/tiered_scorer.h"
#include "codegen/interpret/base_margins.h"
#include "codegen/interpret/features.h"
#include "codegen/ready_model.h"

namespace quern::codegen {
namespace {

/// Where the features of groups that a forest splits by stand behind the other features.
struct UsedColumns {
  std::vector<std::int32_t> place;  ///< by column behind the dense ones; -1: not used
  std::int32_t count = 0;
};

/// Renumbers a forest's features: those of groups that it does not split by need no room.
UsedColumns renumber(Model& model, const ir::FeatureProgram& program) {
  auto* of_trees = std::get_if<Forest>(&model);
  if (of_trees == nullptr) return {};
  auto& forest = *of_trees;
  const auto dense = static_cast<std::int32_t>(ir::dense_width(program));
  const auto all = static_cast<std::int32_t>(program.features.size());
  UsedColumns used{std::vector<std::int32_t>(ir::width(program) - ir::dense_width(program), -1)};
  for (auto& tree : forest.trees) {
    for (auto& node : tree.nodes) {
      if (node.left == -1 || node.feature < dense) continue;
      auto& place = used.place[static_cast<std::size_t>(node.feature - dense)];
      if (place == -1) place = all + used.count++;
      node.feature = place;
    }
  }
  forest.features = all + used.count;
  return used;
}

/// Scores rows that have groups of features.
class SparseScorer final : public Scorer {
 public:
  /// \param used  as renumber() has left the model.
  SparseScorer(const ir::Manifest& manifest, std::shared_ptr<const ReadyModel> model,
               ScorerColumns columns, UsedColumns used)
      : program_(manifest.program),
        features_(manifest.program, std::move(columns.inputs)),
        margin_inputs_(manifest.base_margin),
        margin_columns_(std::move(columns.margins)),
        used_(std::move(used)),
        model_(std::move(model)) {}

  std::int32_t outputs() const override { return model_->shape().outputs; }
  Link link() const override { return model_->shape().link; }

  Result<void> score(const ColumnBatch& batch, std::vector<float>& margins) const override {
    QUERN_TRY(const auto base, read_base_margins(batch, margin_columns_, margin_inputs_));
    const auto all = static_cast<std::int32_t>(program_.features.size());
    const auto columns = all + used_.count;
    std::vector<float> matrix(static_cast<std::size_t>(batch.rows * columns),
                              std::numeric_limits<float>::quiet_NaN());
    QUERN_CHECK(features_.run(batch, matrix.data(), batch.rows));
    std::vector<SparseRows> groups;
    QUERN_CHECK(features_.run_groups(batch, matrix.data(), batch.rows, groups));
    margins.resize(static_cast<std::size_t>(batch.rows * outputs()));
    const FeatureView view{matrix.data(), batch.rows, columns, 1, batch.rows};
    if (const auto* linear = std::get_if<Linear>(&model_->model())) {
      add_linear(*linear, view, groups, margins, base);
      return {};
    }
    scatter(groups, matrix);
    model_->score(view, margins, base);
    return {};
  }

 private:
  /// Puts the entries that the forest splits by into the matrix.
  void scatter(const std::vector<SparseRows>& groups, std::vector<float>& matrix) const {
    std::size_t first = 0;
    for (std::size_t g = 0; g < groups.size(); ++g) {
      const auto width = program_.groups[g].width;
      const auto rows = groups[g].rows();
      for (std::int64_t r = 0; r < rows; ++r) {
        for (const auto& entry : groups[g].row(r)) {
          const auto place = entry.key < width ? used_.place[first + entry.key] : -1;
          if (place >= 0) matrix[static_cast<std::size_t>(place * rows + r)] = entry.value;
        }
      }
      first += width;
    }
  }

  /// The sum of a row in the order of the features, as XGBoost sums the entries that are there.
  float linear_sum(const Linear& linear, const FeatureView& x,
                   const std::vector<SparseRows>& groups, std::int64_t row, std::int32_t o,
                   float sum) const {
    const auto dense = static_cast<std::int32_t>(ir::dense_width(program_));
    for (std::int32_t f = 0; f < dense; ++f) {
      const float value = x.at(row, f);
      if (!std::isnan(value)) sum += value * linear.weight(f, o);
    }
    auto first = static_cast<std::uint32_t>(dense);
    for (std::size_t g = 0; g < groups.size(); ++g) {
      const auto width = program_.groups[g].width;
      for (const auto& entry : groups[g].row(row)) {
        if (entry.key >= width) continue;
        sum += entry.value * linear.weight(static_cast<std::int32_t>(first + entry.key), o);
      }
      first += width;
    }
    return sum;
  }

  void add_linear(const Linear& linear, const FeatureView& x, const std::vector<SparseRows>& groups,
                  std::vector<float>& margins, BaseMargins base) const {
    for (std::int64_t row = 0; row < x.rows; ++row) {
      const auto first = first_margins(linear, base, row);
      for (std::int32_t o = 0; o < linear.outputs; ++o) {
        const auto sum = linear.bias(o) + first[static_cast<std::size_t>(o)];
        margins[static_cast<std::size_t>(row * linear.outputs + o)] =
            linear_sum(linear, x, groups, row, o, sum);
      }
    }
  }

  const ir::FeatureProgram& program_;
  FeatureInterpreter features_;
  const std::vector<ir::Input>& margin_inputs_;
  std::vector<std::size_t> margin_columns_;
  UsedColumns used_;
  std::shared_ptr<const ReadyModel> model_;
};

class InterpretedScorer final : public Scorer {
 public:
  InterpretedScorer(const ir::Manifest& manifest, std::shared_ptr<const ReadyModel> model,
                    ScorerColumns columns)
      : features_(manifest.program, std::move(columns.inputs)),
        margin_inputs_(manifest.base_margin),
        margin_columns_(std::move(columns.margins)),
        model_(std::move(model)) {}

  std::int32_t outputs() const override { return model_->shape().outputs; }
  Link link() const override { return model_->shape().link; }

  Result<void> score(const ColumnBatch& batch, std::vector<float>& margins) const override {
    QUERN_TRY(const auto base, read_base_margins(batch, margin_columns_, margin_inputs_));
    const auto features = model_->shape().features;
    std::vector<float> matrix(static_cast<std::size_t>(batch.rows * features));
    QUERN_CHECK(features_.run(batch, matrix.data(), batch.rows));
    margins.resize(static_cast<std::size_t>(batch.rows * outputs()));
    const FeatureView view{matrix.data(), batch.rows, features, 1, batch.rows};
    model_->score(view, margins, base);
    return {};
  }

 private:
  FeatureInterpreter features_;
  const std::vector<ir::Input>& margin_inputs_;
  std::vector<std::size_t> margin_columns_;
  std::shared_ptr<const ReadyModel> model_;
};

/// Scores rows with a network, whose sparse groups stay sparse.
class NetworkScorer final : public Scorer {
 public:
  NetworkScorer(const ir::Manifest& manifest, std::shared_ptr<const ReadyModel> model,
                ScorerColumns columns)
      : columns_of_matrix_(static_cast<std::int32_t>(manifest.program.features.size())),
        features_(manifest.program, std::move(columns.inputs)),
        margin_inputs_(manifest.base_margin),
        margin_columns_(std::move(columns.margins)),
        model_(std::move(model)) {}

  std::int32_t outputs() const override { return model_->shape().outputs; }
  Link link() const override { return model_->shape().link; }

  Result<void> score(const ColumnBatch& batch, std::vector<float>& margins) const override {
    QUERN_TRY(const auto base, read_base_margins(batch, margin_columns_, margin_inputs_));
    const auto size = static_cast<std::size_t>(batch.rows * columns_of_matrix_);
    const auto matrix = std::make_unique_for_overwrite<float[]>(size);
    QUERN_CHECK(features_.run(batch, matrix.get(), batch.rows));
    std::vector<SparseRows> groups;
    QUERN_CHECK(features_.run_groups(batch, matrix.get(), batch.rows, groups));
    margins.resize(static_cast<std::size_t>(batch.rows * outputs()));
    model_->score({matrix.get(), batch.rows, columns_of_matrix_, 1, batch.rows}, groups, margins,
                  base);
    return {};
  }

 private:
  std::int32_t columns_of_matrix_;
  FeatureInterpreter features_;
  const std::vector<ir::Input>& margin_inputs_;
  std::vector<std::size_t> margin_columns_;
  std::shared_ptr<const ReadyModel> model_;
};

bool may_compile(KernelChoice kernel) {
  return kernel == KernelChoice::automatic || kernel == KernelChoice::compiled;
}

Result<Model> read_any(const ir::Manifest& manifest, std::span<const std::uint8_t> payload) {
  if (manifest.payload_format != ir::kNetworkFormat) return read_xgboost_model(payload);
  QUERN_TRY(auto network, read_network(payload, manifest.objective));
  const auto dense = static_cast<std::int32_t>(ir::dense_width(manifest.program));
  const auto& groups = manifest.program.groups;
  const bool same = network.network.features == dense &&
                    std::equal(groups.begin(), groups.end(), network.network.group_widths.begin(),
                               network.network.group_widths.end(), [](const auto& g, auto width) {
                                 return std::cmp_equal(g.width, width);
                               });
  if (same) return Model(std::move(network));
  return Diagnostic{
      Code::corrupt_model,
      "stored model is corrupt: its network reads other features than its manifest has"};
}

/// Margins of a row that the label needs.
std::int32_t margins_of(const ir::Label& label) {
  const bool by_class = label.task == ir::Task::multiclass || label.task == ir::Task::clusters;
  return by_class ? static_cast<std::int32_t>(label.classes.size()) : label.width();
}

}  // namespace

Result<Model> read_model(const ir::Manifest& manifest, std::span<const std::uint8_t> payload) {
  QUERN_TRY(auto model, read_any(manifest, payload));
  const auto& shape = shape_of(model);
  const auto features = static_cast<std::int32_t>(ir::width(manifest.program));
  if (shape.features != features) {
    return Diagnostic{Code::corrupt_model,
                      "stored model is corrupt: its manifest has " + std::to_string(features) +
                          " features, its payload " + std::to_string(shape.features)};
  }
  const auto expected = margins_of(manifest.label);
  if (shape.outputs != expected) {
    return Diagnostic{Code::corrupt_model,
                      "stored model is corrupt: it gives " + std::to_string(shape.outputs) +
                          " margins a row, its label needs " + std::to_string(expected)};
  }
  if (!manifest.base_margin.empty() &&
      static_cast<std::int32_t>(manifest.base_margin.size()) != shape.outputs) {
    return Diagnostic{Code::corrupt_model, "stored model is corrupt: its base margin has " +
                                               std::to_string(manifest.base_margin.size()) +
                                               " columns, its payload " +
                                               std::to_string(shape.outputs) + " outputs"};
  }
  return model;
}

Result<std::unique_ptr<Scorer>> make_scorer(const ir::Manifest& manifest,
                                            std::span<const std::uint8_t> payload,
                                            std::vector<std::size_t> columns,
                                            std::vector<std::size_t> margin_columns,
                                            const Scoring& scoring) {
  QUERN_TRY(auto model, read_model(manifest, payload));
  const ScorerColumns places{std::move(columns), std::move(margin_columns)};
  if (std::holds_alternative<NetworkModel>(model)) {
    auto ready = std::make_shared<const ReadyModel>(std::move(model), scoring.kernel);
    return std::unique_ptr<Scorer>(
        std::make_unique<NetworkScorer>(manifest, std::move(ready), places));
  }
  const bool sparse = !manifest.program.groups.empty();
  auto used = sparse ? renumber(model, manifest.program) : UsedColumns{};
  const auto ready = std::make_shared<const ReadyModel>(std::move(model), scoring.kernel);
  std::unique_ptr<Scorer> plain;
  if (sparse)
    plain = std::make_unique<SparseScorer>(manifest, ready, places, std::move(used));
  else
    plain = std::make_unique<InterpretedScorer>(manifest, ready, places);
  if (!may_compile(scoring.kernel)) return plain;
  return std::unique_ptr<Scorer>(
      std::make_unique<TieredScorer>(std::move(plain), manifest, ready, places, scoring));
}

Result<std::string> describe_kernel(const ir::Manifest& manifest,
                                    std::span<const std::uint8_t> payload, KernelChoice choice) {
  QUERN_TRY(auto model, read_model(manifest, payload));
  const ReadyModel ready(std::move(model), choice);
  return ready.kernel() == nullptr ? std::string() : tree_words(ready.kernel()->ways());
}

Result<std::string> print_code(const ir::Manifest& manifest, std::span<const std::uint8_t> payload,
                               const std::vector<TypeKind>& kinds) {
  QUERN_TRY(auto model, read_model(manifest, payload));
  const auto plan = plan_fusion(manifest.program, ReadyModel(std::move(model)), kinds);
  if (!plan) return std::string("; no code is compiled for this model and query\n");
  QUERN_TRY(const auto* table, load_plugin("llvm"));
  return static_cast<const CodeCompiler*>(table)->print(*plan);
}

}  // namespace quern::codegen
