#pragma once
// How an optimizer changes weights by their gradient. Written here rather than taken from the
// library: its C++ interface lacks half of them, and one pass over plain floats costs less than the
// library's calls. They know nothing of networks.

#include <cstdint>
#include <memory>

#include "base/result.h"
#include "runtime/engines/network_engine.h"

namespace quern::runtime::training {

/// One optimizer. Weights may be updated piece by piece; each piece brings what is kept for its
/// weights. Threads: one at a time.
class UpdateRule {
 public:
  explicit UpdateRule(double learning_rate) : learning_rate_(learning_rate) {}
  virtual ~UpdateRule() = default;
  double learning_rate() const { return learning_rate_; }

  /// How many floats are kept for each weight.
  virtual int states() const = 0;
  /// Fills what is kept for weights that training begins with.
  virtual void begin(const float* weights, float* const* states, std::int64_t count) const;
  /// True where a step without a gradient leaves weights and states as they are.
  virtual bool rests() const { return false; }

  /// Begins the next step, for all weights, at a learning rate.
  void begin_step(double rate) {
    ++step_;
    prepare(rate, step_);
  }
  /// Changes `count` weights. \param states  arrays of `count` floats, states() of them.
  virtual void update(float* weights, const float* gradient, float* const* states,
                      std::int64_t count) const = 0;

 protected:
  /// \param step  from 1
  virtual void prepare(double rate, std::int64_t step) = 0;

 private:
  double learning_rate_;
  std::int64_t step_ = 0;
};

/// The optimizers of `Optimizer`, with its defaults. Rules: torch.optim 1.13; Nadam of torch 2,
/// which mends a product (Dozat 2016); Ftrl: tf.raw_ops.ApplyFtrlV2, but that weights which do not
/// begin with 0 are not forgotten. Errors: engine_failed, an optimizer or a number of it that is
/// not known.
Result<std::unique_ptr<UpdateRule>> make_update_rule(const Optimizer& optimizer);

}  // namespace quern::runtime::training
