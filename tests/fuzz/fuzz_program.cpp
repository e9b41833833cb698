// Feature programs as manifests hold them: what is accepted means the same when it is written
// again, and runs on any rows of the columns it asks for.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <exception>
#include <numeric>
#include <optional>

#include "base/box.h"
#include "codegen/interpret/features.h"
#include "compiler/ir/program_json.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/rows.h"

namespace quern::fuzz {
namespace {

using ir::FeatureProgram;

constexpr std::int64_t kRows = 2;
constexpr std::size_t kWide = 1 << 16;  ///< wider rows are not spread out, for speed

std::optional<FeatureProgram> read(std::string_view text) {
  try {
    return ir::program_from_json(text);
  } catch (const std::exception& e) {
    if (*e.what() == '\0') finding("a refusal without words");
    return std::nullopt;
  }
}

void check_written(const FeatureProgram& program) {
  const auto written = ir::program_to_json(program);
  const auto again = read(written);
  if (!again) finding("a program that was written cannot be read: " + written);
  if (*again != program) finding("a program changes when it is written: " + written);
  if (ir::dump(program).empty() && !program.features.empty()) finding("a program without a dump");
}

/// The codes that a feature may give; 0 where it gives none.
double code_end(const ir::Feature& feature) {
  if (!feature.is_category()) return 0;
  if (!feature.steps.empty()) return std::get<ir::Identity>(feature.steps.back()).size + 1.0;
  return std::visit(
      Overloaded{
          [](const ir::Category& c) { return static_cast<double>(c.vocabulary.size()) + 1; },
          [](const ir::HashedCategory& h) { return static_cast<double>(h.buckets); },
          [](const ir::Cross& c) { return static_cast<double>(c.buckets); },
          [](const auto&) { return 0.0; },
      },
      feature.transform);
}

void check_codes(const FeatureProgram& program, const std::vector<float>& values) {
  for (std::size_t f = 0; f < program.features.size(); ++f) {
    const auto end = code_end(program.features[f]);
    for (std::size_t r = 0; r < kRows && end > 0; ++r) {
      const float code = values[f * kRows + r];
      if (!std::isnan(code) && !(code >= 0 && code < end && code == std::floor(code)))
        finding("a category has a code that is none: " + std::to_string(code));
    }
  }
}

void check_groups(const FeatureProgram& program, const std::vector<codegen::SparseRows>& groups) {
  if (groups.size() != program.groups.size()) finding("a group is missing");
  for (const auto& group : groups) {
    if (group.rows() != kRows) finding("a group lacks rows");
    for (std::int64_t r = 0; r < kRows; ++r) {
      const auto entries = group.row(r);
      const auto unsorted = std::adjacent_find(entries.begin(), entries.end(),
                                               [](auto& a, auto& b) { return a.key >= b.key; });
      if (unsorted != entries.end()) finding("the entries of a row do not rise");
    }
  }
}

/// The features that are not in groups are the same in rows that are spread out.
void check_wide(const FeatureProgram& program, const codegen::FeatureInterpreter& interpreter,
                const ColumnBatch& batch, const std::vector<float>& dense) {
  std::vector<float> wide;
  if (!interpreter.run_wide(batch, wide)) finding("rows cannot be spread out");
  if (wide.size() != ir::width(program) * kRows) finding("rows have another width");
  const auto size = ir::dense_width(program) * kRows * sizeof(float);
  if (size > 0 && std::memcmp(wide.data(), dense.data(), size) != 0)
    finding("rows differ when they are spread out");
}

void run(const FeatureProgram& program, std::size_t way) {
  ColumnBatch batch{.rows = kRows, .columns = {}};
  for (const auto& input : program.inputs) batch.columns.push_back(odd_column(input, way));
  std::vector<std::size_t> columns(program.inputs.size());
  std::iota(columns.begin(), columns.end(), 0);
  const codegen::FeatureInterpreter interpreter(program, columns);
  std::vector<float> dense(program.features.size() * kRows);
  const auto done = interpreter.run(batch, dense.data(), kRows);
  if (!done) return check_failure(done.errors());
  check_codes(program, dense);
  std::vector<codegen::SparseRows> groups;
  const auto grouped = interpreter.run_groups(batch, dense.data(), kRows, groups);
  if (!grouped) return check_failure(grouped.errors());
  check_groups(program, groups);
  if (ir::width(program) <= kWide) check_wide(program, interpreter, batch, dense);
}

}  // namespace
}  // namespace quern::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quern::fuzz;
  const auto program = read(text_of(data, size));
  if (!program) return 0;
  check_written(*program);
  for (std::size_t way = 0; way < kWaysOfRows; ++way) run(*program, way);
  return 0;
}
