// From a row's values to what the caller asked for.

#include "api/model.hpp"

#include <algorithm>
#include <new>

#include "api/model_impl.h"
#include "runtime/model_file/file.h"
#include "runtime/model_file/transfer.h"

namespace quern {

Model::Impl::Impl(std::shared_ptr<const ir::Manifest> manifest,
                  std::unique_ptr<codegen::RowScorer> scorer, std::vector<std::uint8_t> payload)
    : manifest_(std::move(manifest)),
      scorer_(std::move(scorer)),
      outcomes_(*manifest_, scorer_->link(), scorer_->outputs()),
      payload_(std::move(payload)) {
  for (const auto* inputs : {&manifest_->program.inputs, &manifest_->base_margin}) {
    for (const auto& input : *inputs) columns_.push_back({input.name, input.kind, input.elements});
  }
  for (const auto& value : manifest_->label.classes) classes_.push_back(format_scalar(value));
}

Result<Model> Model::Impl::make(std::shared_ptr<const ir::Manifest> manifest,
                                std::span<const std::uint8_t> payload) {
  QUERN_TRY(auto scorer, codegen::make_row_scorer(*manifest, payload));
  return Model(
      std::make_shared<const Impl>(std::move(manifest), std::move(scorer),
                                   std::vector<std::uint8_t>(payload.begin(), payload.end())));
}

/// The answers of the model stand in front: they become a float for each class.
void Model::Impl::spread(std::span<float> out) const {
  const auto answers = out.first(outcomes_.width());
  if (outcomes_.is_number() || outcomes_.is_vector()) return;
  if (!outcomes_.has_probabilities()) {
    const auto called = outcomes_.class_of(answers);
    std::fill(out.begin(), out.end(), 0.0F);
    out[called] = 1;
  } else if (out.size() == 2) {
    const float positive = outcomes_.probability(answers, 1);
    out[0] = outcomes_.probability(answers, 0);
    out[1] = positive;
  }
}

Result<void> Model::Impl::predict(std::span<const RowValue> row, std::span<float> out) const {
  const auto outputs = this->outputs();
  if (row.size() != columns_.size() || out.size() < outputs) {
    return Diagnostic{Code::bad_model_call,
                      "the model takes " + std::to_string(columns_.size()) + " values and gives " +
                          std::to_string(outputs) + ", the call has room for " +
                          std::to_string(row.size()) + " and " + std::to_string(out.size())};
  }
  out = out.first(outputs);
  const auto answers = out.first(outcomes_.width());
  QUERN_CHECK(scorer_->score(row, answers));
  outcomes_.link(answers);
  spread(out);
  return {};
}

Model::Model(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
Model::Model(const Model&) = default;
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(const Model&) = default;
Model& Model::operator=(Model&&) noexcept = default;
Model::~Model() = default;

Result<Model> Model::from_file(const std::string& path) {
  try {
    QUERN_TRY(const auto bytes, runtime::read_file(path));
    const auto kinds = [](const ColumnType& type) { return std::string(kind_name(type.kind)); };
    QUERN_TRY(auto model, runtime::read_model(bytes, {.path = path}, kinds));
    return Impl::make(std::make_shared<const ir::Manifest>(std::move(model.manifest)),
                      model.payload);
  } catch (const std::bad_alloc&) {
    return Diagnostic{Code::out_of_memory, "out of memory while reading a model"};
  } catch (const std::exception& e) {
    return Diagnostic{Code::internal, std::string("internal error: ") + e.what()};
  }
}

const std::vector<Model::Column>& Model::columns() const { return impl_->columns(); }
const std::vector<std::string>& Model::classes() const { return impl_->classes(); }
std::size_t Model::outputs() const { return impl_->outputs(); }

Result<void> Model::predict_row(std::span<const RowValue> row,
                                std::span<float> out) const noexcept {
  try {
    return impl_->predict(row, out);
  } catch (const std::bad_alloc&) {
    return Diagnostic{Code::out_of_memory, "out of memory while predicting a row"};
  } catch (const std::exception& e) {
    return Diagnostic{Code::internal, std::string("internal error: ") + e.what()};
  }
}

std::size_t Model::class_of(std::span<const float> out) const {
  if (classes().size() == 2) return out[1] > 0.5F ? 1 : 0;
  return static_cast<std::size_t>(
      std::max_element(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(outputs())) -
      out.begin());
}

}  // namespace quern
