// One look at each value, as long as they are vectors.

#include "runtime/fit/vector_finder.h"

#include <algorithm>

#include "base/format.h"
#include "compiler/ir/category_rules.h"

namespace quern::runtime {
namespace {

bool read_numbers(std::string_view text, codegen::SparseRows& rows) {
  std::vector<double> numbers;
  if (text.find(',') == std::string_view::npos || !codegen::parse_numbers(text, ",", numbers))
    return false;
  for (std::size_t i = 0; i < numbers.size(); ++i)
    rows.entries.push_back({static_cast<std::uint32_t>(i), static_cast<float>(numbers[i])});
  return true;
}

bool read_entries(std::string_view text, codegen::SparseRows& rows) {
  return text.find(':') != std::string_view::npos &&
         codegen::parse_entries(text, " ", ":", rows.entries);
}

/// Takes a feature out; hidden ones behind it move up.
void drop_category(ir::FeatureProgram& program, std::size_t feature) {
  program.features.erase(program.features.begin() + static_cast<std::ptrdiff_t>(feature));
  for (auto& group : program.groups) {
    if (auto* hot = std::get_if<ir::OneHot>(&group.source)) --hot->feature;
  }
}

}  // namespace

VectorFinder::VectorFinder(const ir::FeatureProgram& program, bool fixed) {
  for (std::size_t f = 0; f < program.features.size() && !fixed; ++f) {
    const auto& feature = program.features[f];
    if (ir::may_be_vector(feature, program.inputs[feature.input]))
      found_.push_back({f, feature.input, program.groups.size() + found_.size()});
  }
}

bool VectorFinder::take(Found& found, std::string_view text, codegen::SparseRows& rows) {
  const auto first = rows.entries.size();
  if (found.form == Form::unknown)
    found.form = text.find(',') != std::string_view::npos ? Form::numbers : Form::entries;
  const bool numbers = found.form == Form::numbers;
  if (!(numbers ? read_numbers(text, rows) : read_entries(text, rows))) return false;
  const auto count = static_cast<std::uint32_t>(rows.entries.size() - first);
  found.several |= count > 1;
  if (numbers) {
    if (found.width != 0 && found.width != count) return false;
    found.width = count;
  } else if (count > 0) {
    found.width = std::max(found.width, rows.entries.back().key + 1);
  }
  return found.width <= ir::kMostSparse;
}

void VectorFinder::add(const ColumnBatch& batch, const std::vector<std::size_t>& columns,
                       const PageStore::Slot& slot) {
  for (auto& found : found_) {
    const auto& column = batch.columns[columns[found.input]];
    auto& rows = (*slot.sparse)[found.slot];
    for (std::int64_t r = 0; r < column.length && found.form != Form::none; ++r) {
      if (!column.is_null(r) && !take(found, column.text(r), rows)) found.form = Form::none;
      rows.end_row();
    }
    if (found.form == Form::none) rows = {};
  }
}

bool VectorFinder::is_vector(const Found& found) {
  return (found.form == Form::numbers || found.form == Form::entries) && found.several;
}

void VectorFinder::finish(ir::FeatureProgram& program, PageStore& pages, SourceSpan span,
                          Diagnostics& notes) {
  // From behind, so that places of the others stay.
  for (auto found = found_.rbegin(); found != found_.rend(); ++found) {
    if (!is_vector(*found)) {
      pages.drop_group(found->slot);
      continue;
    }
    const auto& input = program.inputs[found->input];
    const bool numbers = found->form == Form::numbers;
    ir::SparseGroup group{input.name, found->input, ir::DenseText{}, found->width, true};
    if (!numbers) group.source = ir::SparseText{" ", ":", true};
    const auto first = static_cast<std::ptrdiff_t>(found_.front().slot);
    program.groups.insert(program.groups.begin() + first, std::move(group));
    notes.push_back({.message = "column " + input.name + " is text like " +
                                (numbers ? "`1,2,3`" : "`1:0.5 7:2`") + " in every row: it is " +
                                counted(found->width, "feature"),
                     .span = span,
                     .severity = Severity::note});
    drop_category(program, found->feature);
    pages.drop_feature(static_cast<std::int32_t>(found->feature));
  }
}

}  // namespace quern::runtime
