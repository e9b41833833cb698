// Scores a linear pipeline from a query's columns: numbers that are standardized, numbers in
// buckets, text as one-hot, weights. fused.py, which drives this, fits it with scikit-learn and
// compares. fused_speed FOLDER RUNS: reads the pipeline and rows there, writes the margins there,
// and prints the seconds of each run.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "base/column_builder.h"
#include "base/plugin.h"
#include "codegen/fusion/fused_scorer.h"

namespace {

using namespace quern;

/// Rows of a batch, as a connector sends them.
constexpr std::int64_t kBatchRows = 16384;

struct Pipeline {
  ir::Manifest manifest;
  codegen::Linear linear;
  std::vector<std::size_t> inputs;
};

/// Lines: "scale NAME MEAN DEVIATION", "bucket NAME BOUNDARY...", "text NAME VALUE...", in this
/// order, then "weights BIAS WEIGHT...".
Pipeline read_pipeline(const std::string& path) {
  Pipeline out;
  auto& program = out.manifest.program;
  std::vector<ir::Feature> hidden;
  std::ifstream file(path);
  for (std::string word, name; file >> word;) {
    std::string line;
    if (word != "weights") file >> name;
    std::getline(file, line);
    std::istringstream rest(line);
    const auto input = program.inputs.size();
    if (word == "weights") {
      const std::vector<double> numbers{std::istream_iterator<double>(rest), {}};
      for (std::size_t i = 1; i < numbers.size(); ++i)
        out.linear.weights.push_back(static_cast<float>(numbers[i]));
      out.linear.weights.push_back(static_cast<float>(numbers[0]));
      continue;
    }
    out.inputs.push_back(input);
    program.inputs.push_back({name, word == "text" ? TypeKind::text : TypeKind::float64});
    if (word == "text") {
      ir::Category category;
      category.vocabulary.assign(std::istream_iterator<std::string>(rest), {});
      const auto width = static_cast<std::uint32_t>(category.vocabulary.size());
      hidden.push_back({.name = name, .input = input, .transform = category, .hidden = true});
      program.groups.push_back(
          {.name = name, .input = input, .source = ir::OneHot{hidden.size() - 1}, .width = width});
      continue;
    }
    const std::vector<double> numbers{std::istream_iterator<double>(rest), {}};
    ir::Feature feature{name, input, ir::Number{}};
    if (word == "scale") feature.steps = {ir::Standardize{numbers[0], numbers[1]}};
    if (word == "bucket") feature.steps = {ir::Bucket{numbers}};
    program.features.push_back(feature);
  }
  for (auto& group : program.groups)
    std::get<ir::OneHot>(group.source).feature += program.features.size();
  program.features.insert(program.features.end(), hidden.begin(), hidden.end());
  out.linear.features = static_cast<std::int32_t>(ir::width(program));
  return out;
}

/// Column after column: doubles as they are, text as lines.
std::vector<ColumnBatch> read_rows(const std::string& folder, const Pipeline& pipeline) {
  std::vector<ColumnBatch> out;
  for (const auto& input : pipeline.manifest.program.inputs) {
    std::ifstream file(folder + "/" + input.name, std::ios::binary);
    std::size_t batch = 0;
    ColumnBuilder column(ColumnType{.kind = input.kind});
    const auto end_batch = [&] {
      if (out.size() == batch) out.push_back({column.length(), {}});
      out[batch++].columns.push_back(column.finish());
    };
    double number = 0;
    std::string text;
    while (input.kind == TypeKind::text
               ? !!std::getline(file, text)
               : !!file.read(reinterpret_cast<char*>(&number), sizeof number)) {
      input.kind == TypeKind::text ? column.append_text(text) : column.append_double(number);
      if (column.length() == kBatchRows) end_batch();
    }
    if (column.length() > 0) end_batch();
  }
  return out;
}

template <typename Score>
double run(const std::vector<ColumnBatch>& batches, std::vector<float>& all, Score score) {
  std::vector<float> margins;
  all.clear();
  const auto begin = std::chrono::steady_clock::now();
  for (const auto& batch : batches) {
    if (!score(batch, margins)) std::exit(1);
    all.insert(all.end(), margins.begin(), margins.end());
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::string folder = argv[1];
  const auto pipeline = read_pipeline(folder + "/pipeline");
  const auto batches = read_rows(folder, pipeline);
  const auto& manifest = pipeline.manifest;
  const auto model = std::make_shared<const codegen::ReadyModel>(pipeline.linear);
  std::vector<TypeKind> kinds;
  for (const auto& input : manifest.program.inputs) kinds.push_back(input.kind);
  auto plan = codegen::plan_fusion(manifest.program, *model, kinds);
  const auto plugin = load_plugin("llvm");
  if (!plan || !plugin) return 1;
  auto code = static_cast<const codegen::CodeCompiler*>(*plugin)->compile(*plan, {});
  if (!code) return 1;
  const codegen::FusedScorer fused(manifest, model, {pipeline.inputs, {}}, std::move(*plan),
                                   *std::move(code));
  std::vector<float> margins;
  for (int i = 0; i < std::atoi(argv[2]); ++i) {
    const double seconds = run(batches, margins, [&](const auto& batch, auto& out) {
      return fused.score(batch, out).ok();
    });
    std::printf("%.9f\n", seconds);
  }
  std::ofstream(folder + "/margins", std::ios::binary)
      .write(reinterpret_cast<const char*>(margins.data()),
             static_cast<std::streamsize>(margins.size() * sizeof(float)));
}
