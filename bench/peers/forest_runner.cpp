// Our side of peers.py: forest_runner TREES DEPTH ROWS FOLDER trains a forest, checks that our
// margins are XGBoost's in every bit, and leaves in FOLDER what the peers need: model.json, and as
// float32 rows, margins, training rows and labels. Then each line of the standard input that names
// who is to score, "quern", "avx2" (ours, with no wider instructions) or "xgboost", is answered by
// the processor's seconds it took.

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <string>

#include "../forests.h"
#include "codegen/forest/kernel.h"

namespace {

using namespace quern;

constexpr std::int64_t kTrainingRows = 40000;

void write(const std::string& path, const std::vector<float>& values) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(values.data()),
             static_cast<std::streamsize>(values.size() * sizeof(float)));
}

/// \param narrow  the kernel with AVX2.
void serve(const codegen::ForestKernel& kernel, const codegen::ForestKernel& narrow,
           const bench::Booster& booster, const bench::Rows& rows) {
  const auto columns = rows.by_column();
  const codegen::FeatureView view{columns.data(), rows.count, rows.features, 1, rows.count};
  std::vector<float> margins(static_cast<std::size_t>(rows.count));
  kernel.score(view, margins);
  const auto theirs = booster.margins(rows);
  if (std::memcmp(margins.data(), theirs.data(), margins.size() * sizeof(float)) != 0) {
    std::cerr << "the margins differ\n";
    std::exit(1);
  }
  std::cout << codegen::vector_set_name(codegen::best_vector_set()) << std::endl;
  for (std::string who; std::getline(std::cin, who);) {
    const double seconds = bench::seconds_of([&] {
      if (who == "quern")
        kernel.score(view, margins);
      else if (who == "avx2")
        narrow.score(view, margins);
      else
        booster.margins(rows);
    });
    std::cout << seconds << std::endl;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  const std::string folder = argv[4];
  const auto training = bench::make_rows(kTrainingRows, 1);
  const auto labels = bench::labels_of(training);
  const auto booster =
      bench::Booster::train(training, labels, std::atoi(argv[1]),
                            {{"max_depth", argv[2]}, {"objective", "reg:squarederror"}});
  const auto rows = bench::make_rows(std::atoi(argv[3]), 2);
  booster.save(folder + "/model.json");
  write(folder + "/rows.f32", rows.values);
  write(folder + "/margins.f32", booster.margins(rows));
  write(folder + "/training.f32", training.values);
  write(folder + "/labels.f32", labels);
  const auto kernel = codegen::make_kernel(booster.forest(), codegen::best_vector_set());
  const auto narrow =
      codegen::make_kernel(booster.forest(), codegen::runs_here(codegen::VectorSet::avx2)
                                                 ? codegen::VectorSet::avx2
                                                 : codegen::VectorSet::portable);
  serve(*kernel, *narrow, booster, rows);
}
