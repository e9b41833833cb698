#pragma once
// Scoring by compiled code: features and model in one pass over the columns of a query, a block of
// rows at a time.

#include <memory>
#include <optional>
#include <vector>

#include "codegen/fusion/code_compiler.h"
#include "codegen/interpret/features.h"
#include "codegen/ready_model.h"
#include "compiler/ir/manifest.h"

namespace quern::codegen {

/// Where a query has what a model needs.
struct ScorerColumns {
  std::vector<std::size_t> inputs;   ///< of the feature program
  std::vector<std::size_t> margins;  ///< of the base margins
};

/// Plans the code of a model over columns of these kinds; nullopt where none is made.
/// \param kinds  of the program's inputs.
std::optional<FusionPlan> plan_fusion(const ir::FeatureProgram& program, const ReadyModel& model,
                                      const std::vector<TypeKind>& kinds);

/// Runs the compiled code of one model and query. Threads: const, re-entrant.
class FusedScorer {
 public:
  /// `manifest` must outlive it.
  FusedScorer(const ir::Manifest& manifest, std::shared_ptr<const ReadyModel> model,
              ScorerColumns columns, FusionPlan plan, std::unique_ptr<CompiledBlock> code);

  /// True where the batch's columns are of the kinds that the code was made for.
  bool fits(const ColumnBatch& batch) const;
  /// As Scorer::score(), bit by bit.
  Result<void> score(const ColumnBatch& batch, std::vector<float>& margins) const;

 private:
  struct Room;
  void find_block(const ColumnBatch& batch, std::int64_t begin, std::int64_t rows,
                  Room& room) const;
  void score_block(std::int64_t rows, std::span<float> out, BaseMargins base, Room& room) const;
  void add_up(std::int64_t rows, std::span<float> out, BaseMargins base, Room& room) const;

  const ir::Manifest& manifest_;
  std::shared_ptr<const ReadyModel> model_;
  ScorerColumns columns_;
  FusionPlan plan_;
  std::unique_ptr<CompiledBlock> code_;
  FeatureInterpreter features_;
  std::vector<std::size_t> prepared_;  ///< features that are interpreted first
};

}  // namespace quern::codegen
