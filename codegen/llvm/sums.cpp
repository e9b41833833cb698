// Margins of a linear model: the rows of a turn go through all terms before the next.

#include "codegen/llvm/lowering.h"

namespace quern::codegen {
namespace {

/// Adds one term to the sums of a turn, in the order of the terms: float32 addition is not
/// associative.
class Terms {
 public:
  Terms(BlockCode& code, const FusedLinear& linear, llvm::Value* turn)
      : code_(code), linear_(linear), turn_(turn) {
    for (std::size_t o = 0; o < linear.outputs; ++o) sums_.push_back(load(o));
  }

  void add(const FusedLinear::Term& term, const ColumnPointers& column, llvm::Value* weights) {
    const auto& feature = code_.plan.features[term.feature];
    auto* x = code_.value.feature(feature, code_.plan.columns[feature.column], column, turn_);
    term.category ? add_category(term, x, weights) : add_number(term, x);
  }

  void store() {
    for (std::size_t o = 0; o < sums_.size(); ++o)
      code_.at.CreateAlignedStore(sums_[o], place(o), llvm::Align(kLanes * sizeof(float)));
  }

 private:
  llvm::Value* place(std::size_t output) {
    auto& at = code_.at;
    auto* of = at.CreateAdd(turn_, code_.count(output * kBlockRows / kLanes));
    return at.CreateInBoundsGEP(code_.types.floats, code_.values, of);
  }
  llvm::Value* load(std::size_t output) {
    return code_.at.CreateAlignedLoad(code_.types.floats, place(output),
                                      llvm::Align(kLanes * sizeof(float)), "sum");
  }

  void add_number(const FusedLinear::Term& term, llvm::Value* x) {
    auto& at = code_.at;
    auto* there = at.CreateFCmpORD(x, x);
    for (std::size_t o = 0; o < sums_.size(); ++o) {
      auto* weight = llvm::ConstantFP::get(code_.types.floats, llvm::APFloat(term.weights[o]));
      auto* more = at.CreateFAdd(sums_[o], at.CreateFMul(x, weight));
      sums_[o] = at.CreateSelect(there, more, sums_[o], "sum");
    }
  }

  /// The weight of the row's code; a code beyond them has none. Where a block has fewer rows, what
  /// stands behind them may be any number.
  void add_category(const FusedLinear::Term& term, llvm::Value* x, llvm::Value* weights) {
    auto& at = code_.at;
    const auto& types = code_.types;
    const auto width = term.weights.size() / linear_.outputs;
    auto* below = llvm::ConstantFP::get(types.floats, static_cast<double>(width));
    auto* from = at.CreateFCmpOGE(x, llvm::Constant::getNullValue(types.floats));
    auto* known = at.CreateAnd(from, at.CreateFCmpOLT(x, below), "known");
    auto* safe = at.CreateSelect(known, x, llvm::Constant::getNullValue(types.floats));
    auto* code = at.CreateFPToUI(safe, types.codes, "code");
    for (std::size_t o = 0; o < sums_.size(); ++o) {
      auto* scaled = at.CreateMul(code, splat(linear_.outputs));
      auto* number = at.CreateAdd(scaled, splat(o));
      auto* places =
          at.CreateInBoundsGEP(at.getFloatTy(), weights, at.CreateZExt(number, types.counts));
      auto* found =
          at.CreateMaskedGather(types.floats, places, llvm::Align(4), known, nullptr, "weight");
      sums_[o] = at.CreateSelect(known, at.CreateFAdd(sums_[o], found), sums_[o], "sum");
    }
  }
  llvm::Constant* splat(std::size_t value) const {
    return llvm::ConstantInt::get(code_.types.codes, value);
  }

  BlockCode& code_;
  const FusedLinear& linear_;
  llvm::Value* turn_;
  std::vector<llvm::Value*> sums_;
};

}  // namespace

void emit_sums(BlockCode& code, const FusedLinear& linear) {
  std::vector<ColumnPointers> columns;
  for (std::size_t c = 0; c < code.plan.columns.size(); ++c) columns.push_back(code.column(c));
  std::vector<llvm::Value*> weights(linear.terms.size());
  for (std::size_t t = 0; t < linear.terms.size(); ++t) {
    const auto& term = linear.terms[t];
    if (term.category)
      weights[t] = code.table(code.plan.features[term.feature].name + ".weights", term.weights);
  }
  code.each_turn(kLanes, [&](llvm::Value* turn) {
    Terms terms(code, linear, turn);
    for (std::size_t t = 0; t < linear.terms.size(); ++t) {
      const auto& term = linear.terms[t];
      terms.add(term, columns[code.plan.features[term.feature].column], weights[t]);
    }
    terms.store();
  });
}

}  // namespace quern::codegen
