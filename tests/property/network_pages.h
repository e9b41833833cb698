#pragma once
// Rows for trainings of networks, in memory, and the engine or the reason why it is not there.

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "compiler/ir/tensors.h"
#include "runtime/engines/network_engine.h"

namespace quern::test {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// Rows, row-major, shown in pages of some rows.
class NetworkPages final : public runtime::PageSource {
 public:
  NetworkPages(std::int32_t features, std::int64_t page_rows = 1000)
      : features_(features), page_rows_(page_rows) {}

  void add(const std::vector<float>& row, float label, float weight = 1) {
    values_.insert(values_.end(), row.begin(), row.end());
    labels_.push_back(label);
    weights_.push_back(weight);
    weighted_ = weighted_ || weight != 1;
  }
  std::vector<codegen::SparseRows>& groups() { return groups_; }
  const float* row(std::int64_t r) const { return values_.data() + r * features_; }
  float label(std::int64_t r) const { return labels_[static_cast<std::size_t>(r)]; }

  std::int64_t rows() const override { return static_cast<std::int64_t>(labels_.size()); }
  std::int32_t features() const override { return features_; }
  void rewind() override { next_ = 0; }
  Result<bool> next(runtime::PageView& page) override {
    const auto rows = std::min(page_rows_, this->rows() - next_);
    if (rows <= 0) return false;
    page_.assign(static_cast<std::size_t>(rows * features_), 0);
    for (std::int64_t r = 0; r < rows; ++r) {
      for (std::int32_t f = 0; f < features_; ++f) {
        page_[static_cast<std::size_t>(f * rows + r)] = row(next_ + r)[f];
      }
    }
    page = {page_.data(), rows, rows, labels_.data() + next_,
            weighted_ ? weights_.data() + next_ : nullptr};
    page.sparse = groups_;
    page.first = next_;
    next_ += rows;
    return true;
  }

 private:
  std::int32_t features_;
  std::int64_t page_rows_;
  std::int64_t next_ = 0;
  bool weighted_ = false;
  std::vector<float> values_, labels_, weights_, page_;
  std::vector<codegen::SparseRows> groups_;
};

inline runtime::TrainedModel trained(const runtime::NetworkTask& task) {
  auto engine = runtime::torch_engine();
  REQUIRE(engine.ok());
  auto model = (*engine)->train(task, {}, {});
  if (!model) FAIL(model.errors().front().message);
  return *std::move(model);
}

inline std::vector<float> margins_of(const runtime::TrainedModel& model,
                                     runtime::PageSource& pages) {
  auto engine = runtime::torch_engine();
  REQUIRE(engine.ok());
  auto margins = (*engine)->margins(model.payload, pages, {});
  if (!margins) FAIL(margins.errors().front().message);
  return *std::move(margins);
}

inline std::vector<float> tensor_of(const runtime::TrainedModel& model, const std::string& name) {
  const auto tensors = ir::read_tensors(model.payload);
  REQUIRE(tensors.ok());
  const auto* tensor = tensors->find(name);
  INFO(name);
  REQUIRE(tensor != nullptr);
  return tensor->values;
}

}  // namespace quern::test

/// Leaves a test case by name where the plug-in is missing; ctest then shows the program as
/// skipped.
#define QUERN_REQUIRE_TORCH()                                                  \
  if (const auto engine_ = quern::runtime::torch_engine(); !engine_.ok()) {    \
    WARN("SKIPPED: " << Catch::getResultCapture().getCurrentTestName() << ": " \
                     << engine_.errors().front().message);                     \
    return;                                                                    \
  }
