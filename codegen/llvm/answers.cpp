// What a forest asks, answered for 64 rows at a time: a loop over thresholds, which compares all of
// them with values that stay in registers.

#include <algorithm>
#include <array>
#include <map>

#include "codegen/llvm/lowering.h"

namespace quern::codegen {
namespace {

/// Names functions after what they read: "ask.int64".
std::string function_name(const std::string& verb, const FusedColumn& column,
                          const FusedFeature& feature) {
  std::string out = verb + "." + std::string(kind_name(column.kind));
  for (const auto& step : feature.steps) out += "." + std::string(ir::step_name(step));
  return out;
}

class Answers {
 public:
  Answers(BlockCode& code, const FusedForest& forest) : code_(code), forest_(forest) {}

  void emit() {
    store_unasked();
    for (const auto& each : forest_.by_value) ask_values(each);
    for (const auto& each : forest_.raw) ask_raw(each);
    for (const auto& each : forest_.categories) ask_categories(each);
  }

 private:
  using Parameters = BlockCode::Parameters;

  const FusedFeature& feature(std::size_t at) const { return code_.plan.features[at]; }
  const FusedColumn& column_of(std::size_t at) const {
    return code_.plan.columns[feature(at).column];
  }

  // ---- values for trees that are walked

  /// Features whose values are read, but about which no number is asked.
  void store_unasked() {
    std::vector<bool> asked(code_.plan.features.size(), false);
    for (const auto& each : forest_.by_value) asked[each.feature] = true;
    for (std::size_t f = 0; f < asked.size(); ++f) {
      if (!feature(f).store || asked[f]) continue;
      const auto column = code_.column(feature(f).column);
      code_.each_part([&](llvm::Value* part) {
        store(feature(f), code_.value.feature(feature(f), column_of(f), column, part), part,
              code_.values);
      });
    }
  }

  void store(const FusedFeature& of, llvm::Value* x, llvm::Value* part, llvm::Value* values) {
    auto& at = code_.at;
    auto* turn = at.CreateAdd(part, code_.count(*of.store * kMaskWords));
    at.CreateAlignedStore(x, at.CreateInBoundsGEP(code_.types.floats, values, turn),
                          llvm::Align(kTurn));
  }

  // ---- numbers, by value

  void ask_values(const ValueQuestions& asked) {
    const auto& of = feature(asked.feature);
    const auto& questions = asked.questions;
    auto thresholds = questions.lefts;
    thresholds.insert(thresholds.end(), questions.rights.begin(), questions.rights.end());
    const auto column = code_.column(of.column);
    auto* twins =
        questions.twins.empty() ? null() : code_.table(of.name + ".twins", questions.twins);
    code_.at.CreateCall(
        values_function(asked),
        {column.values, column.validity,
         thresholds.empty() ? null() : code_.table(of.name + ".thresholds", thresholds),
         code_.count(questions.lefts.size()), code_.count(questions.rights.size()), twins,
         code_.count(questions.twins.size()), masks_from(questions.first_mask), code_.values});
  }

  llvm::Value* null() { return llvm::ConstantPointerNull::get(code_.types.pointer); }
  llvm::Value* masks_from(std::size_t first) {
    return code_.mask_word(code_.masks, code_.count(first), code_.count(0));
  }

  /// Features without steps share the code of their kind.
  llvm::Function* values_function(const ValueQuestions& asked) {
    const auto& of = feature(asked.feature);
    const auto& column = column_of(asked.feature);
    const bool own = !of.steps.empty() || of.store;
    const std::pair key(column.kind, column.prepared);
    if (!own && shared_.contains(key)) return shared_.at(key);
    auto* out = make_values_function(own ? of : FusedFeature{"value", of.column}, column);
    if (!own) shared_[key] = out;
    return out;
  }

