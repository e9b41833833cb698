// Cells, step by step and back.

#include "codegen/interpret/cell_tape.h"

#include <cmath>

namespace quern::codegen {
namespace {

using Vector = std::vector<double>;

double logistic(double x) { return 1 / (1 + std::exp(-x)); }
/// Of logistic and tanh, from their values.
double logistic_slope(double y) { return y * (1 - y); }
double tanh_slope(double y) { return 1 - y * y; }

/// W x + b, with W as [outputs, inputs].
Vector multiply(std::span<const float> weight, std::span<const float> bias, const Vector& x) {
  Vector out(bias.size());
  for (std::size_t o = 0; o < out.size(); ++o) {
    out[o] = bias[o];
    for (std::size_t i = 0; i < x.size(); ++i) out[o] += x[i] * weight[o * x.size() + i];
  }
  return out;
}

/// Adds W' y to `out`.
void add_transposed(std::span<const float> weight, const Vector& y, Vector& out) {
  for (std::size_t o = 0; o < y.size(); ++o) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] += y[o] * weight[o * out.size() + i];
  }
}

}  // namespace

CellTape::CellTape(const NetworkModel& model, const std::string& layer,
                   const ir::RecurrentLayer& of, bool backwards)
    : of_(of), backwards_(backwards) {
  const std::string direction = backwards ? "_reverse" : "";
  weight_ih_ = model.numbers(layer + ".weight_ih_l0" + direction);
  weight_hh_ = model.numbers(layer + ".weight_hh_l0" + direction);
  bias_ih_ = model.numbers(layer + ".bias_ih_l0" + direction);
  bias_hh_ = model.numbers(layer + ".bias_hh_l0" + direction);
  inputs_ = weight_ih_.size() / bias_ih_.size();
}

std::size_t CellTape::place(std::size_t moment) const {
  return backwards_ ? moments_.size() - 1 - moment : moment - 1;
}

CellTape::Moment CellTape::step(const Vector& x, const Moment& before) const {
  const auto input = multiply(weight_ih_, bias_ih_, x);
  const auto state = multiply(weight_hh_, bias_hh_, before.h);
  const auto n = before.h.size();
  Moment now{Vector(input.size()), {}, before.cell, Vector(n)};
  auto& gates = now.gates;
  if (of_.cell == ir::Cell::gru)
    now.fresh_state.assign(state.begin() + 2 * static_cast<int>(n), state.end());
  for (std::size_t i = 0; i < n; ++i) {
    const auto sum = [&](std::size_t gate) { return input[gate * n + i] + state[gate * n + i]; };
    switch (of_.cell) {
      case ir::Cell::rnn: now.h[i] = gates[i] = std::tanh(sum(0)); break;
      case ir::Cell::lstm:
        gates[i] = logistic(sum(0));
        gates[n + i] = logistic(sum(1));
        gates[2 * n + i] = std::tanh(sum(2));
        gates[3 * n + i] = logistic(sum(3));
        now.cell[i] = gates[n + i] * before.cell[i] + gates[i] * gates[2 * n + i];
        now.h[i] = gates[3 * n + i] * std::tanh(now.cell[i]);
        break;
      case ir::Cell::gru:
        gates[i] = logistic(sum(0));
        gates[n + i] = logistic(sum(1));
        gates[2 * n + i] = std::tanh(input[2 * n + i] + gates[i] * state[2 * n + i]);
        now.h[i] = (1 - gates[n + i]) * gates[2 * n + i] + gates[n + i] * before.h[i];
        break;
    }
  }
  return now;
}

TowerInput CellTape::run(const TowerInput& input) {
  const Vector zeros(static_cast<std::size_t>(of_.outputs));
  moments_.assign(1, Moment{{}, {}, zeros, zeros});
  for (std::size_t i = 0; i < input.size(); ++i) {
    const auto at = backwards_ ? input.size() - 1 - i : i;
    moments_.push_back(step(input[at], moments_.back()));
  }
  if (!of_.whole) return {moments_.back().h};
  TowerInput out(input.size());
  for (std::size_t m = 1; m < moments_.size(); ++m) out[place(m)] = moments_[m].h;
  return out;
}

CellTape::Slopes CellTape::slopes(const Moment& now, const Moment& before, const Vector& h,
                                  Vector& cell) const {
  const auto n = h.size();
  const auto& g = now.gates;
  Slopes out{Vector(g.size()), {}, Vector(n)};
  auto& by = out.by_input;
  if (of_.cell == ir::Cell::gru) out.by_state.resize(g.size());
  for (std::size_t i = 0; i < n; ++i) {
    switch (of_.cell) {
      case ir::Cell::rnn: by[i] = h[i] * tanh_slope(g[i]); break;
      case ir::Cell::lstm: {
        const double shown = std::tanh(now.cell[i]);
        const double c = cell[i] + h[i] * g[3 * n + i] * tanh_slope(shown);
        by[i] = c * g[2 * n + i] * logistic_slope(g[i]);
        by[n + i] = c * before.cell[i] * logistic_slope(g[n + i]);
        by[2 * n + i] = c * g[i] * tanh_slope(g[2 * n + i]);
        by[3 * n + i] = h[i] * shown * logistic_slope(g[3 * n + i]);
        cell[i] = c * g[n + i];
        break;
      }
      case ir::Cell::gru: {
        const double fresh = h[i] * (1 - g[n + i]) * tanh_slope(g[2 * n + i]);
        by[i] = fresh * now.fresh_state[i] * logistic_slope(g[i]);
        by[n + i] = h[i] * (before.h[i] - g[2 * n + i]) * logistic_slope(g[n + i]);
        by[2 * n + i] = fresh;
        out.by_state[2 * n + i] = fresh * g[i];
        out.h[i] = h[i] * g[n + i];
        break;
      }
    }
  }
  // A reset gate alone tells what comes from the state from what comes from the input.
  if (of_.cell != ir::Cell::gru) out.by_state = by;
  for (std::size_t i = 0; of_.cell == ir::Cell::gru && i < 2 * n; ++i) out.by_state[i] = by[i];
  return out;
}

TowerInput CellTape::back(const TowerInput& by) const {
  const auto steps = moments_.size() - 1;
  const auto n = static_cast<std::size_t>(of_.outputs);
  TowerInput out(steps, Vector(inputs_));
  Vector h(n);
  Vector cell(n);
  if (!of_.whole) h = by.front();
  for (auto m = steps; m > 0; --m) {
    for (std::size_t i = 0; of_.whole && i < n; ++i) h[i] += by[place(m)][i];
    auto found = slopes(moments_[m], moments_[m - 1], h, cell);
    add_transposed(weight_ih_, found.by_input, out[place(m)]);
    h = std::move(found.h);
    add_transposed(weight_hh_, found.by_state, h);
  }
  return out;
}

}  // namespace quern::codegen
