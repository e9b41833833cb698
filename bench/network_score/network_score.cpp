// Scores rows with a stored network, in batches as the program does and one by one, and says how
// much processor time each took; see network_score.py.

#include <ctime>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "codegen/network/kernel.h"

namespace {

using namespace quern::codegen;

constexpr std::int64_t kBatch = 2048;
constexpr std::int64_t kAlone = 20000;

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

template <typename T>
std::vector<T> read(const char* path) {
  std::ifstream in(path, std::ios::binary);
  const std::vector<char> bytes((std::istreambuf_iterator<char>(in)), {});
  const auto* begin = reinterpret_cast<const T*>(bytes.data());
  return {begin, begin + bytes.size() / sizeof(T)};
}

double score_all(const NetworkKernel& kernel, const std::vector<float>& x, std::int32_t features,
                 std::vector<float>& out) {
  const auto rows = static_cast<std::int64_t>(out.size());
  const auto start = processor_seconds();
  for (std::int64_t begin = 0; begin < rows; begin += kBatch) {
    const auto count = std::min(kBatch, rows - begin);
    kernel.score(
        {x.data() + begin, count, features, 1, rows},
        std::span(out).subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(count)));
  }
  return processor_seconds() - start;
}

/// Rows as a caller has them, features one behind the other.
double score_alone(const NetworkKernel& kernel, const std::vector<float>& x, std::int32_t features,
                   std::vector<float>& out) {
  const auto rows = static_cast<std::int64_t>(out.size());
  const auto count = std::min(kAlone, rows);
  std::vector<float> row(static_cast<std::size_t>(count * features));
  for (std::int64_t r = 0; r < count; ++r) {
    for (std::int32_t f = 0; f < features; ++f)
      row[static_cast<std::size_t>(r * features + f)] = x[static_cast<std::size_t>(f * rows + r)];
  }
  const auto start = processor_seconds();
  for (std::int64_t r = 0; r < count; ++r) {
    out[static_cast<std::size_t>(r)] = 0;
    kernel.add_row(row.data() + r * features, {}, {},
                   std::span(out).subspan(static_cast<std::size_t>(r), 1));
  }
  return (processor_seconds() - start) / static_cast<double>(count);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const auto model = read_network(read<std::uint8_t>(argv[1]), "squared_error");
  if (!model) {
    std::cerr << model.errors().front().message << "\n";
    return 1;
  }
  const auto x = read<float>(argv[2]);
  std::vector<float> out(x.size() / static_cast<std::size_t>(model->features));
  const auto kernel = make_network_kernel(*model, best_vector_set());
  const auto alone = score_alone(*kernel, x, model->features, out);
  const auto all = score_all(*kernel, x, model->features, out);
  std::ofstream(argv[3], std::ios::binary)
      .write(reinterpret_cast<const char*>(out.data()),
             static_cast<std::streamsize>(out.size() * sizeof(float)));
  std::cout << all / static_cast<double>(out.size()) * 1e9 << " " << alone * 1e9 << "\n";
  return 0;
}
