// XGBoost through its C API, in the library's own words.

#include "forests.h"

#include <time.h>
#include <xgboost/c_api.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>

#include "codegen/model.h"

namespace quern::bench {
namespace {

void check(int status) {
  if (status == 0) return;
  std::fprintf(stderr, "%s\n", XGBGetLastError());
  std::exit(1);
}

std::string interface_of(const Rows& rows, std::int64_t count) {
  return R"({"data": [)" + std::to_string(reinterpret_cast<std::uintptr_t>(rows.values.data())) +
         R"(, true], "shape": [)" + std::to_string(count) + ", " + std::to_string(rows.features) +
         R"(], "typestr": "<f4", "version": 3})";
}

/// Types: 1 margins, 2 contributions.
std::string config_of(int type) {
  return R"({"type": )" + std::to_string(type) +
         R"(, "training": false, "iteration_begin": 0, "iteration_end": 0, "strict_shape": false,)"
         R"( "missing": NaN, "cache_id": 0})";
}

std::vector<float> copy(const bst_ulong* shape, bst_ulong dimensions, const float* values) {
  std::size_t count = 1;
  for (bst_ulong i = 0; i < dimensions; ++i) count *= shape[i];
  return {values, values + count};
}

}  // namespace

std::vector<float> Rows::by_column() const {
  std::vector<float> out(values.size());
  for (std::int64_t row = 0; row < count; ++row) {
    for (std::int32_t f = 0; f < features; ++f)
      out[static_cast<std::size_t>(f * count + row)] =
          values[static_cast<std::size_t>(row * features + f)];
  }
  return out;
}

Rows make_rows(std::int64_t count, unsigned seed, std::int32_t features) {
  std::mt19937 dice(seed);
  std::normal_distribution<float> normal;
  Rows rows{count, features, std::vector<float>(static_cast<std::size_t>(count * features))};
  for (auto& value : rows.values) value = dice() % 50 == 0 ? NAN : normal(dice);
  return rows;
}

std::vector<float> labels_of(const Rows& rows) {
  std::vector<float> out;
  const auto width = static_cast<std::size_t>(rows.features);
  for (std::size_t at = 0; at < rows.values.size(); at += width) {
    float sum = 0;
    for (std::size_t f = 0; f < width; ++f) {
      const float x = std::isnan(rows.values[at + f]) ? 0.3F : rows.values[at + f];
      sum += std::sin(x * static_cast<float>(f % 5 + 1)) + x * rows.values[at] * 0.1F;
    }
    out.push_back(std::isnan(sum) ? 0 : sum);
  }
  return out;
}

Booster Booster::train(const Rows& rows, const std::vector<float>& labels, int rounds,
                       const Parameters& parameters) {
  DMatrixHandle matrix = nullptr;
  check(XGDMatrixCreateFromMat(rows.values.data(), static_cast<bst_ulong>(rows.count),
                               static_cast<bst_ulong>(rows.features), NAN, &matrix));
  check(XGDMatrixSetFloatInfo(matrix, "label", labels.data(), labels.size()));
  BoosterHandle booster = nullptr;
  check(XGBoosterCreate(&matrix, 1, &booster));
  for (const auto& [name, value] : Parameters{{"tree_method", "hist"}, {"seed", "7"}})
    check(XGBoosterSetParam(booster, name.c_str(), value.c_str()));
  for (const auto& [name, value] : parameters)
    check(XGBoosterSetParam(booster, name.c_str(), value.c_str()));
  for (int round = 0; round < rounds; ++round)
    check(XGBoosterUpdateOneIter(booster, round, matrix));
  check(XGBoosterSetParam(booster, "nthread", "1"));
  check(XGDMatrixFree(matrix));
  return Booster(booster);
}

Booster::~Booster() {
  if (handle_ != nullptr) XGBoosterFree(handle_);
}

codegen::Forest Booster::forest() const {
  bst_ulong size = 0;
  const char* bytes = nullptr;
  check(XGBoosterSaveModelToBuffer(handle_, R"({"format": "ubj"})", &size, &bytes));
  auto model = codegen::read_xgboost_model({reinterpret_cast<const std::uint8_t*>(bytes), size});
  if (!model) std::exit(1);
  return std::get<codegen::Forest>(*std::move(model));
}

void Booster::save(const std::string& path) const {
  check(XGBoosterSaveModel(handle_, path.c_str()));
}

std::vector<float> Booster::margins(const Rows& rows) const {
  const bst_ulong* shape = nullptr;
  bst_ulong dimensions = 0;
  const float* out = nullptr;
  check(XGBoosterPredictFromDense(handle_, interface_of(rows, rows.count).c_str(),
                                  config_of(1).c_str(), nullptr, &shape, &dimensions, &out));
  return copy(shape, dimensions, out);
}

std::vector<float> Booster::contributions(const Rows& rows, std::int64_t count) const {
  DMatrixHandle matrix = nullptr;
  check(XGDMatrixCreateFromDense(interface_of(rows, count).c_str(),
                                 R"({"missing": NaN, "nthread": 1})", &matrix));
  const std::unique_ptr<void, int (*)(void*)> owned(matrix, XGDMatrixFree);
  const bst_ulong* shape = nullptr;
  bst_ulong dimensions = 0;
  const float* out = nullptr;
  check(XGBoosterPredictFromDMatrix(handle_, matrix, config_of(2).c_str(), &shape, &dimensions,
                                    &out));
  return copy(shape, dimensions, out);
}

double seconds_of(const std::function<void()>& work) {
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  };
  const double begin = now();
  work();
  return now() - begin;
}

Runs run_in_turn(int runs, const std::function<void()>& peer, const std::function<void()>& ours,
                 double peer_part) {
  Runs out;
  for (int run = 0; run < runs; ++run) {
    const double of_peer = seconds_of(peer) / peer_part;
    out.ours.push_back(seconds_of(ours));
    out.ratios.push_back(of_peer / out.ours.back());
  }
  std::sort(out.ours.begin(), out.ours.end());
  std::sort(out.ratios.begin(), out.ratios.end());
  return out;
}

}  // namespace quern::bench
