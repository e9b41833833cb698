#pragma once
// Recurrent cells over the steps of one row: forwards, remembering, and back through time, in
// float64. Shared by the oracle and by what explains networks.

#include <span>
#include <string>
#include <vector>

#include "codegen/interpret/network.h"

namespace quern::codegen {

/// One direction of one layer of cells. Rule: torch.nn.RNN, LSTM, GRU. Not thread-safe.
class CellTape {
 public:
  /// \param layer  "rnn.layer0". \param backwards  from the last step to the first. The model and
  /// `of` outlive it.
  CellTape(const NetworkModel& model, const std::string& layer, const ir::RecurrentLayer& of,
           bool backwards);

  /// What each step gives, in the row's order, where the layer gives the whole; else the last state
  /// alone, of no step zeros.
  TowerInput run(const TowerInput& input);

  /// After run(): the derivatives by each step's input, from those by what run() gave.
  TowerInput back(const TowerInput& by) const;

 private:
  using Vector = std::vector<double>;
  /// What a step leaves for the way back.
  struct Moment {
    Vector gates;        ///< behind their functions, as torch orders them
    Vector fresh_state;  ///< gru: what the state gives to the new value, before it is reset
    Vector cell;         ///< lstm
    Vector h;
  };
  /// Derivatives by what a step adds up: what comes from its input, and from the state before.
  struct Slopes {
    Vector by_input;
    Vector by_state;
    Vector h;  ///< by the state before, but for what the weights carry there
  };

  std::size_t place(std::size_t moment) const;  ///< in the row's order
  Moment step(const Vector& x, const Moment& before) const;
  /// \param cell  lstm: the derivatives by the step's cell, then by the cell before.
  Slopes slopes(const Moment& now, const Moment& before, const Vector& h, Vector& cell) const;

  const ir::RecurrentLayer& of_;
  bool backwards_;
  std::span<const float> weight_ih_, weight_hh_, bias_ih_, bias_hh_;
  std::size_t inputs_ = 0;       ///< of each step
  std::vector<Moment> moments_;  ///< in the order of running; the first is before all steps
};

}  // namespace quern::codegen
