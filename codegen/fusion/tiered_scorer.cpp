// When code is made, and by whom.

#include "codegen/fusion/tiered_scorer.h"

#include <system_error>

#include "base/elapsed.h"
#include "base/plugin.h"

namespace quern::codegen {
namespace {

/// What loading LLVM and compiling a model of usual size takes.
constexpr double kCompileSeconds = 0.06;

/// How long scoring has to take until compiling repays itself in as long again. Code makes features
/// nearly free; trees cost what they did, each about as much as a feature.
double seconds_to_repay(const ir::FeatureProgram& program, const ReadyModel& model) {
  const auto* forest = std::get_if<Forest>(&model.model());
  if (forest == nullptr || program.features.empty()) return kCompileSeconds;
  const auto trees = static_cast<double>(forest->trees.size());
  return kCompileSeconds * (1 + trees / static_cast<double>(program.features.size()));
}

/// Fewer rows do not fill enough of a block.
constexpr std::int64_t kFewestRows = 64;

/// Null where no code is made for the model and these columns.
Result<std::unique_ptr<FusedScorer>> make_fused(const ir::Manifest& manifest,
                                                std::shared_ptr<const ReadyModel> model,
                                                ScorerColumns columns,
                                                const std::vector<TypeKind>& kinds,
                                                const Scoring& scoring) {
  auto plan = plan_fusion(manifest.program, *model, kinds);
  if (!plan) return std::unique_ptr<FusedScorer>();
  QUERN_TRY(const auto* table, load_plugin("llvm"));
  QUERN_TRY(auto code,
            static_cast<const CodeCompiler*>(table)->compile(*plan, {.cache = scoring.code_cache}));
  return std::make_unique<FusedScorer>(manifest, std::move(model), std::move(columns),
                                       std::move(*plan), std::move(code));
}

}  // namespace

TieredScorer::TieredScorer(std::unique_ptr<Scorer> plain, const ir::Manifest& manifest,
                           std::shared_ptr<const ReadyModel> model, ScorerColumns columns,
                           Scoring scoring)
    : plain_(std::move(plain)),
      manifest_(manifest),
      model_(std::move(model)),
      columns_(std::move(columns)),
      scoring_(std::move(scoring)),
      repaid_after_(seconds_to_repay(manifest.program, *model_)) {}

TieredScorer::~TieredScorer() {
  if (compiler_.joinable()) compiler_.join();
}

std::vector<TypeKind> TieredScorer::kinds_of(const ColumnBatch& batch) const {
  std::vector<TypeKind> out;
  for (const auto input : columns_.inputs) out.push_back(batch.columns[input].type.kind);
  return out;
}

Result<void> TieredScorer::score(const ColumnBatch& batch, std::vector<float>& margins) const {
  if (scoring_.kernel == KernelChoice::compiled && !begun_.load(std::memory_order_acquire))
    QUERN_CHECK(compile_now(batch));
  const auto* fused = fused_.load(std::memory_order_acquire);
  if (fused != nullptr && batch.rows >= kFewestRows && fused->fits(batch))
    return fused->score(batch, margins);
  if (begun_.load(std::memory_order_relaxed)) return plain_->score(batch, margins);
  const auto start = std::chrono::steady_clock::now();
  QUERN_CHECK(plain_->score(batch, margins));
  count(seconds_since(start), batch);
  return {};
}

void TieredScorer::count(double seconds, const ColumnBatch& batch) const {
  if (spent_.fetch_add(seconds) + seconds < repaid_after_) return;
  if (begun_.exchange(true)) return;
  try {
    compiler_ = std::thread([this, kinds = kinds_of(batch)] { compile_beside(kinds); });
  } catch (const std::system_error&) {
    return;  // no thread is to be had: what is there goes on
  }
}

/// Where memory runs out, too, what is there goes on.
void TieredScorer::compile_beside(const std::vector<TypeKind>& kinds) const noexcept {
  try {
    auto made = make_fused(manifest_, model_, columns_, kinds, scoring_);
    if (!made || *made == nullptr) return;
    compiled_ = std::move(*made);
    fused_.store(compiled_.get(), std::memory_order_release);
  } catch (const std::exception&) {
    return;
  }
}

Result<void> TieredScorer::compile_now(const ColumnBatch& batch) const {
  const std::lock_guard lock(compiling_);
  if (begun_.load()) return {};
  QUERN_TRY(compiled_, make_fused(manifest_, model_, columns_, kinds_of(batch), scoring_));
  fused_.store(compiled_.get(), std::memory_order_release);
  begun_.store(true, std::memory_order_release);
  return {};
}

}  // namespace quern::codegen
