#pragma once
// The interface of the plug-in that turns fusion plans into native code.

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "codegen/fusion/fusion_plan.h"

namespace quern::codegen {

/// kBlockRows rows of a column. Values beyond the last row may be anything that can be read.
struct RawColumn {
  const void* values = nullptr;
  const std::uint64_t* validity = nullptr;  ///< kMaskWords words, bit r set: row r is not NULL
};

/// What a plan is compiled to. Of a forest it fills those of `masks` [FusedForest::masks] that it
/// answers and those of `values` [FusedForest::columns, kBlockRows] that have a place; of a linear
/// model it adds to `values` [outputs, kBlockRows], and `masks` is null. Columns are those of the
/// plan.
using BlockFunction = void (*)(const RawColumn* columns, Mask* masks, float* values);

/// Holds the memory in which a function lies. Threads: const, re-entrant.
class CompiledBlock {
 public:
  virtual ~CompiledBlock() = default;
  virtual BlockFunction function() const = 0;
};

struct CodeOptions {
  /// A folder of compiled objects, made where it is missing; "": none are kept.
  std::string cache = {};
  std::uintmax_t cache_bytes = 64 << 20;  ///< beyond which the objects unused for longest go
};

/// The table of the plug-in `quern_llvm`.
struct CodeCompiler {
  /// Compiles for this machine's processor. Errors: internal, out_of_memory.
  Result<std::unique_ptr<CompiledBlock>> (*compile)(const FusionPlan& plan,
                                                    const CodeOptions& options);
  /// The same as LLVM's text, before it is optimized: the same on each machine.
  Result<std::string> (*print)(const FusionPlan& plan);
};

}  // namespace quern::codegen
