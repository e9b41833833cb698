// The features of a row, on the stack where they have room there, then the model.

#include "codegen/row/row_scorer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "codegen/forest/row_forest.h"
#include "codegen/network/kernel.h"
#include "codegen/row/row_features.h"
#include "codegen/scorer.h"

namespace quern::codegen {
namespace {

constexpr std::size_t kOnStack = 3072;

/// One of each thread: what a row needs beyond the stack.
RowScratch& thread_scratch() {
  thread_local RowScratch scratch;
  return scratch;
}

Result<void> read_margins(std::span<const RowValue> values, const std::vector<ir::Input>& inputs,
                          std::span<float> margins) {
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const bool number = values[i].kind() == RowValue::Kind::number;
    const auto margin = number ? static_cast<float>(values[i].number()) : std::nanf("");
    if (!std::isfinite(margin))
      return Diagnostic{Code::bad_base_margin,
                        "base margin " + inputs[i].name + " is not a finite number"};
    margins[i] = margin;
  }
  return {};
}

/// What both kinds of models have in common.
class Scored : public RowScorer {
 public:
  Scored(const ir::Manifest& manifest, RowFeatures features)
      : manifest_(manifest), features_(std::move(features)) {}

 protected:
  const ir::FeatureProgram& program() const { return manifest_.program; }

  /// The margins that the row begins with.
  Result<void> begin(const ModelShape& shape, std::span<const RowValue> row,
                     std::span<float> margins) const {
    const auto& inputs = manifest_.base_margin;
    if (!inputs.empty()) return read_margins(row.subspan(program().inputs.size()), inputs, margins);
    std::copy(shape.base_margins.begin(), shape.base_margins.end(), margins.begin());
    return {};
  }

  /// Calls `use` with room for `count` floats and the thread's scratch.
  template <typename Use>
  static Result<void> with_room(std::size_t count, Use use) {
    auto& scratch = thread_scratch();
    if (count <= kOnStack) {
      std::array<float, kOnStack> room;
      return use(room.data(), scratch);
    }
    scratch.features.resize(count);
    return use(scratch.features.data(), scratch);
  }

  const RowFeatures& features() const { return features_; }

 private:
  const ir::Manifest& manifest_;
  RowFeatures features_;
};

class ForestRows final : public Scored {
 public:
  ForestRows(const ir::Manifest& manifest, RowFeatures features, Forest forest,
             std::vector<std::int32_t> places)
      : Scored(manifest, std::move(features)),
        places_(std::move(places)),
        forest_(std::move(forest)) {}

  std::int32_t outputs() const override { return forest_.forest().outputs; }
  Link link() const override { return forest_.forest().link; }

  Result<void> score(std::span<const RowValue> row, std::span<float> margins) const override {
    QUERN_CHECK(begin(forest_.forest(), row, margins));
    const auto own = program().features.size();
    const auto all = std::max(own, static_cast<std::size_t>(forest_.forest().features));
    return with_room(3 * all, [&](float* x, RowScratch& scratch) -> Result<void> {
      QUERN_CHECK(features().run(row, x, scratch));
      if (!program().groups.empty()) {
        QUERN_CHECK(features().run_groups(row, x, scratch));
        scatter(scratch, std::span(x, all).subspan(own), x);
      }
      forest_.add(x, x + all, margins);
      return {};
    });
  }

 private:
  /// Puts the entries that the forest splits by behind the features of their own.
  void scatter(const RowScratch& scratch, std::span<float> behind, float* x) const {
    std::fill(behind.begin(), behind.end(), std::numeric_limits<float>::quiet_NaN());
    std::size_t entry = 0;
    std::size_t first = 0;
    for (std::size_t g = 0; g < scratch.ends.size(); ++g) {
      const auto width = program().groups[g].width;
      for (; entry < scratch.ends[g]; ++entry) {
        const auto& e = scratch.entries[entry];
        const auto place = e.key < width ? places_[first + e.key] : -1;
        if (place >= 0) x[place] = e.value;
      }
      first += width;
    }
  }

  std::vector<std::int32_t> places_;  ///< of the features of groups; -1: no tree splits by it
  RowForest forest_;
};

class LinearRows final : public Scored {
 public:
  LinearRows(const ir::Manifest& manifest, RowFeatures features, Linear linear)
      : Scored(manifest, std::move(features)), linear_(std::move(linear)) {}

