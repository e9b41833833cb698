// Files that IMPORT MODEL reads. The first character chooses what the rest is:
//
//   0  the file itself
//   1  a manifest, a NUL and a payload, put into a bundle whose sizes and check sum are right
//   2  the file of a model that is not ours, imported with a label
//   3  the same with two classes

#include <algorithm>

#include "codegen/scorer.h"
#include "runtime/model_file/bundle.h"
#include "runtime/model_file/transfer.h"
#include "runtime/pipeline/unlabelled_model.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/rows.h"

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

/// What a model without a label tells besides.
void measure(const runtime::ImportedModel& model, const std::vector<std::size_t>& columns,
             const ColumnBatch& batch) {
  const auto unlabelled = runtime::UnlabelledModel::make(model.manifest, model.payload, columns);
  if (!unlabelled) return check_failure(unlabelled.errors());
  const bool clusters = model.manifest.label.task == ir::Task::clusters;
  const auto done = (*unlabelled)->each_row(batch, [&](std::int64_t, const auto& row) {
    (void)(clusters ? (*unlabelled)->distance(row, 0) : runtime::UnlabelledModel::error(row));
  });
  if (!done) check_failure(done.errors());
}

/// The model scores rows of the columns that its manifest speaks of.
void score(const runtime::ImportedModel& model, std::size_t way) {
  const auto& manifest = model.manifest;
  ColumnBatch batch{.rows = 2, .columns = {}};
  std::vector<std::size_t> columns;
  std::vector<std::size_t> margins;
  for (const auto& [inputs, places] : {std::pair(&manifest.program.inputs, &columns),
                                       std::pair(&manifest.base_margin, &margins)}) {
    for (const auto& input : *inputs) {
      places->push_back(batch.columns.size());
      batch.columns.push_back(odd_column(input, way));
    }
  }
  const auto scorer = codegen::make_scorer(manifest, model.payload, columns, margins);
  if (!scorer) finding("an imported model cannot be used");
  std::vector<float> out;
  if (const auto done = (*scorer)->score(batch, out); !done) check_failure(done.errors());
  if (manifest.label.is_unlabelled()) measure(model, columns, batch);
}

/// A manifest that is stored can be read.
void check_import(Bytes file, const ir::ImportModel& import) {
  const auto types = [](const ColumnType& type) { return std::string(kind_name(type.kind)); };
  const auto model = runtime::read_model(file, import, types);
  if (!model) return check_failure(model.errors());
  if (!ir::manifest_from_json(ir::to_json(model->manifest)))
    finding("the manifest of an imported model cannot be read");
  for (std::size_t way = 0; way < kWaysOfRows; ++way) score(*model, way);
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
