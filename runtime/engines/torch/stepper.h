#pragma once
// One step of training: gradients clipped, penalties added, each tower's weights changed by its
// optimizer.

#include <memory>
#include <vector>

#include "runtime/engines/torch/live_network.h"
#include "runtime/engines/torch/update_rule.h"

namespace quern::runtime::training {

class Stepper {
 public:
  /// Both must outlive it. Errors: those of make_update_rule().
  static Result<std::unique_ptr<Stepper>> make(const NetworkTask& task, LiveNetwork& network);

  /// Changes all weights by the derivatives of the last backward(). \param factor  of each
  /// optimizer's learning rate
  void step(double factor);
  /// The first tower's, for messages.
  double learning_rate() const { return rules_.front()->learning_rate(); }

 private:
  Stepper(const NetworkTask& task, LiveNetwork& network) : task_(task), network_(network) {}
  void begin_states();
  void begin_table(Table& table, const UpdateRule& rule) const;
  void clip();
  void add_penalties(const float* weights, float* gradient, std::int64_t count) const;
  void update_parameters();
  void update_tables();
  UpdateRule& rule_of(std::size_t tower);

  const NetworkTask& task_;
  LiveNetwork& network_;
  std::vector<std::unique_ptr<UpdateRule>> rules_;       ///< by tower
  std::vector<std::vector<std::vector<float>>> states_;  ///< by parameter
  std::vector<std::size_t> table_towers_;                ///< by table
};

}  // namespace quern::runtime::training
