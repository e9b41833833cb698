#pragma once
// The interface of everything that scores: column batches of a query in, margins out.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/column.h"
#include "base/result.h"
#include "codegen/model.h"
#include "codegen/scoring.h"
#include "compiler/ir/manifest.h"

namespace quern::codegen {

/// Features and model of one stored model, ready for batches of one query. Threads: const,
/// re-entrant.
class Scorer {
 public:
  virtual ~Scorer() = default;
  virtual std::int32_t outputs() const = 0;  ///< margins a row
  virtual Link link() const = 0;
  /// Resizes `margins` to batch.rows * outputs() and fills it, row-major. Errors:
  /// list_length_changed, bad_base_margin, without a span.
  virtual Result<void> score(const ColumnBatch& batch, std::vector<float>& margins) const = 0;
};

/// Reads a stored model's payload and checks that it fits its manifest.
/// Errors: corrupt_model, not_in_this_version, out_of_memory.
Result<Model> read_model(const ir::Manifest& manifest, std::span<const std::uint8_t> payload);

/// Makes a scorer from a manifest, the engine's payload and the places of inputs and base margins
/// among the query's columns: features are interpreted, forests scored as `scoring` says. The
/// manifest must outlive it. Errors: corrupt_model, not_in_this_version.
Result<std::unique_ptr<Scorer>> make_scorer(const ir::Manifest& manifest,
                                            std::span<const std::uint8_t> payload,
                                            std::vector<std::size_t> columns,
                                            std::vector<std::size_t> margin_columns,
                                            const Scoring& scoring = {});

/// The code that would be compiled for a model and a query, as LLVM's text before it is optimized.
/// \param kinds  of the columns that the query returns for the program's inputs.
/// Errors: corrupt_model, not_in_this_version, plugin_missing, internal.
Result<std::string> print_code(const ir::Manifest& manifest, std::span<const std::uint8_t> payload,
                               const std::vector<TypeKind>& kinds);

}  // namespace quern::codegen
