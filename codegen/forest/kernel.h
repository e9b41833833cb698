#pragma once
// The fast way through a forest: which kernel there is for it, and with which instructions.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "codegen/forest/block.h"
#include "codegen/forest/forest.h"

namespace quern::codegen {

/// Instructions that a kernel is made of. Each gives the same bits.
enum class VectorSet : std::uint8_t { portable, avx2, avx512 };

/// "portable", "avx2" or "avx512".
std::string_view vector_set_name(VectorSet set);
bool runs_here(VectorSet set);
/// The widest that runs on this machine.
VectorSet best_vector_set();

/// Who scores: the oracle, a kernel of one set of instructions, one that walks every tree, code
/// compiled for the model and query, or what is best here.
enum class KernelChoice : std::uint8_t {
  automatic,
  interpreted,
  walked,
  portable,
  avx2,
  avx512,
  compiled
};

/// By the names of `SET quern.kernel`: "auto", "interpreted", "walked", "compiled", and those of
/// the sets; nullopt: none.
std::optional<KernelChoice> kernel_choice(std::string_view name);
/// The set of instructions of a choice; nullopt: the oracle's.
std::optional<VectorSet> vector_set_of(KernelChoice choice);

/// What a kernel makes of trees: the best for each, or a walk for all.
enum class TreeForm : std::uint8_t { best, walked };
TreeForm tree_form_of(KernelChoice choice);

/// How many trees of a forest are scored in which way.
struct TreeWays {
  TreeForm form = TreeForm::best;
  std::int64_t sliced = 0;  ///< completed: up to 6 levels, or nearly complete anyway
  std::int64_t picked = 0;  ///< irregular
  std::int64_t walked = 0;  ///< too deep or too wide for masks
  std::int64_t plain = 0;   ///< the same, and with sets of categories
  friend bool operator==(const TreeWays&, const TreeWays&) = default;
};
/// "98 sliced, 2 walked (too deep or too wide for masks)".
std::string tree_words(const TreeWays& ways);

/// A forest made ready for many rows. Threads: const, re-entrant.
class ForestKernel {
 public:
  virtual ~ForestKernel() = default;
  /// As predict_margins(), bit by bit.
  virtual void score(const FeatureView& x, std::span<float> out, BaseMargins base = {}) const = 0;

  virtual TreeWays ways() const = 0;

  /// What it asks of a block, for code that answers from the query's columns themselves; null: this
  /// forest has trees that need all features.
  virtual const BlockQuestions* questions() const = 0;
  /// As score(), of a block some of whose questions are answered.
  virtual void score_answered(const AnsweredBlock& block, std::span<float> out,
                              BaseMargins base = {}) const = 0;
};

/// Makes the kernel of a forest, which is copied where it is needed. Cost: O(nodes * log nodes)
/// time; memory within ten times that of the forest. `set` must run here.
std::unique_ptr<ForestKernel> make_kernel(Forest forest, VectorSet set,
                                          TreeForm form = TreeForm::best);

}  // namespace quern::codegen