  llvm::Function* make_values_function(const FusedFeature& of, const FusedColumn& column) {
    const auto& types = code_.types;
    auto* pointer = types.pointer;
    auto* f = code_.begin_function(function_name("ask", column, of), {{pointer, "column"},
                                                                      {pointer, "validity"},
                                                                      {pointer, "thresholds"},
                                                                      {types.word, "lefts"},
                                                                      {types.word, "rights"},
                                                                      {pointer, "twins"},
                                                                      {types.word, "twin_count"},
                                                                      {pointer, "masks"},
                                                                      {pointer, "values"}});
    const FusedColumn named{"raw", column.kind, column.source, column.prepared};
    code_.each_part([&](llvm::Value* part) {
      auto* x = code_.value.feature(of, named, {f->getArg(0), f->getArg(1)}, part);
      if (of.store) store(of, x, part, f->getArg(8));
      compare(*f, x, part);
    });
    code_.end_function();
    return f;
  }

  /// NaN is on the left of `oge`, which is false of it, and on the right of `uge`.
  void compare(llvm::Function& f, llvm::Value* x, llvm::Value* part) {
    auto& at = code_.at;
    auto* lefts = f.getArg(3);
    auto* rights = f.getArg(4);
    auto* out = f.getArg(7);
    const auto ask = [&](llvm::CmpInst::Predicate predicate, llvm::Value* number) {
      auto* place = at.CreateInBoundsGEP(at.getFloatTy(), f.getArg(2), number);
      auto* all = at.CreateVectorSplat(kTurn, at.CreateLoad(at.getFloatTy(), place, "threshold"));
      auto* word = code_.value.to_word(at.CreateFCmp(predicate, x, all));
      at.CreateStore(word, code_.mask_word(out, number, part));
    };
    code_.loop(lefts, "left", [&](llvm::Value* i) { ask(llvm::CmpInst::FCMP_OGE, i); });
    code_.loop(rights, "right",
               [&](llvm::Value* i) { ask(llvm::CmpInst::FCMP_UGE, at.CreateAdd(lefts, i)); });
    auto* missing = code_.value.to_word(at.CreateFCmpUNO(x, x), "missing");
    auto* first = at.CreateAdd(lefts, rights);
    code_.loop(f.getArg(6), "twin", [&](llvm::Value* i) {
      auto* place = at.CreateInBoundsGEP(code_.types.i32, f.getArg(5), i);
      auto* left = at.CreateZExt(at.CreateLoad(code_.types.i32, place), code_.types.word, "left");
      auto* word = at.CreateLoad(code_.types.word, code_.mask_word(out, left, part));
      at.CreateStore(at.CreateOr(word, missing),
                     code_.mask_word(out, at.CreateAdd(first, i), part));
    });
  }

  // ---- numbers, as they lie in the column

  void ask_raw(const RawQuestions& asked) {
    const auto& of = feature(asked.feature);
    const auto& column = column_of(asked.feature);
    auto questions = asked.questions;
    const auto kind_of = [](const RawQuestion& q) { return 2 * int{q.if_missing} + int{q.if_low}; };
    std::stable_sort(questions.begin(), questions.end(),
                     [&](const auto& a, const auto& b) { return kind_of(a) < kind_of(b); });
    std::vector<llvm::Constant*> thresholds;
    std::vector<std::uint32_t> places;
    std::array<std::size_t, 4> counts{};
    for (const auto& question : questions) {
      thresholds.push_back(code_.types.constant(column.kind, question.threshold));
      places.push_back(question.mask);
      ++counts[static_cast<std::size_t>(kind_of(question))];
    }
    const auto pointers = code_.column(of.column);
    std::vector<llvm::Value*> arguments{
        pointers.values, pointers.validity,
        code_.table(of.name + ".thresholds", code_.types.scalar_of(column.kind), thresholds),
        code_.table(of.name + ".masks", places)};
    for (const auto each : counts) arguments.push_back(code_.count(each));
    arguments.push_back(code_.masks);
    if (asked.floor) arguments.push_back(code_.types.constant(column.kind, *asked.floor));
    code_.at.CreateCall(raw_function(column, asked.floor.has_value()), arguments);
  }