  std::int32_t outputs() const override { return linear_.outputs; }
  Link link() const override { return linear_.link; }

  Result<void> score(std::span<const RowValue> row, std::span<float> margins) const override {
    QUERN_CHECK(begin(linear_, row, margins));
    return with_room(program().features.size(), [&](float* x, RowScratch& scratch) -> Result<void> {
      QUERN_CHECK(features().run(row, x, scratch));
      QUERN_CHECK(features().run_groups(row, x, scratch));
      for (std::int32_t o = 0; o < linear_.outputs; ++o) {
        auto& margin = margins[static_cast<std::size_t>(o)];
        margin = sum(x, scratch, o, linear_.bias(o) + margin);
      }
      return {};
    });
  }

 private:
  /// In the order of the features, as XGBoost sums those that are there.
  float sum(const float* x, const RowScratch& scratch, std::int32_t o, float so_far) const {
    const auto dense = static_cast<std::int32_t>(ir::dense_width(program()));
    for (std::int32_t f = 0; f < dense; ++f) {
      if (!std::isnan(x[f])) so_far += x[f] * linear_.weight(f, o);
    }
    auto first = static_cast<std::uint32_t>(dense);
    std::size_t entry = 0;
    for (std::size_t g = 0; g < scratch.ends.size(); ++g) {
      const auto width = program().groups[g].width;
      for (; entry < scratch.ends[g]; ++entry) {
        const auto& e = scratch.entries[entry];
        if (e.key < width)
          so_far += e.value * linear_.weight(static_cast<std::int32_t>(first + e.key), o);
      }
      first += width;
    }
    return so_far;
  }

  Linear linear_;
};

class NetworkRows final : public Scored {
 public:
  NetworkRows(const ir::Manifest& manifest, RowFeatures features, const NetworkModel& model)
      : Scored(manifest, std::move(features)),
        shape_(model),
        kernel_(make_network_kernel(model, best_vector_set())) {}

  std::int32_t outputs() const override { return shape_.outputs; }
  Link link() const override { return shape_.link; }

  Result<void> score(std::span<const RowValue> row, std::span<float> margins) const override {
    QUERN_CHECK(begin(shape_, row, margins));
    return with_room(program().features.size(), [&](float* x, RowScratch& scratch) -> Result<void> {
      QUERN_CHECK(features().run(row, x, scratch));
      QUERN_CHECK(features().run_groups(row, x, scratch));
      kernel_->add_row(x, scratch.entries, scratch.ends, margins);
      return {};
    });
  }

 private:
  ModelShape shape_;
  std::unique_ptr<NetworkKernel> kernel_;
};

/// Gives the features of groups that the forest splits by a place behind all others.
std::vector<std::int32_t> place_groups(Forest& forest, const ir::FeatureProgram& program) {
  if (program.groups.empty()) return {};
  const auto dense = static_cast<std::int32_t>(ir::dense_width(program));
  auto end = static_cast<std::int32_t>(program.features.size());
  std::vector<std::int32_t> places(ir::width(program) - ir::dense_width(program), -1);
  for (auto& tree : forest.trees) {
    for (auto& node : tree.nodes) {
      if (node.left == -1 || node.feature < dense) continue;
      auto& place = places[static_cast<std::size_t>(node.feature - dense)];
      if (place == -1) place = end++;
      node.feature = place;
    }
  }
  forest.features = end;
  return places;
}

}  // namespace

Result<std::unique_ptr<RowScorer>> make_row_scorer(const ir::Manifest& manifest,
                                                   std::span<const std::uint8_t> payload) {
  QUERN_TRY(auto features, RowFeatures::make(manifest.program));
  QUERN_TRY(auto model, read_model(manifest, payload));
  if (auto* linear = std::get_if<Linear>(&model)) {
    return std::unique_ptr<RowScorer>(
        std::make_unique<LinearRows>(manifest, std::move(features), std::move(*linear)));
  }
  if (const auto* network = std::get_if<NetworkModel>(&model)) {
    return std::unique_ptr<RowScorer>(
        std::make_unique<NetworkRows>(manifest, std::move(features), *network));
  }
  auto& forest = std::get<Forest>(model);
  auto places = place_groups(forest, manifest.program);
  return std::unique_ptr<RowScorer>(std::make_unique<ForestRows>(
      manifest, std::move(features), std::move(forest), std::move(places)));
}

}  // namespace quern::codegen
