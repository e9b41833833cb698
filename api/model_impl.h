#pragma once
// What a Model holds.

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "api/model.hpp"
#include "codegen/row/row_scorer.h"
#include "compiler/ir/manifest.h"
#include "runtime/pipeline/outcomes.h"
#include "runtime/pipeline/prepared_model.h"

namespace quern {

class Model::Impl {
 public:
  /// Errors: corrupt_model, not_in_this_version.
  static Result<Model> make(std::shared_ptr<const ir::Manifest> manifest,
                            std::span<const std::uint8_t> payload);

  Impl(std::shared_ptr<const ir::Manifest> manifest, std::unique_ptr<codegen::RowScorer> scorer,
       std::vector<std::uint8_t> payload);

  const std::vector<Column>& columns() const { return columns_; }
  const std::vector<std::string>& classes() const { return classes_; }
  /// Floats of an answer: a number or several, or one for each class.
  std::size_t outputs() const { return classes_.empty() ? outcomes_.width() : classes_.size(); }
  Result<void> predict(std::span<const RowValue> row, std::span<float> out) const;
  Result<ColumnBatch> predict(const Schema& schema, const ColumnBatch& rows) const;
  Schema output() const;

 private:
  void spread(std::span<float> out) const;

  std::shared_ptr<const ir::Manifest> manifest_;
  std::unique_ptr<codegen::RowScorer> scorer_;
  runtime::Outcomes outcomes_;
  std::vector<Column> columns_;
  std::vector<std::string> classes_;

  /// Made by the first batch, of a payload that is then let go.
  Result<std::shared_ptr<const runtime::PreparedModel>> prepared() const;
  mutable std::mutex preparing_;
  mutable std::vector<std::uint8_t> payload_;
  mutable std::shared_ptr<const runtime::PreparedModel> prepared_;
};

}  // namespace quern
