// The oracle of networks: row by row, layer by layer, number by number, in float64.

#include "codegen/interpret/network.h"

#include <algorithm>
#include <cmath>

#include "base/box.h"
#include "codegen/interpret/cell_tape.h"

namespace quern::codegen {
namespace {

using Vector = std::vector<double>;

std::string prefix_of(const ir::Tower& tower, const char* part, std::size_t i) {
  return tower.name + "." + part + std::to_string(i);
}

/// A row of a table, or zeros where the code is none.
void append_code(std::span<const float> table, float code, std::int32_t rows, std::int32_t width,
                 Vector& out) {
  const bool known = code >= 0 && code < static_cast<float>(rows);
  const auto first = known ? static_cast<std::size_t>(code) * static_cast<std::size_t>(width) : 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(width); ++i)
    out.push_back(known ? table[first + i] : 0.0);
}

/// Learned vectors of a row's entries, as one.
void append_bag(const ir::BagBlock& bag, std::span<const float> table,
                std::span<const SparseEntry> entries, Vector& out) {
  const auto width = static_cast<std::size_t>(bag.width);
  Vector sum(width);
  double weights = 0;
  double squares = 0;
  for (const auto& entry : entries) {
    if (std::cmp_greater_equal(entry.key, bag.rows)) continue;
    const double weight = bag.weighted ? entry.value : 1.0;
    weights += weight;
    squares += weight * weight;
    for (std::size_t i = 0; i < width; ++i) sum[i] += weight * table[entry.key * width + i];
  }
  double divisor = 1;
  if (bag.combiner == ir::Combiner::mean) divisor = weights;
  if (bag.combiner == ir::Combiner::sqrtn) divisor = std::sqrt(squares);
  for (const double v : sum) out.push_back(divisor == 0 ? 0.0 : v / divisor);
}

/// The entries as they are.
void append_entries(const ir::BagBlock& bag, std::span<const SparseEntry> entries, Vector& out) {
  const auto first = out.size();
  out.resize(first + static_cast<std::size_t>(bag.rows));
  for (const auto& entry : entries) {
    if (std::cmp_less(entry.key, bag.rows))
      out[first + entry.key] = bag.weighted ? entry.value : 1.0;
  }
}

double or_zero(float x) { return std::isnan(x) ? 0.0 : static_cast<double>(x); }

/// Steps that a sequence has in a row.
std::int32_t length_of(const ir::SequenceBlock& b, const FeatureView& x, std::int64_t row) {
  for (std::int32_t step = 0; step < b.length; ++step) {
    if (std::isnan(x.at(row, b.first + step * b.numbers))) return step;
  }
  return b.length;
}

class Reader {
 public:
  Reader(const FeatureView& x, std::int64_t row, GroupRows groups)
      : x_(x), row_(row), groups_(groups) {}

  /// \param table  of the block, where it has one. \param step  of the sequences.
  void append(const ir::Block& block, std::span<const float> table, std::int32_t step,
              Vector& out) const {
    std::visit(
        Overloaded{
            [&](const ir::DenseBlock& b) {
              for (std::int32_t i = 0; i < b.count; ++i)
                out.push_back(or_zero(x_.at(row_, b.first + i)));
            },
            [&](const ir::OneHotBlock& b) {
              const float code = x_.at(row_, b.feature);
              for (std::int32_t i = 0; i < b.rows; ++i)
                out.push_back(
                    code >= static_cast<float>(i) && code < static_cast<float>(i + 1) ? 1 : 0);
            },
            [&](const ir::EmbeddingBlock& b) {
              append_code(table, x_.at(row_, b.feature), b.rows, b.width, out);
            },
            [&](const ir::BagBlock& b) {
              const auto entries = groups_[static_cast<std::size_t>(b.group)].row(row_);
              if (b.width > 0)
                append_bag(b, table, entries, out);
              else
                append_entries(b, entries, out);
            },
            [&](const ir::SequenceBlock& b) { append_step(b, table, step, out); },
        },
        block);
  }

 private:
  void append_step(const ir::SequenceBlock& b, std::span<const float> table, std::int32_t step,
                   Vector& out) const {
    const bool is_there = step < length_of(b, x_, row_);
    const auto first = b.first + step * b.numbers;
    if (b.rows > 0) {
      const float code = is_there ? x_.at(row_, first) : std::nanf("");
      return append_code(table, code, b.rows, b.width, out);
    }
    for (std::int32_t i = 0; i < b.numbers; ++i)
      out.push_back(is_there ? or_zero(x_.at(row_, first + i)) : 0.0);
  }

  const FeatureView& x_;
  std::int64_t row_;
  GroupRows groups_;
};

/// y = x W' + b, with W as [outputs, inputs]; no b where it is empty.
Vector multiply(std::span<const float> weight, std::span<const float> bias, const Vector& x) {
  Vector out(weight.size() / x.size());
  for (std::size_t o = 0; o < out.size(); ++o) {
    out[o] = bias.empty() ? 0.0 : bias[o];
    for (std::size_t i = 0; i < x.size(); ++i) out[o] += x[i] * weight[o * x.size() + i];
  }
  return out;
}

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

TowerInput run_recurrent(const NetworkModel& model, const std::string& name,
                         const ir::RecurrentLayer& layer, const TowerInput& input) {
  auto out = CellTape(model, name, layer, false).run(input);
  if (!layer.bidirectional) return out;
  const auto back = CellTape(model, name, layer, true).run(input);
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i].insert(out[i].end(), back[i].begin(), back[i].end());
  return out;
}

