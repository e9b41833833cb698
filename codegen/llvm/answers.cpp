// What a forest needs of a block: values of features, for the kernel to compare, and answers where
// the column itself can be asked.

#include <algorithm>
#include <array>
#include <map>

#include "codegen/llvm/lowering.h"

namespace quern::codegen {
namespace {

class Answers {
 public:
  Answers(BlockCode& code, const FusedForest& forest) : code_(code), forest_(forest) {}

  void emit() {
    for (const auto& feature : code_.plan.features) {
      if (feature.place) store_values(feature);
    }
    for (const auto& each : forest_.raw) ask_raw(each);
    for (const auto& each : forest_.categories) ask_categories(each);
  }

 private:
  const FusedFeature& feature(std::size_t at) const { return code_.plan.features[at]; }
  const FusedColumn& column_of(const FusedFeature& feature) const {
    return code_.plan.columns[feature.column];
  }

  void store_values(const FusedFeature& of) {
    auto& at = code_.at;
    const auto column = code_.column(of.column);
    code_.each_turn(kLanes, [&](llvm::Value* turn) {
      auto* x = code_.value.feature(of, column_of(of), column, turn);
      auto* to = at.CreateAdd(turn, code_.count(*of.place * kBlockRows / kLanes));
      at.CreateAlignedStore(x, at.CreateInBoundsGEP(code_.types.floats, code_.values, to),
                            llvm::Align(kLanes * sizeof(float)));
    });
  }

  // ---- numbers, as they lie in the column

  /// Questions are sorted by their answers for missing and for low values, which are 0 or 1 each.
  static std::size_t order_of(const RawQuestion& question) {
    return 2 * std::size_t{question.if_missing} + std::size_t{question.if_low};
  }

  void ask_raw(const RawQuestions& asked) {
    const auto& of = feature(asked.feature);
    const auto kind = column_of(of).kind;
    auto questions = asked.questions;
    std::stable_sort(questions.begin(), questions.end(),
                     [](const auto& a, const auto& b) { return order_of(a) < order_of(b); });
    std::vector<llvm::Constant*> thresholds;
    std::vector<std::uint32_t> places;
    std::array<std::size_t, 4> counts{};
    for (const auto& question : questions) {
      thresholds.push_back(code_.types.constant(kind, question.threshold));
      places.push_back(question.mask);
      ++counts[order_of(question)];
    }
    const auto pointers = code_.column(of.column);
    std::vector<llvm::Value*> arguments{
        pointers.values, pointers.validity,
        code_.table(of.name + ".thresholds", code_.types.scalar_of(kind), thresholds),
        code_.table(of.name + ".masks", places)};
    for (const auto each : counts) arguments.push_back(code_.count(each));
    arguments.push_back(code_.masks);
    if (asked.floor) arguments.push_back(code_.types.constant(kind, *asked.floor));
    code_.at.CreateCall(raw_function(kind, asked.floor.has_value()), arguments);
  }

  /// Columns of one kind share their code.
  llvm::Function* raw_function(TypeKind kind, bool has_floor) {
    auto& out = functions_[{kind, has_floor}];
    if (out == nullptr) out = make_raw_function(kind, has_floor);
    return out;
  }

  llvm::Function* make_raw_function(TypeKind kind, bool has_floor) {
    constexpr unsigned kRegister = 64;  // bytes
    const CodeTypes types(code_.at.getContext(),
                          kRegister / static_cast<unsigned>(value_width(kind)));
    BlockCode::Parameters parameters{
        {types.pointer, "column"}, {types.pointer, "validity"}, {types.pointer, "thresholds"},
        {types.pointer, "places"}, {types.count, "neither"},    {types.count, "low"},
        {types.count, "missing"},  {types.count, "both"},       {types.pointer, "masks"}};
    if (has_floor) parameters.emplace_back(types.scalar_of(kind), "floor");
    auto* f = code_.begin_function(
        "ask." + std::string(kind_name(kind)) + (has_floor ? ".above" : ""), parameters);
    code_.each_turn(types.lanes,
                    [&](llvm::Value* turn) { compare(*f, types, kind, has_floor, turn); });
    code_.end_function();
    return f;
  }

  /// Rows whose answer is fixed get the least or the greatest value, so that thresholds need no
  /// look at them.
  void compare(llvm::Function& f, const CodeTypes& types, TypeKind kind, bool has_floor,
               llvm::Value* turn) {
    auto& at = code_.at;
    ValueCode value(types, at);
    const ColumnPointers column{f.getArg(0), f.getArg(1)};
    auto* raw = value.raw(column, kind, turn, "raw");
    auto* there = value.there(column, turn);
    if (raw->getType()->isFPOrFPVectorTy()) there = at.CreateAnd(there, at.CreateFCmpORD(raw, raw));
    llvm::Value* first = code_.count(0);
    for (std::size_t which = 0; which < 4; ++which) {
      auto* many = f.getArg(4 + static_cast<unsigned>(which));
      auto* x = raw;
      if (has_floor) {
        auto* all = at.CreateVectorSplat(types.lanes, f.getArg(9));
        x = at.CreateSelect(not_below(all, raw, kind), extreme(types, kind, (which & 1) != 0), x);
      }
      x = at.CreateSelect(there, x, extreme(types, kind, (which & 2) != 0), "asked");
      code_.loop(many, "question", [&](llvm::Value* i) {
        auto* number = at.CreateAdd(first, i);
        auto* threshold = load(types.scalar_of(kind), f.getArg(2), number, "threshold");
        auto* place = load(types.i32, f.getArg(3), number, "place");
        auto* answer = not_below(x, at.CreateVectorSplat(types.lanes, threshold), kind);
        code_.store_answer(answer, types, f.getArg(8), at.CreateZExt(place, types.count), turn);
      });
      first = at.CreateAdd(first, many);
    }
  }

