// Forward and back through each tower, along the straight way from zeros to the row.

#include "codegen/interpret/network_gradients.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "base/box.h"
#include "codegen/interpret/network.h"

namespace quern::codegen {
namespace {

using Vector = std::vector<double>;

/// Points and weights of Gauss and Legendre's rule in [0, 1].
constexpr std::array<std::pair<double, double>, 5> kPoints{
    {{0.04691007703066802, 0.11846344252809454},
     {0.23076534494715845, 0.23931433524968324},
     {0.5, 0.28444444444444444},
     {0.76923465505284155, 0.23931433524968324},
     {0.95308992296933198, 0.11846344252809454}}};
constexpr int kFewestPieces = 4;
constexpr int kMostPieces = 64;
constexpr double kTolerance = 2e-3;

/// One tower: what stands behind each layer, and what its outputs owe to what it reads.
class Tower {
 public:
  Tower(const NetworkModel& model, const ir::Tower& tower) : model_(model), tower_(tower) {}

  const Vector& run(const Vector& input) {
    values_.assign(1, input);
    for (std::size_t i = 0; i < tower_.layers.size(); ++i) values_.push_back(forward(i));
    return values_.back();
  }

  /// After run(): the derivatives of one output by the inputs.
  Vector back(std::size_t output) const {
    Vector out(values_.back().size());
    out[output] = 1;
    for (auto i = tower_.layers.size(); i-- > 0;) out = backward(i, std::move(out));
    return out;
  }

 private:
  std::string name(std::size_t layer) const {
    return tower_.name + ".layer" + std::to_string(layer);
  }

  double scale_of(std::size_t layer, std::size_t i, float epsilon) const {
    const double variance = model_.numbers(name(layer) + ".running_var")[i];
    return model_.numbers(name(layer) + ".weight")[i] / std::sqrt(variance + epsilon);
  }

  Vector forward(std::size_t layer) const {
    const auto& x = values_.back();
    return std::visit(Overloaded{
                          [&](const ir::LinearLayer& l) {
                            const auto weight = model_.numbers(name(layer) + ".weight");
                            const auto bias = model_.numbers(name(layer) + ".bias");
                            Vector out(static_cast<std::size_t>(l.outputs));
                            for (std::size_t o = 0; o < out.size(); ++o) {
                              out[o] = bias.empty() ? 0.0 : bias[o];
                              for (std::size_t i = 0; i < x.size(); ++i)
                                out[o] += weight[o * x.size() + i] * x[i];
                            }
                            return out;
                          },
                          [&](const ir::ActivationLayer& l) {
                            auto out = x;
                            for (auto& v : out) v = activate(l.activation, v);
                            return out;
                          },
                          [&](const ir::BatchNormLayer& l) {
                            const auto mean = model_.numbers(name(layer) + ".running_mean");
                            const auto bias = model_.numbers(name(layer) + ".bias");
                            auto out = x;
                            for (std::size_t i = 0; i < out.size(); ++i)
                              out[i] = (x[i] - mean[i]) * scale_of(layer, i, l.epsilon) + bias[i];
                            return out;
                          },
                          [&](const auto&) { return x; },
                      },
                      tower_.layers[layer]);
  }

  Vector backward(std::size_t layer, Vector by) const {
    const auto& x = values_[layer];
    return std::visit(Overloaded{
                          [&](const ir::LinearLayer&) {
                            const auto weight = model_.numbers(name(layer) + ".weight");
                            Vector out(x.size());
                            for (std::size_t o = 0; o < by.size(); ++o) {
                              if (by[o] == 0) continue;
                              for (std::size_t i = 0; i < x.size(); ++i)
                                out[i] += by[o] * weight[o * x.size() + i];
                            }
                            return out;
                          },
                          [&](const ir::ActivationLayer& l) {
                            for (std::size_t i = 0; i < by.size(); ++i)
                              by[i] *= slope(l.activation, x[i]);
                            return std::move(by);
                          },
                          [&](const ir::BatchNormLayer& l) {
                            for (std::size_t i = 0; i < by.size(); ++i)
                              by[i] *= scale_of(layer, i, l.epsilon);
                            return std::move(by);
                          },
                          [&](const auto&) { return std::move(by); },
                      },
                      tower_.layers[layer]);
  }

