// Times the interpreter of feature programs over batches of 2,048 rows in memory: STANDARDIZE, LOG
// and BUCKET of a DOUBLE column against loops written by hand over the same batches, and DENSE of
// text. First the answer: every float must have the bits of the loop's. Exit status 1 where one has
// not, never because of a time.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "base/column_builder.h"
#include "codegen/interpret/features.h"

namespace {

using namespace quern;

constexpr std::int64_t kRows = 2048;
constexpr std::int64_t kBatches = 256;
constexpr std::int32_t kElements = 50;

using Batches = std::vector<ColumnBatch>;
using Pass = std::function<void()>;

Batches number_batches() {
  std::mt19937 random(1);
  std::normal_distribution<double> normal(100, 20);
  Batches out;
  for (std::int64_t b = 0; b < kBatches; ++b) {
    ColumnBuilder column({.kind = TypeKind::float64});
    for (std::int64_t r = 0; r < kRows; ++r) column.append_double(normal(random));
    out.push_back({kRows, {column.finish()}});
  }
  return out;
}

/// Vectors of numbers with some digits each, and their bytes.
Batches text_batches(double& megabytes) {
  std::mt19937 random(2);
  Batches out;
  megabytes = 0;
  for (std::int64_t b = 0; b < kBatches / 16; ++b) {
    ColumnBuilder column({.kind = TypeKind::text});
    for (std::int64_t r = 0; r < kRows; ++r) {
      std::string text;
      for (std::int32_t i = 0; i < kElements; ++i)
        text += (i > 0 ? "," : "") + std::to_string(random() % 100000) + "." +
                std::to_string(random() % 1000);
      megabytes += static_cast<double>(text.size()) / 1e6;
      column.append_text(text);
    }
    out.push_back({kRows, {column.finish()}});
  }
  return out;
}

double seconds(const Pass& pass) {
  const auto start = std::chrono::steady_clock::now();
  pass();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

struct Spread {
  double least, median, most;
};

Spread spread(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return {values.front(), values[values.size() / 2], values.back()};
}

ir::FeatureProgram program_of(ir::Step step) {
  return {{{"x", TypeKind::float64}}, {{"x", 0, ir::Number{}, {std::move(step)}}}};
}

/// Compares, then times both in turn. False where the answers differ.
template <typename Loop>
bool compare(const char* name, const Batches& batches, ir::Step step, Loop loop) {
  const auto program = program_of(std::move(step));
  const codegen::FeatureInterpreter interpreter(program, {0});
  std::vector<float> ours(kRows);
  std::vector<float> theirs(kRows);
  const auto by_hand = [&](const ColumnBatch& batch) {
    const auto values = batch.columns[0].as<double>();
    for (std::size_t i = 0; i < values.size(); ++i) theirs[i] = static_cast<float>(loop(values[i]));
  };
  for (const auto& batch : batches) {
    if (!interpreter.run(batch, ours.data(), kRows)) return false;
    by_hand(batch);
    if (std::memcmp(ours.data(), theirs.data(), kRows * sizeof(float)) != 0) return false;
  }
  std::vector<double> ratios;
  double interpreted = 0;
  for (int i = 0; i < 15; ++i) {
    interpreted = seconds([&] {
      for (const auto& batch : batches)
        [[maybe_unused]] const auto done = interpreter.run(batch, ours.data(), kRows);
    });
    const double direct = seconds([&] {
      for (const auto& batch : batches) by_hand(batch);
    });
    ratios.push_back(direct / interpreted);
  }
  const auto [least, median, most] = spread(ratios);
  std::printf(
      "%-12s speed of the interpreter / by hand  %.2f [%.2f, %.2f]  goal: 0.5, %s"
      "   (%.0f million values a second)\n",
      name, median, least, most, median >= 0.5 ? "met" : "NOT met",
      static_cast<double>(kRows * kBatches) / interpreted / 1e6);
  return true;
}

/// The same of text, against the C library's strtod.
bool time_text() {
  double megabytes = 0;
  const auto batches = text_batches(megabytes);
  ir::FeatureProgram program{{{"v", TypeKind::text}}, {}};
  for (std::int32_t i = 0; i < kElements; ++i)
    program.features.push_back({std::to_string(i), 0, ir::Element{i, ",", kElements}});
  const codegen::FeatureInterpreter interpreter(program, {0});
  std::vector<float> out(kRows * kElements);
  for (const auto& batch : batches) {
    if (!interpreter.run(batch, out.data(), kRows)) return false;
    for (std::int64_t r = 0; r < kRows; ++r) {
      const std::string text(batch.columns[0].text(r));
      const char* at = text.c_str();
      for (std::int64_t i = 0; i < kElements; ++i) {
        char* end = nullptr;
        if (out[static_cast<std::size_t>(i * kRows + r)] !=
            static_cast<float>(std::strtod(at, &end)))
          return false;
        at = end + 1;
      }
    }
  }
  std::vector<double> parsing;
  std::vector<double> whole;
  std::vector<double> numbers;
  for (int i = 0; i < 15; ++i) {
    parsing.push_back(megabytes / seconds([&] {
                        for (const auto& batch : batches) {
                          for (std::int64_t r = 0; r < kRows; ++r) {
                            numbers.clear();
                            codegen::parse_numbers(batch.columns[0].text(r), ",", numbers);
                          }
                        }
                      }));
    whole.push_back(megabytes / seconds([&] {
                      for (const auto& batch : batches)
                        [[maybe_unused]] const auto done =
                            interpreter.run(batch, out.data(), kRows);
                    }));
  }
  const auto p = spread(parsing);
  const auto w = spread(whole);
  std::printf("csv text     parsed, MB/s  %.0f [%.0f, %.0f]  goal: 200, %s\n", p.median, p.least,
              p.most, p.median >= 200 ? "met" : "NOT met");
  std::printf("csv text     to features, MB/s  %.0f [%.0f, %.0f]\n", w.median, w.least, w.most);
  return true;
}

}  // namespace

int main() {
  const auto batches = number_batches();
  const std::vector<double> boundaries = {60, 80, 90, 100, 110, 120, 140};
  const bool right = compare("STANDARDIZE", batches, ir::Standardize{100.25, 19.5},
                             [](double x) { return (x - 100.25) / 19.5; }) &&
                     compare("LOG", batches, ir::Logarithm{},
                             [](double x) { return x > 0 ? std::log(x) : std::nan(""); }) &&
                     compare("BUCKET", batches, ir::Bucket{boundaries},
                             [&](double x) {
                               return std::upper_bound(boundaries.begin(), boundaries.end(), x) -
                                      boundaries.begin();
                             }) &&
                     time_text();
  if (!right) std::printf("wrong answer: a feature is not what the loop by hand gives\n");
  return right ? 0 : 1;
}