  /// A value that is below each threshold, or not below any.
  static llvm::Constant* extreme(const CodeTypes& types, TypeKind kind, bool greatest) {
    auto* type = types.vector_of(kind);
    if (type->isFPOrFPVectorTy()) return llvm::ConstantFP::getInfinity(type, !greatest);
    const auto bits = type->getScalarSizeInBits();
    if (is_signed(kind))
      return llvm::ConstantInt::get(type, greatest ? llvm::APInt::getSignedMaxValue(bits)
                                                   : llvm::APInt::getSignedMinValue(bits));
    return llvm::ConstantInt::get(
        type, greatest ? llvm::APInt::getMaxValue(bits) : llvm::APInt::getMinValue(bits));
  }

  static bool is_signed(TypeKind kind) {
    return kind == TypeKind::int8 || kind == TypeKind::int16 || kind == TypeKind::int32 ||
           kind == TypeKind::int64;
  }

  llvm::Value* load(llvm::Type* type, llvm::Value* table, llvm::Value* number, const char* name) {
    auto& at = code_.at;
    return at.CreateLoad(type, at.CreateInBoundsGEP(type, table, number), name);
  }

  llvm::Value* not_below(llvm::Value* x, llvm::Value* threshold, TypeKind kind) {
    auto& at = code_.at;
    if (x->getType()->isFPOrFPVectorTy()) return at.CreateFCmpOGE(x, threshold);
    return is_signed(kind) ? at.CreateICmpSGE(x, threshold) : at.CreateICmpUGE(x, threshold);
  }

  // ---- categories

  void ask_categories(const CategoryQuestions& asked) {
    const auto& of = feature(asked.feature);
    const auto column = code_.column(of.column);
    code_.each_turn(kLanes, [&](llvm::Value* turn) {
      const auto codes = read_codes(of, column, turn);
      for (const auto& question : asked.questions) {
        auto* right = in_set(of, question, codes);
        if (!question.default_left) right = code_.at.CreateOr(right, codes.missing);
        code_.store_answer(right, code_.types, code_.masks, code_.count(question.mask), turn);
      }
    });
  }

  struct Codes {
    llvm::Value* code;     ///< 0 where there is none
    llvm::Value* known;    ///< bits
    llvm::Value* missing;  ///< bits
  };

  /// A code is cut to a whole number; negative ones and those from 2^24 on are none.
  Codes read_codes(const FusedFeature& of, const ColumnPointers& column, llvm::Value* turn) {
    auto& at = code_.at;
    const auto& types = code_.types;
    constexpr double kEnd = 16777216.0;
    auto* x = code_.value.feature(of, column_of(of), column, turn);
    auto* from = at.CreateFCmpOGE(x, llvm::Constant::getNullValue(types.floats));
    auto* below = at.CreateFCmpOLT(x, llvm::ConstantFP::get(types.floats, kEnd));
    auto* known = at.CreateAnd(from, below, "known");
    auto* safe = at.CreateSelect(known, x, llvm::Constant::getNullValue(types.floats));
    return {at.CreateFPToUI(safe, types.codes, "code"), known, at.CreateFCmpUNO(x, x, "missing")};
  }

  /// Whether the codes are in a set. Up to 32 codes are one word; others are looked up in words.
  llvm::Value* in_set(const FusedFeature& of, const CategoryQuestion& question,
                      const Codes& codes) {
    auto& at = code_.at;
    const auto& types = code_.types;
    constexpr std::size_t kBits = 32;
    if (question.set.empty()) return llvm::Constant::getNullValue(types.bits);
    auto* end = llvm::ConstantInt::get(types.codes, question.set.size() * kBits);
    auto* inside = at.CreateAnd(codes.known, at.CreateICmpULT(codes.code, end), "inside");
    llvm::Value* words = llvm::ConstantInt::get(types.codes, question.set[0]);
    if (question.set.size() > 1) {
      auto* table = code_.table(of.name + ".set", question.set);
      auto* number = at.CreateLShr(codes.code, llvm::ConstantInt::get(types.codes, 5));
      auto* places = at.CreateInBoundsGEP(types.i32, table, at.CreateZExt(number, types.counts));
      words = at.CreateMaskedGather(types.codes, places, llvm::Align(4), inside);
    }
    auto* place = at.CreateAnd(codes.code, llvm::ConstantInt::get(types.codes, kBits - 1));
    auto* bit = at.CreateTrunc(at.CreateLShr(words, place), types.bits);
    return at.CreateAnd(bit, inside, "right");
  }

  BlockCode& code_;
  const FusedForest& forest_;
  /// By kind of column, and whether it has a floor.
  std::map<std::pair<TypeKind, bool>, llvm::Function*> functions_;
};

}  // namespace

void emit_answers(BlockCode& code, const FusedForest& forest) { Answers(code, forest).emit(); }

}  // namespace quern::codegen
