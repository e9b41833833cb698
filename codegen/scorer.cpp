// The interpreting scorer: feature interpreter, then the model's own.

#include "codegen/scorer.h"

#include "codegen/interpret/base_margins.h"
#include "codegen/interpret/features.h"

namespace quern::codegen {
namespace {

class InterpretedScorer final : public Scorer {
 public:
  InterpretedScorer(const ir::Manifest& manifest, Model model, std::vector<std::size_t> columns,
                    std::vector<std::size_t> margin_columns)
      : features_(manifest.program, std::move(columns)),
        margin_inputs_(manifest.base_margin),
        margin_columns_(std::move(margin_columns)),
        model_(std::move(model)) {}

  std::int32_t outputs() const override { return shape().outputs; }
  Link link() const override { return shape().link; }

  Result<void> score(const ColumnBatch& batch, std::vector<float>& margins) const override {
    QUERN_TRY(const auto base, read_base_margins(batch, margin_columns_, margin_inputs_));
    const auto features = shape().features;
    std::vector<float> matrix(static_cast<std::size_t>(batch.rows * features));
    QUERN_CHECK(features_.run(batch, matrix.data(), batch.rows));
    margins.resize(static_cast<std::size_t>(batch.rows * outputs()));
    predict_margins(model_, {matrix.data(), batch.rows, features, 1, batch.rows}, margins, base);
    return {};
  }

 private:
  const ModelShape& shape() const { return shape_of(model_); }

  FeatureInterpreter features_;
  const std::vector<ir::Input>& margin_inputs_;
  std::vector<std::size_t> margin_columns_;
  Model model_;
};

}  // namespace

Result<Model> read_model(const ir::Manifest& manifest, std::span<const std::uint8_t> payload) {
  QUERN_TRY(auto model, read_xgboost_model(payload));
  const auto& shape = shape_of(model);
  const auto features = static_cast<std::int32_t>(manifest.program.features.size());
  if (shape.features != features) {
    return Diagnostic{Code::corrupt_model,
                      "stored model is corrupt: its manifest has " + std::to_string(features) +
                          " features, its payload " + std::to_string(shape.features)};
  }
  const auto classes = static_cast<std::int32_t>(manifest.label.classes.size());
  const std::int32_t expected = manifest.label.task == ir::Task::multiclass ? classes : 1;
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
                                            std::vector<std::size_t> margin_columns) {
  QUERN_TRY(auto model, read_model(manifest, payload));
  return std::unique_ptr<Scorer>(std::make_unique<InterpretedScorer>(
      manifest, std::move(model), std::move(columns), std::move(margin_columns)));
}

}  // namespace quern::codegen
