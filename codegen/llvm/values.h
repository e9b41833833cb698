#pragma once
// LLVM's code of features: from 64 rows of a column to 64 floats. Private to codegen/llvm.

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Module.h>

#include <string>

#include "codegen/fusion/fusion_plan.h"

namespace quern::codegen {

/// Rows that code handles at a time: as many as a word of a mask has bits. LLVM cuts its vectors of
/// 64 into what the processor has.
inline constexpr unsigned kTurn = 64;

/// Types and values that all code here uses.
class CodeTypes {
 public:
  explicit CodeTypes(llvm::LLVMContext& context);

  llvm::IntegerType* word;  ///< i64: a bit a row
  llvm::IntegerType* i32;
  llvm::PointerType* pointer;
  llvm::FixedVectorType* bits;     ///< <64 x i1>
  llvm::FixedVectorType* codes;    ///< <64 x i32>
  llvm::FixedVectorType* floats;   ///< <64 x float>
  llvm::FixedVectorType* doubles;  ///< <64 x double>

  /// <64 x T> of a column's values; booleans are bits.
  llvm::FixedVectorType* vector_of(TypeKind kind) const;
  llvm::Type* scalar_of(TypeKind kind) const;
  llvm::Constant* constant(TypeKind kind, std::uint64_t bits) const;

 private:
  llvm::LLVMContext& context_;
};

using Builder = llvm::IRBuilder<>;

/// Where a column of the block lies: pointers to the first row.
struct ColumnPointers {
  llvm::Value* values = nullptr;
  llvm::Value* validity = nullptr;
};

/// Emits what a feature is for rows [64 * part, 64 * part + 64).
class ValueCode {
 public:
  ValueCode(const CodeTypes& types, Builder& at) : types_(types), at_(at) {}

  /// The column's values as they are.
  llvm::Value* raw(const ColumnPointers& column, TypeKind kind, llvm::Value* part,
                   const std::string& name);
  /// A bit for each row that is not NULL.
  llvm::Value* valid(const ColumnPointers& column, llvm::Value* part);
  /// The feature: <64 x float>, NaN where it is missing.
  llvm::Value* feature(const FusedFeature& feature, const FusedColumn& of,
                       const ColumnPointers& column, llvm::Value* part);
  /// A word with a bit for each row of a condition.
  llvm::Value* to_word(llvm::Value* bits, const std::string& name = "");
  llvm::Value* to_bits(llvm::Value* word, const std::string& name = "");

 private:
  llvm::Value* as_float(llvm::Value* raw, TypeKind kind, const std::string& name);
  llvm::Value* as_double(llvm::Value* raw, TypeKind kind, const std::string& name);
  llvm::Value* step(const ir::Step& step, llvm::Value* x);
  llvm::Value* bucket(const std::vector<double>& boundaries, llvm::Value* x);
  llvm::Value* identity(std::uint32_t size, llvm::Value* x);
  llvm::Value* number(double value);
  llvm::Value* keep_missing(llvm::Value* x, llvm::Value* otherwise);

  const CodeTypes& types_;
  Builder& at_;
};

}  // namespace quern::codegen
