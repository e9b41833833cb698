// Trains the network of this benchmark on rows in a raw file, read page by page as they are asked
// for, and prints the seconds of the training, reading included, and the loss of each epoch.

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "runtime/engines/network_engine.h"

namespace {

using namespace quern;
using namespace quern::ir;

constexpr std::int32_t kNumbers = 10;
constexpr std::array<std::int32_t, 4> kCategories{1000, 100, 50, 10};
constexpr std::int32_t kFeatures = kNumbers + 4;
constexpr std::int64_t kPageRows = 8192;

/// Rows of float32: the features, then the label.
class FilePages final : public runtime::PageSource {
 public:
  explicit FilePages(const char* path) : file_(std::fopen(path, "rb")) {
    if (file_ == nullptr) std::exit(1);
    std::fseek(file_, 0, SEEK_END);
    rows_ = std::ftell(file_) / static_cast<long>(sizeof(float) * (kFeatures + 1));
  }
  FilePages(const FilePages&) = delete;
  FilePages& operator=(const FilePages&) = delete;
  ~FilePages() override { std::fclose(file_); }
  std::int64_t rows() const override { return rows_; }
  std::int32_t features() const override { return kFeatures; }
  void rewind() override { std::rewind(file_); }
  Result<bool> next(runtime::PageView& page) override {
    raw_.resize(kPageRows * (kFeatures + 1));
    const auto floats = std::fread(raw_.data(), sizeof(float), raw_.size(), file_);
    const auto rows = static_cast<std::int64_t>(floats / (kFeatures + 1));
    columns_.resize(raw_.size());
    for (std::int64_t r = 0; r < rows; ++r) {
      for (std::int32_t f = 0; f <= kFeatures; ++f) {
        columns_[static_cast<std::size_t>(f * kPageRows + r)] =
            raw_[static_cast<std::size_t>(r * (kFeatures + 1) + f)];
      }
    }
    page = {columns_.data(), kPageRows, rows, columns_.data() + kFeatures * kPageRows};
    return rows > 0;
  }

 private:
  std::FILE* file_;
  std::int64_t rows_ = 0;
  std::vector<float> raw_, columns_;
};

Network make_network() {
  Tower tower{"dnn", {DenseBlock{0, kNumbers}}, {}};
  for (std::int32_t i = 0; i < 4; ++i) {
    tower.blocks.emplace_back(EmbeddingBlock{kNumbers + i, kCategories[i], 8});
  }
  tower.layers = {LinearLayer{64}, ActivationLayer{}, LinearLayer{32}, ActivationLayer{},
                  LinearLayer{1}};
  return {kFeatures, {}, {tower}, 1};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  auto engine = runtime::torch_engine();
  if (!engine) {
    std::printf("%s\n", engine.errors().front().message.c_str());
    return 1;
  }
  FilePages pages(argv[1]);
  runtime::NetworkTask task;
  task.train = &pages;
  task.network = make_network();
  task.loss = runtime::Loss::logistic;
  task.batch_rows = std::atoi(argv[2]);
  task.epochs = std::atoi(argv[3]);
  const auto begin = std::chrono::steady_clock::now();
  const auto model = (*engine)->train(task, {}, {});
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  if (!model) {
    std::printf("%s\n", model.errors().front().message.c_str());
    return 1;
  }
  std::printf("%.4f", seconds.count());
  for (const auto& round : model->history) std::printf(" %.6f", round.metrics[0].value);
  std::printf("\n");
  return 0;
}
