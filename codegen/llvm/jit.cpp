// From a plan to a function of this process: LLVM's optimizer and its just-in-time compiler. The
// one file that sees them, for their headers take long to read.

#include <llvm/ExecutionEngine/Orc/CompileUtils.h>
#include <llvm/ExecutionEngine/Orc/JITTargetMachineBuilder.h>
#include <llvm/ExecutionEngine/Orc/LLJIT.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>

#include <cmath>
#include <mutex>

#include "base/plugin.h"
#include "codegen/llvm/compile.h"
#include "codegen/llvm/lowering.h"
#include "codegen/llvm/object_cache.h"

namespace quern::codegen {
namespace {

Diagnostic failed(const std::string& words) {
  return {Code::internal, "LLVM could not compile a model: " + words};
}

Diagnostic failed(llvm::Error error) { return failed(llvm::toString(std::move(error))); }

void start_llvm() {
  static std::once_flag once;
  std::call_once(once, [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
  });
}

void optimize(llvm::Module& module, llvm::TargetMachine& machine) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager calls;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(&machine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(calls);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, calls, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O1).run(module, modules);
}

class Compiled final : public CompiledBlock {
 public:
  Compiled(std::unique_ptr<llvm::orc::LLJIT> jit, BlockFunction function)
      : jit_(std::move(jit)), function_(function) {}
  BlockFunction function() const override { return function_; }

 private:
  std::unique_ptr<llvm::orc::LLJIT> jit_;
  BlockFunction function_;
};

double logarithm(double x) { return std::log(x); }

/// What code may call: the very functions that the interpreter uses.
llvm::Error define_symbols(llvm::orc::LLJIT& jit) {
  llvm::orc::SymbolMap symbols;
  symbols[jit.mangleAndIntern("log")] = {llvm::orc::ExecutorAddr::fromPtr(&logarithm),
                                         llvm::JITSymbolFlags::Exported};
  return jit.getMainJITDylib().define(llvm::orc::absoluteSymbols(std::move(symbols)));
}

/// What decides about an object besides its code.
std::string machine_words(llvm::TargetMachine& machine) {
  return machine.getTargetTriple().str() + "\n" + machine.getTargetCPU().str() + "\n" +
         machine.getTargetFeatureString().str() + "\n" + LLVM_VERSION_STRING + "\n" + build_id();
}

std::string text_of(const llvm::Module& module) {
  std::string out;
  llvm::raw_string_ostream words(out);
  module.print(words, nullptr);
  return out;
}

/// The module as a relocatable object.
llvm::Expected<std::string> make_object(llvm::Module& module, llvm::TargetMachine& machine) {
  module.setDataLayout(machine.createDataLayout());
  module.setTargetTriple(machine.getTargetTriple().str());
  optimize(module, machine);
  auto object = llvm::orc::SimpleCompiler(machine)(module);
  if (!object) return object.takeError();
  return (*object)->getBuffer().str();
}

Result<std::unique_ptr<CompiledBlock>> link(const std::string& object,
                                            llvm::orc::JITTargetMachineBuilder machine) {
  auto jit = llvm::orc::LLJITBuilder().setJITTargetMachineBuilder(std::move(machine)).create();
  if (!jit) return failed(jit.takeError());
  if (auto error = define_symbols(**jit)) return failed(std::move(error));
  if (auto error = (*jit)->addObjectFile(llvm::MemoryBuffer::getMemBufferCopy(object)))
    return failed(std::move(error));
  auto found = (*jit)->lookup(kBlockFunction);
  if (!found) return failed(found.takeError());
  const auto function = found->toPtr<BlockFunction>();
  return std::unique_ptr<CompiledBlock>(std::make_unique<Compiled>(std::move(*jit), function));
}

}  // namespace

Result<std::unique_ptr<CompiledBlock>> compile_block(const FusionPlan& plan,
                                                     const CodeOptions& options) {
  start_llvm();
  auto machine_builder = llvm::orc::JITTargetMachineBuilder::detectHost();
  if (!machine_builder) return failed(machine_builder.takeError());
  auto machine = machine_builder->createTargetMachine();
  if (!machine) return failed(machine.takeError());

  llvm::LLVMContext context;
  std::string problem;
  const auto module = lower(context, plan, problem);
  if (module == nullptr) return failed(problem);

  const ObjectCache cache(options.cache, options.cache_bytes);
  const auto name = ObjectCache::name_of(text_of(*module), machine_words(**machine));
  if (const auto kept = cache.load(name)) {
    auto linked = link(*kept, *machine_builder);
    if (linked) return linked;
  }
  auto object = make_object(*module, **machine);
  if (!object) return failed(object.takeError());
  cache.store(name, *object);
  return link(*object, *machine_builder);
}

}  // namespace quern::codegen
