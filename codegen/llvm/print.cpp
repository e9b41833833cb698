// A module as text.

#include <llvm/IR/LLVMContext.h>
#include <llvm/Support/raw_ostream.h>

#include "codegen/llvm/compile.h"
#include "codegen/llvm/lowering.h"

namespace quern::codegen {

Result<std::string> print_block(const FusionPlan& plan) {
  llvm::LLVMContext context;
  std::string problem;
  const auto module = lower(context, plan, problem);
  if (module == nullptr)
    return Diagnostic{Code::internal, "the code of a model is not well formed: " + problem};
  std::string out;
  llvm::raw_string_ostream words(out);
  module->print(words, nullptr);
  return out;
}

}  // namespace quern::codegen
