// The scorer of a batch whose columns are the model's own.

#include "runtime/pipeline/prepared_model.h"

#include <numeric>

namespace quern::runtime {
namespace {

std::vector<std::size_t> places(std::size_t first, std::size_t count) {
  std::vector<std::size_t> out(count);
  std::iota(out.begin(), out.end(), first);
  return out;
}

}  // namespace

PreparedModel::PreparedModel(std::shared_ptr<const ir::Manifest> manifest,
                             std::unique_ptr<codegen::Scorer> scorer)
    : manifest_(std::move(manifest)),
      scorer_(std::move(scorer)),
      outcomes_(*manifest_, *scorer_),
      columns_(manifest_->program.inputs) {
  const auto& margins = manifest_->base_margin;
  columns_.insert(columns_.end(), margins.begin(), margins.end());
}

Result<std::shared_ptr<const PreparedModel>> PreparedModel::make(
    std::shared_ptr<const ir::Manifest> manifest, std::span<const std::uint8_t> payload,
    const codegen::Scoring& scoring) {
  const auto inputs = manifest->program.inputs.size();
  QUERN_TRY(auto scorer,
            codegen::make_scorer(*manifest, payload, places(0, inputs),
                                 places(inputs, manifest->base_margin.size()), scoring));
  return std::shared_ptr<const PreparedModel>(
      new PreparedModel(std::move(manifest), std::move(scorer)));
}

Result<void> PreparedModel::score(const ColumnBatch& batch, std::vector<float>& answers) const {
  QUERN_CHECK(scorer_->score(batch, answers));
  outcomes_.link(answers);
  return {};
}

}  // namespace quern::runtime
