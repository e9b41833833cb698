#pragma once
// The fast way through a forest: which kernel there is for it, and with which instructions.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
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

/// Who scores: the oracle, a kernel of one set of instructions, code compiled for the model and
/// query, or what is best here.
enum class KernelChoice : std::uint8_t { automatic, interpreted, portable, avx2, avx512, compiled };

/// By the names of `SET quern.kernel`: "auto", "interpreted", "compiled", and those of the sets;
/// nullopt: none.
std::optional<KernelChoice> kernel_choice(std::string_view name);
/// The set of instructions of a choice; nullopt: the oracle's.
std::optional<VectorSet> vector_set_of(KernelChoice choice);

/// A forest made ready for many rows. Threads: const, re-entrant.
class ForestKernel {
 public:
  virtual ~ForestKernel() = default;
  /// As predict_margins(), bit by bit.
  virtual void score(const FeatureView& x, std::span<float> out, BaseMargins base = {}) const = 0;

  /// What it asks of a block, for code that answers from the query's columns themselves; null: this
  /// forest has trees that need all features.
  virtual const BlockQuestions* questions() const = 0;
  /// As score(), of a block some of whose questions are answered.
  virtual void score_answered(const AnsweredBlock& block, std::span<float> out,
                              BaseMargins base = {}) const = 0;
};

/// Makes the kernel of a forest, which is copied where it is needed. Cost: O(nodes * log nodes)
/// time; memory within ten times that of the forest. `set` must run here.
std::unique_ptr<ForestKernel> make_kernel(Forest forest, VectorSet set);

}  // namespace quern::codegen
