// One piece of code for each kind of column and each step; they compute what codegen/interpret
// does, bit by bit.

#include "codegen/llvm/values.h"

#include <llvm/IR/Intrinsics.h>

#include <limits>

#include "base/box.h"

namespace quern::codegen {
namespace {

bool is_unsigned(TypeKind kind) {
  return kind == TypeKind::uint8 || kind == TypeKind::uint16 || kind == TypeKind::uint32 ||
         kind == TypeKind::uint64 || kind == TypeKind::boolean;
}

bool fits_float_at_once(TypeKind kind) {
  return kind != TypeKind::int64 && kind != TypeKind::uint64;
}

}  // namespace

CodeTypes::CodeTypes(llvm::LLVMContext& context, unsigned of_lanes)
    : lanes(of_lanes),
      count(llvm::Type::getInt64Ty(context)),
      i32(llvm::Type::getInt32Ty(context)),
      pointer(llvm::PointerType::getUnqual(context)),
      word(llvm::Type::getIntNTy(context, lanes)),
      bits(llvm::FixedVectorType::get(llvm::Type::getInt1Ty(context), lanes)),
      codes(llvm::FixedVectorType::get(i32, lanes)),
      counts(llvm::FixedVectorType::get(count, lanes)),
      floats(llvm::FixedVectorType::get(llvm::Type::getFloatTy(context), lanes)),
      doubles(llvm::FixedVectorType::get(llvm::Type::getDoubleTy(context), lanes)),
      context_(context) {}

llvm::Type* CodeTypes::scalar_of(TypeKind kind) const {
  switch (kind) {
    case TypeKind::boolean: return llvm::Type::getInt1Ty(context_);
    case TypeKind::float32: return llvm::Type::getFloatTy(context_);
    case TypeKind::float64: return llvm::Type::getDoubleTy(context_);
    default: {
      constexpr unsigned kBits = 8;
      return llvm::Type::getIntNTy(context_, static_cast<unsigned>(value_width(kind)) * kBits);
    }
  }
}

llvm::FixedVectorType* CodeTypes::vector_of(TypeKind kind) const {
  return llvm::FixedVectorType::get(scalar_of(kind), lanes);
}

llvm::Constant* CodeTypes::constant(TypeKind kind, std::uint64_t bits) const {
  auto* type = scalar_of(kind);
  const llvm::APInt value(type->getScalarSizeInBits(), bits);
  if (!type->isFloatingPointTy()) return llvm::ConstantInt::get(type, value);
  return llvm::ConstantFP::get(type, llvm::APFloat(type->getFltSemantics(), value));
}

llvm::Value* ValueCode::load_bits(llvm::Value* from, llvm::Value* turn, const std::string& name) {
  auto* place = at_.CreateInBoundsGEP(types_.word, from, turn);
  auto* word = at_.CreateAlignedLoad(types_.word, place, llvm::Align(1));
  return at_.CreateBitCast(word, types_.bits, name);
}

llvm::Value* ValueCode::raw(const ColumnPointers& column, TypeKind kind, llvm::Value* turn,
                            const std::string& name) {
  if (kind == TypeKind::boolean) return load_bits(column.values, turn, name);
  auto* type = types_.vector_of(kind);
  auto* place = at_.CreateInBoundsGEP(type, column.values, turn);
  return at_.CreateAlignedLoad(type, place, llvm::Align(1), name);
}

llvm::Value* ValueCode::there(const ColumnPointers& column, llvm::Value* turn) {
  return load_bits(column.validity, turn, "there");
}

llvm::Value* ValueCode::as_float(llvm::Value* raw, TypeKind kind) {
  if (kind == TypeKind::float32) return raw;
  if (kind == TypeKind::float64) return at_.CreateFPTrunc(raw, types_.floats);
  // Whole numbers of 64 bits are rounded twice, as the interpreter does.
  if (!fits_float_at_once(kind)) return at_.CreateFPTrunc(as_double(raw, kind), types_.floats);
  return is_unsigned(kind) ? at_.CreateUIToFP(raw, types_.floats)
                           : at_.CreateSIToFP(raw, types_.floats);
}

llvm::Value* ValueCode::as_double(llvm::Value* raw, TypeKind kind) {
  if (kind == TypeKind::float64) return raw;
  if (kind == TypeKind::float32) return at_.CreateFPExt(raw, types_.doubles);
  return is_unsigned(kind) ? at_.CreateUIToFP(raw, types_.doubles)
                           : at_.CreateSIToFP(raw, types_.doubles);
}

llvm::Value* ValueCode::feature(const FusedFeature& feature, const FusedColumn& of,
                                const ColumnPointers& column, llvm::Value* turn) {
  auto* in = raw(column, of.kind, turn, of.name);
  const bool steps = !feature.steps.empty();
  auto* x = steps ? as_double(in, of.kind) : as_float(in, of.kind);
  if (!of.prepared)
    x = at_.CreateSelect(there(column, turn), x, llvm::ConstantFP::getNaN(x->getType()));
  for (const auto& each : feature.steps) x = step(each, x);
  if (steps) x = at_.CreateFPTrunc(x, types_.floats);
  x->setName(feature.name);
  return x;
}

llvm::Value* ValueCode::number(double value) {
  return llvm::ConstantFP::get(types_.doubles, value);
}

llvm::Value* ValueCode::keep_missing(llvm::Value* x, llvm::Value* otherwise) {
  return at_.CreateSelect(at_.CreateFCmpUNO(x, x, "missing"), x, otherwise);
}

llvm::Value* ValueCode::step(const ir::Step& step, llvm::Value* x) {
  const auto scale = [&](double from, double by, const char* name) {
    return at_.CreateFDiv(at_.CreateFSub(x, number(from)), number(by), name);
  };
  return std::visit(
      Overloaded{
          [&](const ir::Standardize& s) { return scale(s.mean, s.deviation, "standardized"); },
          [&](const ir::MinMax& s) { return scale(s.least, s.range, "scaled"); },
          [&](const ir::Logarithm&) {
            auto* log = at_.CreateUnaryIntrinsic(llvm::Intrinsic::log, x);
            auto* positive = at_.CreateFCmpOGT(x, number(0));
            return at_.CreateSelect(positive, log, number(std::numeric_limits<double>::quiet_NaN()),
                                    "logarithm");
          },
          [&](const ir::Impute& s) {
            return at_.CreateSelect(at_.CreateFCmpUNO(x, x, "missing"), number(s.value), x,
                                    "imputed");
          },
          [&](const ir::Bucket& s) { return bucket(s.boundaries, x); },
          [&](const ir::QuantileBucket& s) { return bucket(s.boundaries, x); },
          [&](const ir::Identity& s) { return identity(s.size, x); },
      },
      step);
}

llvm::Value* ValueCode::bucket(const std::vector<double>& boundaries, llvm::Value* x) {
  llvm::Value* count = llvm::Constant::getNullValue(types_.codes);
  for (const auto boundary : boundaries) {
    auto* above = at_.CreateFCmpOGE(x, number(boundary));
    count = at_.CreateAdd(count, at_.CreateZExt(above, types_.codes));
  }
  return keep_missing(x, at_.CreateUIToFP(count, types_.doubles, "bucket"));
}

llvm::Value* ValueCode::identity(std::uint32_t size, llvm::Value* x) {
  auto* whole = at_.CreateFCmpOEQ(x, at_.CreateUnaryIntrinsic(llvm::Intrinsic::floor, x));
  auto* from = at_.CreateFCmpOGE(x, number(0));
  auto* below = at_.CreateFCmpOLT(x, number(size));
  auto* known = at_.CreateAnd(at_.CreateAnd(from, below), whole, "known");
  return keep_missing(x, at_.CreateSelect(known, x, number(size), "identity"));
}

}  // namespace quern::codegen
