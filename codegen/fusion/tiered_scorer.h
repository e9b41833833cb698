#pragma once
// A scorer that begins at once with what is there, and goes on with compiled code where a query is
// long enough to repay it.

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>

#include "codegen/fusion/fused_scorer.h"
#include "codegen/scorer.h"

namespace quern::codegen {

/// Both ways give the same bits, so that nobody sees when it changes over. Code is compiled in a
/// thread of its own, begun when scoring has taken so long that code would have saved what it
/// costs. Without the plug-in, or where it fails, nothing changes.
class TieredScorer final : public Scorer {
 public:
  /// \param plain      the scorer of the same model and columns that it begins with.
  /// \param scoring    where the kernel is KernelChoice::compiled, the first batch waits for the
  ///                   code; errors: plugin_missing, internal.
  TieredScorer(std::unique_ptr<Scorer> plain, const ir::Manifest& manifest,
               std::shared_ptr<const ReadyModel> model, ScorerColumns columns, Scoring scoring);
  ~TieredScorer() override;

  std::int32_t outputs() const override { return plain_->outputs(); }
  Link link() const override { return plain_->link(); }
  Result<void> score(const ColumnBatch& batch, std::vector<float>& margins) const override;
  /// True once compiled code scores.
  bool is_compiled() const { return fused_.load() != nullptr; }

 private:
  void count(double seconds, const ColumnBatch& batch) const;
  void compile_beside(const std::vector<TypeKind>& kinds) const noexcept;
  Result<void> compile_now(const ColumnBatch& batch) const;
  std::vector<TypeKind> kinds_of(const ColumnBatch& batch) const;

  std::unique_ptr<Scorer> plain_;
  const ir::Manifest& manifest_;
  std::shared_ptr<const ReadyModel> model_;
  ScorerColumns columns_;
  Scoring scoring_;
  double repaid_after_;                    ///< seconds in plain_ after which code is compiled
  mutable std::atomic<double> spent_ = 0;  ///< seconds in plain_
  mutable std::atomic<bool> begun_ = false;
  mutable std::mutex compiling_;
  mutable std::unique_ptr<FusedScorer> compiled_;
  mutable std::atomic<const FusedScorer*> fused_ = nullptr;  ///< compiled_, once it is there
  mutable std::thread compiler_;
};

}  // namespace quern::codegen