  const NetworkModel& model_;
  const ir::Tower& tower_;
  std::vector<Vector> values_;
};

/// Mean derivatives of each output along the way. \param pieces  each has its points.
std::vector<Vector> mean_slopes(Tower& tower, const Vector& input, std::size_t outputs,
                                int pieces) {
  std::vector<Vector> out(outputs, Vector(input.size()));
  Vector at(input.size());
  for (int piece = 0; piece < pieces; ++piece) {
    for (const auto& [point, weight] : kPoints) {
      const double way = (piece + point) / pieces;
      for (std::size_t i = 0; i < at.size(); ++i) at[i] = way * input[i];
      tower.run(at);
      for (std::size_t o = 0; o < outputs; ++o) {
        const auto slopes = tower.back(o);
        for (std::size_t i = 0; i < at.size(); ++i) out[o][i] += weight / pieces * slopes[i];
      }
    }
  }
  return out;
}

double product(const Vector& a, const Vector& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// Gives what the block's values moved to the features that they come from.
class Shares {
 public:
  Shares(const NetworkModel& model, std::int64_t row, GroupRows groups, std::span<double> out)
      : model_(model), row_(row), groups_(groups), out_(out) {}

  /// \param slopes  mean derivatives by the block's values; \param values  those.
  void add(const ir::Block& block, std::span<const float> table, std::span<const double> values,
           std::span<const double> slopes) const {
    std::visit(Overloaded{
                   [&](const ir::DenseBlock& b) {
                     for (std::size_t i = 0; i < values.size(); ++i)
                       of(b.first + static_cast<std::int32_t>(i)) += values[i] * slopes[i];
                   },
                   [&](const ir::OneHotBlock& b) { add_all(b.feature, values, slopes); },
                   [&](const ir::EmbeddingBlock& b) { add_all(b.feature, values, slopes); },
                   [&](const ir::BagBlock& b) { add_bag(b, table, slopes); },
                   [](const ir::SequenceBlock&) {},
               },
               block);
  }

 private:
  double& of(std::int32_t feature) const { return out_[static_cast<std::size_t>(feature)]; }

  void add_all(std::int32_t feature, std::span<const double> values,
               std::span<const double> slopes) const {
    for (std::size_t i = 0; i < values.size(); ++i) of(feature) += values[i] * slopes[i];
  }

  void add_bag(const ir::BagBlock& b, std::span<const float> table,
               std::span<const double> slopes) const {
    const auto entries = groups_[static_cast<std::size_t>(b.group)].row(row_);
    auto first = model_.network.features;
    for (std::int32_t g = 0; g < b.group; ++g)
      first += model_.network.group_widths[static_cast<std::size_t>(g)];
    double weights = 0;
    double squares = 0;
    for (const auto& entry : entries) {
      const double weight = b.weighted ? entry.value : 1.0;
      weights += weight;
      squares += weight * weight;
    }
    double divisor = 1;
    if (b.width > 0 && b.combiner == ir::Combiner::mean) divisor = weights;
    if (b.width > 0 && b.combiner == ir::Combiner::sqrtn) divisor = std::sqrt(squares);
    for (const auto& entry : entries) {
      if (std::cmp_greater_equal(entry.key, b.rows) || divisor == 0) continue;
      const double weight = (b.weighted ? entry.value : 1.0) / divisor;
      auto& share = of(first + static_cast<std::int32_t>(entry.key));
      if (b.width == 0) share += weight * slopes[entry.key];
      const auto width = static_cast<std::size_t>(b.width);
      for (std::size_t i = 0; i < width; ++i)
        share += weight * table[entry.key * width + i] * slopes[i];
    }
  }

  const NetworkModel& model_;
  std::int64_t row_;
  GroupRows groups_;
  std::span<double> out_;
};

/// Mean derivatives that make up what the tower moved, as well as kMostPieces can.
std::vector<Vector> slopes_of(Tower& tower, const Vector& input, const Vector& moved) {
  std::vector<Vector> out;
  for (int pieces = kFewestPieces; pieces <= kMostPieces; pieces *= 4) {
    out = mean_slopes(tower, input, moved.size(), pieces);
    bool close = true;
    for (std::size_t o = 0; o < moved.size(); ++o) {
      const double error = std::abs(product(input, out[o]) - moved[o]);
      close &= error <= kTolerance * std::abs(moved[o]) + 1e-9;
    }
    if (close) break;
  }
  return out;
}

}  // namespace

bool has_gradients(const NetworkModel& model) {
  for (const auto& tower : model.network.towers) {
    for (const auto& block : tower.blocks) {
      if (std::holds_alternative<ir::SequenceBlock>(block)) return false;
    }
  }
  return true;
}

void explain_row(const NetworkModel& model, const FeatureView& x, std::int64_t row,
                 GroupRows groups, std::span<double> out, BaseMargins base) {
  std::fill(out.begin(), out.end(), 0.0);
  const auto outputs = static_cast<std::size_t>(model.outputs);
  const auto width = static_cast<std::size_t>(model.features) + 1;
  const auto first = first_margins(model, base, row);
  for (std::size_t o = 0; o < outputs; ++o) out[o * width + width - 1] = first[o];
  for (const auto& of_tower : model.network.towers) {
    Tower tower(model, of_tower);
    const auto input = read_tower(model, of_tower, x, row, groups).front();
    const auto start = tower.run(Vector(input.size()));
    auto moved = tower.run(input);
    for (std::size_t o = 0; o < outputs; ++o) {
      moved[o] -= start[o];
      out[o * width + width - 1] += start[o];
    }
    const auto slopes = slopes_of(tower, input, moved);
    std::size_t at = 0;
    for (std::size_t b = 0; b < of_tower.blocks.size(); ++b) {
      const auto& block = of_tower.blocks[b];
      const auto table = model.numbers(of_tower.name + ".block" + std::to_string(b));
      const auto size = static_cast<std::size_t>(
          ir::widths(model.network, {.name = "", .blocks = {block}, .layers = {}}).front());
      for (std::size_t o = 0; o < outputs; ++o) {
        const Shares shares(model, row, groups, out.subspan(o * width, width));
        shares.add(block, table, std::span(input).subspan(at, size),
                   std::span(slopes[o]).subspan(at, size));
      }
      at += size;
    }
  }
}

}  // namespace quern::codegen
