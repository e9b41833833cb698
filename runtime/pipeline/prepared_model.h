#pragma once
// A stored model that rows can be given to without a query: for functions of SQL and for programs.

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "codegen/scorer.h"
#include "compiler/ir/manifest.h"
#include "runtime/pipeline/outcomes.h"

namespace quern::runtime {

/// Threads: const, re-entrant.
class PreparedModel {
 public:
  /// Errors: corrupt_model, not_in_this_version, out_of_memory.
  static Result<std::shared_ptr<const PreparedModel>> make(
      std::shared_ptr<const ir::Manifest> manifest, std::span<const std::uint8_t> payload,
      const codegen::Scoring& scoring);

  const ir::Manifest& manifest() const { return *manifest_; }
  const Outcomes& outcomes() const { return outcomes_; }
  /// What a row consists of: the inputs of the features, then the base margins.
  const std::vector<ir::Input>& columns() const { return columns_; }

  /// Fills `answers`, which outcomes() reads. \param batch  of columns(), in their order.
  /// Errors: list_length_changed, bad_vector_text, bad_base_margin, without a span.
  Result<void> score(const ColumnBatch& batch, std::vector<float>& answers) const;

 private:
  PreparedModel(std::shared_ptr<const ir::Manifest> manifest,
                std::unique_ptr<codegen::Scorer> scorer);

  std::shared_ptr<const ir::Manifest> manifest_;
  std::unique_ptr<codegen::Scorer> scorer_;
  Outcomes outcomes_;
  std::vector<ir::Input> columns_;
};

}  // namespace quern::runtime
