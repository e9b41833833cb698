#pragma once
// Fusion plans as LLVM modules. Private to codegen/llvm.

#include <llvm/IR/Module.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "codegen/fusion/fusion_plan.h"
#include "codegen/llvm/values.h"

namespace quern::codegen {

/// The name of the function in each module: a BlockFunction.
inline constexpr const char* kBlockFunction = "block";

/// A module that grows: the function `block`, and others that it calls.
class BlockCode {
 public:
  using Parameters = std::vector<std::pair<llvm::Type*, std::string>>;

  BlockCode(llvm::LLVMContext& context, const FusionPlan& plan);

  /// Begins a function that only this module calls; code goes into it until end_function().
  llvm::Function* begin_function(const std::string& name, const Parameters& parameters);
  void end_function();
  /// Ends `block` and gives the module away.
  std::unique_ptr<llvm::Module> finish();

  /// A loop whose counter runs from 0 below `count`; code then goes behind it.
  void loop(llvm::Value* count, const std::string& name,
            const std::function<void(llvm::Value*)>& body);
  /// The same over the turns that so many lanes need for a block.
  void each_turn(unsigned lanes, const std::function<void(llvm::Value*)>& body);

  /// A constant array that is called `name`.
  llvm::Value* table(const std::string& name, llvm::Type* element,
                     const std::vector<llvm::Constant*>& values);
  llvm::Value* table(const std::string& name, const std::vector<std::uint32_t>& values);
  llvm::Value* table(const std::string& name, const std::vector<float>& values);

  llvm::Constant* count(std::size_t value) const { return types.number(value); }
  /// Where a column of the plan lies.
  ColumnPointers column(std::size_t place);
  /// Writes the answers of a turn.
  void store_answer(llvm::Value* bits, const CodeTypes& of, llvm::Value* of_masks,
                    llvm::Value* mask, llvm::Value* turn);

  const FusionPlan& plan;
  const CodeTypes types;
  Builder at;
  ValueCode value;
  llvm::Value* columns;  ///< of `block`
  llvm::Value* masks;
  llvm::Value* values;

 private:
  std::unique_ptr<llvm::Module> module_;
  llvm::BasicBlock* outside_ = nullptr;  ///< where `block` goes on
};

/// Fills `block` with what a forest asks.
void emit_answers(BlockCode& code, const FusedForest& forest);
/// Fills it with the sums of a linear model.
void emit_sums(BlockCode& code, const FusedLinear& linear);

/// The whole module, verified. Null, and why, where it is not well formed: a mistake of ours.
std::unique_ptr<llvm::Module> lower(llvm::LLVMContext& context, const FusionPlan& plan,
                                    std::string& problem);

}  // namespace quern::codegen
