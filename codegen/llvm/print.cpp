// A module as text, and before it what stands where.

#include <llvm/IR/LLVMContext.h>
#include <llvm/Support/raw_ostream.h>

#include "base/format.h"
#include "codegen/llvm/compile.h"
#include "codegen/llvm/lowering.h"

namespace quern::codegen {
namespace {

std::string words_of(const FusedForest& forest, const FusionPlan& plan, std::size_t feature) {
  for (const auto& raw : forest.raw) {
    if (raw.feature == feature)
      return ", asked in its column: " +
             counted(static_cast<std::int64_t>(raw.questions.size()), "threshold");
  }
  for (const auto& each : forest.categories) {
    if (each.feature == feature)
      return ", asked: " + counted(static_cast<std::int64_t>(each.questions.size()), "set") +
             " of categories";
  }
  return ", its values to column " + std::to_string(plan.features[feature].place.value_or(0));
}

std::string words_of(const FusedLinear&, const FusionPlan&, std::size_t) { return ""; }

/// "; standardize(age) <- column 0, age int32, standardized by mean 3, deviation 2, ...", a feature
/// a line.
std::string heading(const FusionPlan& plan) {
  std::string out;
  for (std::size_t f = 0; f < plan.features.size(); ++f) {
    const auto& feature = plan.features[f];
    const auto& column = plan.columns[feature.column];
    out += "; " + feature.name + " <- column " + std::to_string(feature.column) + ", ";
    out += column.prepared ? "prepared" : column.name + " " + std::string(kind_name(column.kind));
    for (const auto& step : feature.steps) out += ", " + ir::step_words(step);
    out +=
        std::visit([&](const auto& model) { return words_of(model, plan, f); }, plan.model) + "\n";
  }
  return out;
}

}  // namespace

Result<std::string> print_block(const FusionPlan& plan) {
  llvm::LLVMContext context;
  std::string problem;
  const auto module = lower(context, plan, problem);
  if (module == nullptr)
    return Diagnostic{Code::internal, "the code of a model is not well formed: " + problem};
  std::string out = heading(plan);
  llvm::raw_string_ostream words(out);
  module->print(words, nullptr);
  return out;
}

}  // namespace quern::codegen
