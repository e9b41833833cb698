// The interpreting scorer: feature interpreter, then the forest's walker.

#include "codegen/scorer.h"

#include "codegen/interpret/features.h"

namespace quern::codegen {
namespace {

class InterpretedScorer final : public Scorer {
 public:
  InterpretedScorer(const ir::Manifest& manifest, Forest forest, std::vector<std::size_t> columns)
      : features_(manifest.program, std::move(columns)), forest_(std::move(forest)) {}

  std::int32_t outputs() const override { return forest_.outputs; }
  Link link() const override { return forest_.link; }

  Result<void> score(const ColumnBatch& batch, std::vector<float>& margins) const override {
    std::vector<float> matrix(static_cast<std::size_t>(batch.rows * forest_.features));
    QUERN_CHECK(features_.run(batch, matrix.data(), batch.rows));
    margins.resize(static_cast<std::size_t>(batch.rows * forest_.outputs));
    predict_margins(forest_, {matrix.data(), batch.rows, forest_.features, 1, batch.rows}, margins);
    return {};
  }

 private:
  FeatureInterpreter features_;
  Forest forest_;
};

}  // namespace

Result<Forest> read_forest(const ir::Manifest& manifest, std::span<const std::uint8_t> payload) {
  QUERN_TRY(auto forest, read_xgboost_model(payload));
  const auto features = static_cast<std::int32_t>(manifest.program.features.size());
  if (forest.features != features) {
    return Diagnostic{Code::corrupt_model,
                      "stored model is corrupt: its manifest has " + std::to_string(features) +
                          " features, its payload " + std::to_string(forest.features)};
  }
  const auto classes = static_cast<std::int32_t>(manifest.label.classes.size());
  const std::int32_t expected = manifest.label.task == ir::Task::multiclass ? classes : 1;
  if (forest.outputs != expected) {
    return Diagnostic{Code::corrupt_model,
                      "stored model is corrupt: it gives " + std::to_string(forest.outputs) +
                          " margins a row, its label needs " + std::to_string(expected)};
  }
  return forest;
}

Result<std::unique_ptr<Scorer>> make_scorer(const ir::Manifest& manifest,
                                            std::span<const std::uint8_t> payload,
                                            std::vector<std::size_t> columns) {
  QUERN_TRY(auto forest, read_forest(manifest, payload));
  return std::unique_ptr<Scorer>(
      std::make_unique<InterpretedScorer>(manifest, std::move(forest), std::move(columns)));
}

}  // namespace quern::codegen
