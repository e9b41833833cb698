#pragma once
// What the plug-in offers; see CodeCompiler. Private to codegen/llvm.

#include "codegen/fusion/code_compiler.h"

namespace quern::codegen {

Result<std::unique_ptr<CompiledBlock>> compile_block(const FusionPlan& plan,
                                                     const CodeOptions& options);
Result<std::string> print_block(const FusionPlan& plan);

}  // namespace quern::codegen
