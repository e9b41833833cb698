// Texts as they come, codes at the end.

#include "runtime/fit/group_fitter.h"

#include <algorithm>

#include "base/box.h"
#include "base/format.h"

namespace quern::runtime {
namespace {

/// Codes that a category can have, that of what it does not know among them.
std::uint32_t codes_of(const ir::Feature& feature) {
  if (!feature.steps.empty()) return std::get<ir::Identity>(feature.steps.back()).size + 1;
  return std::visit(
      Overloaded{
          [](const ir::Category& c) { return static_cast<std::uint32_t>(c.vocabulary.size()) + 1; },
          [](const ir::HashedCategory& h) { return h.buckets; },
          [](const ir::Cross& c) { return c.buckets; },
          [](const auto&) { return 0U; },
      },
      feature.transform);
}

}  // namespace

GroupFitter::GroupFitter(const ir::FeatureProgram& program, bool fixed)
    : fixed_(fixed), states_(program.groups.size()) {}

void GroupFitter::add(const ir::FeatureProgram& program, const ColumnBatch& batch,
                      const std::vector<std::size_t>& columns, const PageStore::Slot& slot) {
  for (std::size_t g = 0; g < states_.size(); ++g) {
    const auto& group = program.groups[g];
    if (std::holds_alternative<ir::OneHot>(group.source)) continue;
    auto& state = states_[g];
    auto& rows = (*slot.sparse)[g];
    const auto first = rows.entries.size();
    codegen::read_texts(group, batch.columns[columns[group.input]], rows, state.bad);
    for (auto i = first; i < rows.entries.size(); ++i) {
      const auto key = rows.entries[i].key;
      state.end = std::max(state.end, key + 1);
      if (group.width > 0 && key >= group.width) ++state.beyond;
    }
  }
}

Diagnostics GroupFitter::check(const ir::FeatureProgram& program, SourceSpan span) const {
  Diagnostics errors;
  for (std::size_t g = 0; g < states_.size() && errors.size() < 9; ++g) {
    const auto& state = states_[g];
    const auto& name = program.groups[g].name;
    if (state.bad.count > 0) {
      errors.push_back({Code::bad_vector_text,
                        name + " is no sparse vector in " + counted(state.bad.count, "row") +
                            ", first: " + state.bad.first.substr(0, 60),
                        span, "it is text like `3:0.5 17:2` or `3,17`"});
    } else if (state.beyond > 0 && !fixed_) {
      errors.push_back({Code::bad_category_id,
                        name + " has keys up to " + std::to_string(state.end - 1) +
                            ", its size is " + std::to_string(program.groups[g].width),
                        span, "give a larger size, or none"});
    }
  }
  return errors;
}

Result<void> GroupFitter::finish(ir::FeatureProgram& program, PageStore& pages, SourceSpan span) {
  std::uint64_t all = 0;
  for (std::size_t g = 0; g < states_.size(); ++g) {
    auto& group = program.groups[g];
    const auto* hot = std::get_if<ir::OneHot>(&group.source);
    if (group.width == 0) {
      group.width =
          hot != nullptr ? codes_of(program.features[hot->feature]) : std::max(states_[g].end, 1U);
      group.is_fitted = true;
    }
    all += group.width;
    if (hot == nullptr) continue;
    pages.make_group(g, hot->feature,
                     [&](codegen::SparseRows& out, const float* codes, std::int64_t rows) {
                       codegen::read_codes(codes, rows, group.width, out);
                     });
  }
  pages.hide(static_cast<std::int32_t>(program.features.size() - ir::dense_width(program)));
  if (all <= ir::kMostSparse) return {};
  return Diagnostic{Code::too_many_values,
                    "the sparse features are " + std::to_string(all) + ", of " +
                        std::to_string(ir::kMostSparse) + " at most",
                    span, "hash them: CATEGORY_HASH, or smaller keys"};
}

}  // namespace quern::runtime