  llvm::Function* raw_function(const FusedColumn& column, bool has_floor) {
    auto& out = raw_[{column.kind, has_floor}];
    if (out == nullptr) out = make_raw_function(column.kind, has_floor);
    return out;
  }

  llvm::Function* make_raw_function(TypeKind kind, bool has_floor) {
    const auto& types = code_.types;
    Parameters parameters{
        {types.pointer, "column"}, {types.pointer, "validity"}, {types.pointer, "thresholds"},
        {types.pointer, "places"}, {types.word, "plain"},       {types.word, "low"},
        {types.word, "missing"},   {types.word, "both"},        {types.pointer, "masks"}};
    if (has_floor) parameters.emplace_back(types.scalar_of(kind), "floor");
    auto* f = code_.begin_function(
        std::string("ask.raw.") + std::string(kind_name(kind)) + (has_floor ? ".above" : ""),
        parameters);
    code_.each_part([&](llvm::Value* part) { compare_raw(*f, kind, has_floor, part); });
    code_.end_function();
    return f;
  }

  void compare_raw(llvm::Function& f, TypeKind kind, bool has_floor, llvm::Value* part) {
    auto& at = code_.at;
    const ColumnPointers column{f.getArg(0), f.getArg(1)};
    auto* raw = code_.value.raw(column, kind, part, "raw");
    auto* there = code_.value.valid(column, part);
    if (raw->getType()->isFPOrFPVectorTy())
      there = at.CreateAnd(there, code_.value.to_word(at.CreateFCmpORD(raw, raw)), "there");
    auto* missing = at.CreateNot(there, "missing");
    llvm::Value* low =
        has_floor ? at.CreateNot(not_below(raw, f.getArg(9), kind, true), "low") : code_.count(0);
    llvm::Value* first = code_.count(0);
    for (unsigned which = 0; which < 4; ++which) {
      auto* many = f.getArg(4 + which);
      code_.loop(many, "question", [&](llvm::Value* i) {
        auto* number = at.CreateAdd(first, i);
        auto* threshold = load(code_.types.scalar_of(kind), f.getArg(2), number, "threshold");
        auto* answer = not_below(raw, threshold, kind, false);
        answer = choose((which & 1) != 0, answer, low);
        answer = choose((which & 2) != 0, answer, missing);
        auto* mask =
            at.CreateZExt(load(code_.types.i32, f.getArg(3), number, "place"), code_.types.word);
        at.CreateStore(answer, code_.mask_word(f.getArg(8), mask, part));
      });
      first = at.CreateAdd(first, many);
    }
  }

  /// The answer, but for some rows a fixed one.
  llvm::Value* choose(bool fixed, llvm::Value* answer, llvm::Value* rows) {
    auto& at = code_.at;
    return fixed ? at.CreateOr(answer, rows) : at.CreateAnd(answer, at.CreateNot(rows));
  }

  llvm::Value* load(llvm::Type* type, llvm::Value* table, llvm::Value* number, const char* name) {
    auto& at = code_.at;
    return at.CreateLoad(type, at.CreateInBoundsGEP(type, table, number), name);
  }

  /// A word: which values are not below, or above, a threshold.
  llvm::Value* not_below(llvm::Value* raw, llvm::Value* threshold, TypeKind kind, bool above) {
    auto& at = code_.at;
    auto* all = at.CreateVectorSplat(kTurn, threshold);
    if (raw->getType()->isFPOrFPVectorTy())
      return code_.value.to_word(above ? at.CreateFCmpOGT(raw, all) : at.CreateFCmpOGE(raw, all));
    const bool is_signed = kind == TypeKind::int8 || kind == TypeKind::int16 ||
                           kind == TypeKind::int32 || kind == TypeKind::int64;
    if (above)
      return code_.value.to_word(is_signed ? at.CreateICmpSGT(raw, all)
                                           : at.CreateICmpUGT(raw, all));
    return code_.value.to_word(is_signed ? at.CreateICmpSGE(raw, all) : at.CreateICmpUGE(raw, all));
  }

