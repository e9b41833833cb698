// Files that IMPORT MODEL reads. The first character chooses what the rest is:
//
//   0  the file itself
//   1  a manifest, a NUL and a payload, put into a bundle whose sizes and check sum are right
//   2  the file of a model that is not ours, imported with a label
//   3  the same with two classes

#include <algorithm>
#include <limits>

#include "base/column_builder.h"
#include "codegen/scorer.h"
#include "runtime/model_file/bundle.h"
#include "runtime/model_file/transfer.h"
#include "tests/fuzz/fuzz.h"

namespace quern::fuzz {
namespace {

using Bytes = std::span<const std::uint8_t>;

std::vector<std::uint8_t> bundle_of(Bytes parts) {
  const auto nul = std::find(parts.begin(), parts.end(), 0);
  runtime::Bundle bundle{.manifest = std::string(parts.begin(), nul), .payload = {}};
  if (nul != parts.end()) bundle.payload.assign(nul + 1, parts.end());
  return runtime::to_bytes(bundle);
}

ir::ImportModel statement(std::size_t way) {
  ir::ImportModel import;
  import.path = "fuzz";
  if (way >= 2) import.label = "y";
  if (way == 3) import.classes = {Scalar{std::string("no")}, Scalar { std::string("yes") }};
  return import;
}

/// A bundle that is read is written to the same bytes.
void check_bundle(Bytes file) {
  const auto bundle = runtime::read_bundle(file);
  if (!bundle) return check_failure(bundle.errors());
  const auto again = runtime::to_bytes(*bundle);
  if (!std::equal(file.begin(), file.end(), again.begin(), again.end()))
    finding("a bundle changes when it is written again");
}

constexpr std::int32_t kLongList = 64;

ColumnType type_of(const ir::Input& input) {
  ColumnType type{.kind = input.kind, .precision = 18, .scale = 2};
  if (input.kind == TypeKind::list)
    type.element = std::make_shared<const ColumnType>(ColumnType{.kind = TypeKind::float64});
  return type;
}

void append_list(ColumnBuilder& column, std::int32_t elements) {
  for (std::int32_t i = 0; i < std::min(elements, kLongList); ++i)
    column.elements().append_double(i);
  column.end_list();
}

void append(ColumnBuilder& column, const ir::Input& input, std::int64_t value) {
  const auto kind = input.kind;
  if (is_bytes(kind)) return column.append_text(std::to_string(value));
  if (kind == TypeKind::list) return append_list(column, input.elements);
  if (kind == TypeKind::boolean) return column.append_bool(value > 0);
  if (kind == TypeKind::decimal) return column.append_decimal(value);
  if (kind == TypeKind::interval) return column.append_interval({.months = 1, .micros = value});
  const bool real = kind == TypeKind::float32 || kind == TypeKind::float64;
  if (real) return column.append_double(static_cast<double>(value));
  column.append_int(value);
}

/// A NULL, a small value, and both ends of a range.
Column column_of(const ir::Input& input) {
  ColumnBuilder column(type_of(input));
  column.append_null();
  append(column, input, 1);
  append(column, input, std::numeric_limits<std::int64_t>::max());
  append(column, input, std::numeric_limits<std::int64_t>::min());
  return column.finish();
}

/// The model scores rows of the columns that its manifest speaks of.
void score(const runtime::ImportedModel& model) {
  const auto& manifest = model.manifest;
  ColumnBatch batch{.rows = 4, .columns = {}};
  std::vector<std::size_t> columns;
  std::vector<std::size_t> margins;
  for (const auto& [inputs, places] : {std::pair(&manifest.program.inputs, &columns),
                                       std::pair(&manifest.base_margin, &margins)}) {
    for (const auto& input : *inputs) {
      places->push_back(batch.columns.size());
      batch.columns.push_back(column_of(input));
    }
  }
  const auto scorer = codegen::make_scorer(manifest, model.payload, columns, margins);
  if (!scorer) finding("an imported model cannot be used");
  std::vector<float> out;
  if (const auto done = (*scorer)->score(batch, out); !done) check_failure(done.errors());
}

/// A manifest that is stored can be read.
void check_import(Bytes file, const ir::ImportModel& import) {
  const auto types = [](const ColumnType& type) { return std::string(kind_name(type.kind)); };
  const auto model = runtime::read_model(file, import, types);
  if (!model) return check_failure(model.errors());
  if (!ir::manifest_from_json(ir::to_json(model->manifest)))
    finding("the manifest of an imported model cannot be read");
  score(*model);
}

}  // namespace
}  // namespace quern::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quern::fuzz;
  const auto choice = choose(data, size, 4);
  std::vector<std::uint8_t> file(choice.rest.begin(), choice.rest.end());
  if (choice.way == 1) file = bundle_of(choice.rest);
  check_bundle(file);
  check_import(file, statement(choice.way));
  return 0;
}