void normalize(const NetworkModel& model, const std::string& name, const ir::BatchNormLayer& layer,
               Vector& x) {
  const auto weight = model.numbers(name + ".weight");
  const auto bias = model.numbers(name + ".bias");
  const auto mean = model.numbers(name + ".running_mean");
  const auto variance = model.numbers(name + ".running_var");
  for (std::size_t i = 0; i < x.size(); ++i)
    x[i] =
        (x[i] - mean[i]) / std::sqrt(static_cast<double>(variance[i]) + layer.epsilon) * weight[i] +
        bias[i];
}

}  // namespace

TowerInput read_tower(const NetworkModel& model, const ir::Tower& tower, const FeatureView& x,
                      std::int64_t row, GroupRows groups) {
  std::int32_t steps = -1;
  for (const auto& block : tower.blocks) {
    if (const auto* sequence = std::get_if<ir::SequenceBlock>(&block))
      steps = std::max(steps, length_of(*sequence, x, row));
  }
  TowerInput out(steps < 0 ? 1 : static_cast<std::size_t>(steps));
  const Reader reader(x, row, groups);
  for (std::size_t b = 0; b < tower.blocks.size(); ++b) {
    const auto table = model.numbers(prefix_of(tower, "block", b));
    for (std::size_t s = 0; s < out.size(); ++s)
      reader.append(tower.blocks[b], table, static_cast<std::int32_t>(s), out[s]);
  }
  return out;
}

double activate(ir::Activation activation, double x) {
  constexpr double kScale = 1.0507009873554804934193349852946;
  constexpr double kAlpha = 1.6732632423543772848170429916717;
  switch (activation) {
    case ir::Activation::relu: return std::max(x, 0.0);
    case ir::Activation::relu6: return std::clamp(x, 0.0, 6.0);
    case ir::Activation::leaky_relu: return x > 0 ? x : 0.01 * x;
    case ir::Activation::elu: return x > 0 ? x : std::expm1(x);
    case ir::Activation::selu: return kScale * (x > 0 ? x : kAlpha * std::expm1(x));
    case ir::Activation::gelu: return 0.5 * x * std::erfc(-x / std::sqrt(2.0));
    case ir::Activation::sigmoid: return logistic(x);
    case ir::Activation::tanh: return std::tanh(x);
    case ir::Activation::softplus: return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
    case ir::Activation::softsign: return x / (1 + std::abs(x));
    case ir::Activation::swish: return x * logistic(x);
  }
  return x;
}

double slope(ir::Activation activation, double x) {
  constexpr double kScale = 1.0507009873554804934193349852946;
  constexpr double kAlpha = 1.6732632423543772848170429916717;
  constexpr double kRootOfTwoPi = 2.5066282746310005024157652848110;
  switch (activation) {
    case ir::Activation::relu: return x > 0 ? 1 : 0;
    case ir::Activation::relu6: return x > 0 && x < 6 ? 1 : 0;
    case ir::Activation::leaky_relu: return x > 0 ? 1 : 0.01;
    case ir::Activation::elu: return x > 0 ? 1 : std::exp(x);
    case ir::Activation::selu: return kScale * (x > 0 ? 1 : kAlpha * std::exp(x));
    case ir::Activation::gelu:
      return 0.5 * std::erfc(-x / std::sqrt(2.0)) + x * std::exp(-x * x / 2) / kRootOfTwoPi;
    case ir::Activation::sigmoid: return logistic(x) * (1 - logistic(x));
    case ir::Activation::tanh: return 1 - std::tanh(x) * std::tanh(x);
    case ir::Activation::softplus: return logistic(x);
    case ir::Activation::softsign: return 1 / ((1 + std::abs(x)) * (1 + std::abs(x)));
    case ir::Activation::swish: return logistic(x) * (1 + x * (1 - logistic(x)));
  }
  return 1;
}

std::vector<double> run_tower(const NetworkModel& model, const ir::Tower& tower,
                              const TowerInput& input) {
  auto steps = input;
  for (std::size_t i = 0; i < tower.layers.size(); ++i) {
    const auto name = prefix_of(tower, "layer", i);
    std::visit(
        Overloaded{
            [&](const ir::LinearLayer&) {
              steps[0] = multiply(model.numbers(name + ".weight"), model.numbers(name + ".bias"),
                                  steps[0]);
            },
            [&](const ir::ActivationLayer& l) {
              for (auto& v : steps[0]) v = activate(l.activation, v);
            },
            [&](const ir::BatchNormLayer& l) { normalize(model, name, l, steps[0]); },
            [&](const ir::RecurrentLayer& l) { steps = run_recurrent(model, name, l, steps); },
            [](const ir::DropoutLayer&) {},
        },
        tower.layers[i]);
  }
  return steps[0];
}

void predict_margins(const NetworkModel& model, const FeatureView& x, std::span<float> out,
                     BaseMargins base, GroupRows groups) {
  std::vector<SparseRows> own;
  if (groups.empty() && !model.network.group_widths.empty()) {
    own = groups_of(model, x);
    groups = own;
  }
  const auto outputs = static_cast<std::size_t>(model.outputs);
  for (std::int64_t row = 0; row < x.rows; ++row) {
    const auto first = first_margins(model, base, row);
    Vector sums(first.begin(), first.end());
    for (const auto& tower : model.network.towers) {
      const auto of_tower = run_tower(model, tower, read_tower(model, tower, x, row, groups));
      for (std::size_t o = 0; o < outputs; ++o) sums[o] += of_tower[o];
    }
    for (std::size_t o = 0; o < outputs; ++o)
      out[static_cast<std::size_t>(row) * outputs + o] = static_cast<float>(sums[o]);
  }
}

}  // namespace quern::codegen