  // ---- categories

  /// Sets of up to 32 codes are one word; others are looked up code by code.
  void ask_categories(const CategoryQuestions& asked) {
    const auto& of = feature(asked.feature);
    const auto column = code_.column(of.column);
    code_.each_part([&](llvm::Value* part) {
      const auto codes = read_codes(asked, column, part);
      for (const auto& question : asked.questions) {
        auto* right = code_.value.to_word(in_set(of, question, codes));
        right = choose(!question.default_left, right, codes.missing);
        code_.at.CreateStore(right, code_.mask_word(code_.masks, code_.count(question.mask), part));
      }
    });
  }

  struct Codes {
    llvm::Value* code;     ///< <64 x i32>, 0 where it is none
    llvm::Value* known;    ///< <64 x i1>
    llvm::Value* missing;  ///< a word
  };

  /// A code is cut to a whole number; negative ones and those from 2^24 on are none.
  Codes read_codes(const CategoryQuestions& asked, const ColumnPointers& column,
                   llvm::Value* part) {
    auto& at = code_.at;
    const auto& types = code_.types;
    constexpr double kEnd = 16777216.0;
    auto* x = code_.value.feature(feature(asked.feature), column_of(asked.feature), column, part);
    auto* from = at.CreateFCmpOGE(x, llvm::Constant::getNullValue(types.floats));
    auto* below = at.CreateFCmpOLT(x, llvm::ConstantFP::get(types.floats, kEnd));
    auto* known = at.CreateAnd(from, below, "known");
    auto* safe = at.CreateSelect(known, x, llvm::Constant::getNullValue(types.floats));
    return {at.CreateFPToUI(safe, types.codes, "code"), known,
            code_.value.to_word(at.CreateFCmpUNO(x, x), "missing")};
  }

  llvm::Value* in_set(const FusedFeature& of, const CategoryQuestion& question,
                      const Codes& codes) {
    auto& at = code_.at;
    const auto& types = code_.types;
    constexpr std::size_t kBits = 32;
    if (question.set.empty()) return llvm::Constant::getNullValue(types.bits);
    auto* end = llvm::ConstantInt::get(types.codes, question.set.size() * kBits);
    auto* inside = at.CreateAnd(codes.known, at.CreateICmpULT(codes.code, end), "inside");
    llvm::Value* words = nullptr;
    if (question.set.size() == 1) {
      words = llvm::ConstantInt::get(types.codes, question.set[0]);
    } else {
      auto* table = code_.table(of.name + ".set", question.set);
      auto* number = at.CreateLShr(codes.code, llvm::ConstantInt::get(types.codes, 5));
      auto* wide = llvm::FixedVectorType::get(types.word, kTurn);
      auto* places = at.CreateInBoundsGEP(types.i32, table, at.CreateZExt(number, wide));
      words = at.CreateMaskedGather(types.codes, places, llvm::Align(4), inside);
    }
    auto* place = at.CreateAnd(codes.code, llvm::ConstantInt::get(types.codes, kBits - 1));
    auto* bit = at.CreateTrunc(at.CreateLShr(words, place), types.bits);
    return at.CreateAnd(bit, inside, "right");
  }

  BlockCode& code_;
  const FusedForest& forest_;
  std::map<std::pair<TypeKind, bool>, llvm::Function*> shared_;  ///< by kind and being prepared
  std::map<std::pair<TypeKind, bool>, llvm::Function*> raw_;     ///< by kind and having a floor
};

}  // namespace

void emit_answers(BlockCode& code, const FusedForest& forest) { Answers(code, forest).emit(); }

}  // namespace quern::codegen
