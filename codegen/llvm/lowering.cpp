// The parts of a module that forests and linear models share.

#include "codegen/llvm/lowering.h"

#include <llvm/IR/Verifier.h>
#include <llvm/Support/raw_ostream.h>

#include "base/box.h"

namespace quern::codegen {
namespace {

/// Registers of 512 bits where the processor has them; LLVM would keep to 256 on some.
void use_wide_registers(llvm::Function& function) {
  function.addFnAttr("prefer-vector-width", "512");
  function.addFnAttr("min-legal-vector-width", "512");
  function.addFnAttr(llvm::Attribute::NoUnwind);
}

}  // namespace

BlockCode::BlockCode(llvm::LLVMContext& context, const FusionPlan& of)
    : plan(of),
      types(context),
      at(context),
      value(types, at),
      module_(std::make_unique<llvm::Module>("quern", context)) {
  auto* type =
      llvm::FunctionType::get(at.getVoidTy(), {types.pointer, types.pointer, types.pointer}, false);
  auto* block =
      llvm::Function::Create(type, llvm::Function::ExternalLinkage, kBlockFunction, module_.get());
  use_wide_registers(*block);
  columns = block->getArg(0);
  masks = block->getArg(1);
  values = block->getArg(2);
  columns->setName("columns");
  masks->setName("masks");
  values->setName("values");
  at.SetInsertPoint(llvm::BasicBlock::Create(context, "entry", block));
}

llvm::Function* BlockCode::begin_function(const std::string& name, const Parameters& parameters) {
  std::vector<llvm::Type*> parameter_types;
  for (const auto& [type, unused] : parameters) parameter_types.push_back(type);
  auto* type = llvm::FunctionType::get(at.getVoidTy(), parameter_types, false);
  auto* out = llvm::Function::Create(type, llvm::Function::InternalLinkage, name, module_.get());
  use_wide_registers(*out);
  out->addFnAttr(llvm::Attribute::NoInline);
  for (unsigned i = 0; i < parameters.size(); ++i) out->getArg(i)->setName(parameters[i].second);
  outside_ = at.GetInsertBlock();
  at.SetInsertPoint(llvm::BasicBlock::Create(at.getContext(), "entry", out));
  return out;
}

void BlockCode::end_function() {
  at.CreateRetVoid();
  at.SetInsertPoint(outside_);
}

std::unique_ptr<llvm::Module> BlockCode::finish() {
  at.CreateRetVoid();
  return std::move(module_);
}

void BlockCode::loop(llvm::Value* count, const std::string& name,
                     const std::function<void(llvm::Value*)>& body) {
  auto* before = at.GetInsertBlock();
  auto* function = before->getParent();
  auto* turn = llvm::BasicBlock::Create(at.getContext(), name, function);
  auto* end = llvm::BasicBlock::Create(at.getContext(), name + ".end", function);
  if (llvm::isa<llvm::ConstantInt>(count))
    at.CreateBr(turn);
  else
    at.CreateCondBr(at.CreateICmpEQ(count, this->count(0)), end, turn);
  at.SetInsertPoint(turn);
  auto* counter = at.CreatePHI(types.count, 2, name + ".number");
  counter->addIncoming(this->count(0), before);
  body(counter);
  auto* next = at.CreateAdd(counter, this->count(1), "", true, true);
  counter->addIncoming(next, at.GetInsertBlock());
  at.CreateCondBr(at.CreateICmpEQ(next, count), end, turn);
  at.SetInsertPoint(end);
}

void BlockCode::each_turn(unsigned lanes, const std::function<void(llvm::Value*)>& body) {
  loop(count(kBlockRows / lanes), "turn", body);
}

llvm::Value* BlockCode::table(const std::string& name, llvm::Type* element,
                              const std::vector<llvm::Constant*>& values) {
  auto* type = llvm::ArrayType::get(element, values.size());
  return new llvm::GlobalVariable(*module_, type, true, llvm::GlobalValue::PrivateLinkage,
                                  llvm::ConstantArray::get(type, values), name);
}

llvm::Value* BlockCode::table(const std::string& name, const std::vector<std::uint32_t>& values) {
  std::vector<llvm::Constant*> constants;
  for (const auto each : values) constants.push_back(at.getInt32(each));
  return table(name, types.i32, constants);
}

llvm::Value* BlockCode::table(const std::string& name, const std::vector<float>& values) {
  std::vector<llvm::Constant*> constants;
  for (const auto each : values)
    constants.push_back(llvm::ConstantFP::get(at.getFloatTy(), llvm::APFloat(each)));
  return table(name, at.getFloatTy(), constants);
}

ColumnPointers BlockCode::column(std::size_t place) {
  const auto& of = plan.columns[place];
  auto* pair = llvm::ArrayType::get(types.pointer, 2);
  const auto member = [&](unsigned which, const char* name) {
    auto* place_of = at.CreateConstInBoundsGEP2_64(pair, columns, place, which);
    return at.CreateLoad(types.pointer, place_of, of.name + name);
  };
  return {member(0, ".values"), member(1, ".validity")};
}

void BlockCode::store_answer(llvm::Value* bits, const CodeTypes& of, llvm::Value* of_masks,
                             llvm::Value* mask, llvm::Value* turn) {
  auto* type = llvm::ArrayType::get(of.word, kBlockRows / of.lanes);
  auto* place = at.CreateInBoundsGEP(type, of_masks, {mask, turn});
  at.CreateStore(at.CreateBitCast(bits, of.word), place);
}

std::unique_ptr<llvm::Module> lower(llvm::LLVMContext& context, const FusionPlan& plan,
                                    std::string& problem) {
  BlockCode code(context, plan);
  std::visit(Overloaded{
                 [&](const FusedForest& forest) { emit_answers(code, forest); },
                 [&](const FusedLinear& linear) { emit_sums(code, linear); },
             },
             plan.model);
  auto module = code.finish();
  llvm::raw_string_ostream words(problem);
  if (llvm::verifyModule(*module, &words)) return nullptr;
  return module;
}

}  // namespace quern::codegen
