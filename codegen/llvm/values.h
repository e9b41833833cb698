#pragma once
// LLVM's code of features: from some rows of a column to as many floats. Private to codegen/llvm.

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Module.h>

#include <string>

#include "codegen/fusion/fusion_plan.h"

namespace quern::codegen {

/// Rows that values are computed for at a time; LLVM cuts the vectors into what the processor has.
inline constexpr unsigned kLanes = 16;

/// Types of code that handles so many rows at a time.
class CodeTypes {
 public:
  explicit CodeTypes(llvm::LLVMContext& context, unsigned lanes = kLanes);

  unsigned lanes;
  llvm::IntegerType* count;  ///< i64
  llvm::IntegerType* i32;
  llvm::PointerType* pointer;
  llvm::IntegerType* word;        ///< a bit a row
  llvm::FixedVectorType* bits;    ///< the same as a vector
  llvm::FixedVectorType* codes;   ///< of i32
  llvm::FixedVectorType* counts;  ///< of i64
  llvm::FixedVectorType* floats;
  llvm::FixedVectorType* doubles;

  /// Values of a column; booleans are bits.
  llvm::FixedVectorType* vector_of(TypeKind kind) const;
  llvm::Type* scalar_of(TypeKind kind) const;
  llvm::Constant* constant(TypeKind kind, std::uint64_t bits) const;
  llvm::Constant* number(std::size_t value) const { return llvm::ConstantInt::get(count, value); }

 private:
  llvm::LLVMContext& context_;
};

using Builder = llvm::IRBuilder<>;

/// Where a column of the block lies: pointers to the first row.
struct ColumnPointers {
  llvm::Value* values = nullptr;
  llvm::Value* validity = nullptr;
};

/// Emits what a feature is for the rows of one turn, [lanes * turn, lanes * turn + lanes).
class ValueCode {
 public:
  ValueCode(const CodeTypes& types, Builder& at) : types_(types), at_(at) {}

  /// The column's values as they are.
  llvm::Value* raw(const ColumnPointers& column, TypeKind kind, llvm::Value* turn,
                   const std::string& name);
  /// Which rows are not NULL, as bits.
  llvm::Value* there(const ColumnPointers& column, llvm::Value* turn);
  /// The feature as floats, NaN where it is missing.
  llvm::Value* feature(const FusedFeature& feature, const FusedColumn& of,
                       const ColumnPointers& column, llvm::Value* turn);

 private:
  llvm::Value* load_bits(llvm::Value* from, llvm::Value* turn, const std::string& name);
  llvm::Value* as_float(llvm::Value* raw, TypeKind kind);
  llvm::Value* as_double(llvm::Value* raw, TypeKind kind);
  llvm::Value* step(const ir::Step& step, llvm::Value* x);
  llvm::Value* bucket(const std::vector<double>& boundaries, llvm::Value* x);
  llvm::Value* identity(std::uint32_t size, llvm::Value* x);
  llvm::Value* number(double value);
  llvm::Value* keep_missing(llvm::Value* x, llvm::Value* otherwise);

  const CodeTypes& types_;
  Builder& at_;
};

}  // namespace quern::codegen
