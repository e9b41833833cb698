// The rules, each a class that computes a step's constants in double and then runs one loop.

#include "runtime/engines/torch/update_rule.h"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace quern::runtime::training {
namespace {

/// The numbers of one optimizer, given or by default.
class Numbers {
 public:
  explicit Numbers(const Optimizer& optimizer) : given_(optimizer.numbers) {}
  double get(std::string_view name, double otherwise) {
    known_.push_back(name);
    for (const auto& [key, value] : given_) {
      if (key == name) otherwise = value;
    }
    return otherwise;
  }
  /// The first number that no one asked for; null where there is none.
  const std::string* unknown() const {
    for (const auto& [key, value] : given_) {
      if (std::find(known_.begin(), known_.end(), key) == known_.end()) return &key;
    }
    return nullptr;
  }

 private:
  const std::vector<std::pair<std::string, double>>& given_;
  std::vector<std::string_view> known_;
};

class Sgd final : public UpdateRule {
 public:
  explicit Sgd(Numbers& numbers)
      : UpdateRule(numbers.get("learning_rate", 0.01)),
        momentum_(static_cast<float>(numbers.get("momentum", 0))),
        nesterov_(numbers.get("nesterov", 0) != 0) {}
  int states() const override { return momentum_ != 0 ? 1 : 0; }
  bool rests() const override { return momentum_ == 0; }
  void update(float* __restrict w, const float* __restrict g, float* const* states,
              std::int64_t count) const override {
    if (momentum_ == 0) {
      for (std::int64_t i = 0; i < count; ++i) w[i] -= rate_ * g[i];
      return;
    }
    float* __restrict buffer = states[0];
    for (std::int64_t i = 0; i < count; ++i) {
      buffer[i] = momentum_ * buffer[i] + g[i];
      w[i] -= rate_ * (nesterov_ ? g[i] + momentum_ * buffer[i] : buffer[i]);
    }
  }

 private:
  void prepare(double rate, std::int64_t /*step*/) override { rate_ = static_cast<float>(rate); }
  float momentum_;
  bool nesterov_;
  float rate_ = 0;
};

/// What the rules of Adam's kind share: two moving means.
struct Moments {
  double beta_1, beta_2;
  float keep_1, take_1, keep_2, take_2;
  explicit Moments(Numbers& numbers)
      : beta_1(numbers.get("beta_1", 0.9)),
        beta_2(numbers.get("beta_2", 0.999)),
        keep_1(static_cast<float>(beta_1)),
        take_1(static_cast<float>(1 - beta_1)),
        keep_2(static_cast<float>(beta_2)),
        take_2(static_cast<float>(1 - beta_2)) {}
  double bias_1(std::int64_t step) const { return 1 - std::pow(beta_1, step); }
  double bias_2(std::int64_t step) const { return 1 - std::pow(beta_2, step); }
};

class Adam final : public UpdateRule {
 public:
  Adam(Numbers& numbers, bool decoupled)
      : UpdateRule(numbers.get("learning_rate", 0.001)),
        moments_(numbers),
        epsilon_(static_cast<float>(numbers.get("epsilon", 1e-8))),
        amsgrad_(numbers.get("amsgrad", 0) != 0),
        decay_(decoupled ? numbers.get("weight_decay", 0.01) : 0) {}
  int states() const override { return amsgrad_ ? 3 : 2; }
  void update(float* __restrict w, const float* __restrict g, float* const* states,
              std::int64_t count) const override {
    float* __restrict mean = states[0];
    float* __restrict square = states[1];
    float* __restrict most = states[amsgrad_ ? 2 : 1];
    for (std::int64_t i = 0; i < count; ++i) {
      mean[i] = moments_.keep_1 * mean[i] + moments_.take_1 * g[i];
      square[i] = moments_.keep_2 * square[i] + moments_.take_2 * g[i] * g[i];
    }
    if (amsgrad_) {
      for (std::int64_t i = 0; i < count; ++i) most[i] = std::max(most[i], square[i]);
    }
    for (std::int64_t i = 0; i < count; ++i) {
      w[i] = kept_ * w[i] - rate_ * mean[i] / (std::sqrt(most[i]) * root_ + epsilon_);
    }
  }

 private:
  void prepare(double rate, std::int64_t step) override {
    rate_ = static_cast<float>(rate / moments_.bias_1(step));
    root_ = static_cast<float>(1 / std::sqrt(moments_.bias_2(step)));
    kept_ = static_cast<float>(1 - rate * decay_);
  }
  Moments moments_;
  float epsilon_;
  bool amsgrad_;
  double decay_;
  float rate_ = 0, root_ = 0, kept_ = 1;
};

class Adamax final : public UpdateRule {
 public:
  explicit Adamax(Numbers& numbers)
      : UpdateRule(numbers.get("learning_rate", 0.002)),
        moments_(numbers),
        epsilon_(static_cast<float>(numbers.get("epsilon", 1e-8))) {}
  int states() const override { return 2; }
  void update(float* __restrict w, const float* __restrict g, float* const* states,
              std::int64_t count) const override {
    float* __restrict mean = states[0];
    float* __restrict most = states[1];
    for (std::int64_t i = 0; i < count; ++i) {
      mean[i] = moments_.keep_1 * mean[i] + moments_.take_1 * g[i];
      most[i] = std::max(moments_.keep_2 * most[i], std::fabs(g[i]) + epsilon_);
      w[i] -= rate_ * mean[i] / most[i];
    }
  }

 private:
  void prepare(double rate, std::int64_t step) override {
    rate_ = static_cast<float>(rate / moments_.bias_1(step));
  }
  Moments moments_;
  float epsilon_;
  float rate_ = 0;
};

class Nadam final : public UpdateRule {
 public:
  explicit Nadam(Numbers& numbers)
      : UpdateRule(numbers.get("learning_rate", 0.002)),
        moments_(numbers),
        epsilon_(static_cast<float>(numbers.get("epsilon", 1e-8))),
        decay_(numbers.get("momentum_decay", 0.004)) {}
  int states() const override { return 2; }
  void update(float* __restrict w, const float* __restrict g, float* const* states,
              std::int64_t count) const override {
    float* __restrict mean = states[0];
    float* __restrict square = states[1];
    for (std::int64_t i = 0; i < count; ++i) {
      mean[i] = moments_.keep_1 * mean[i] + moments_.take_1 * g[i];
      square[i] = moments_.keep_2 * square[i] + moments_.take_2 * g[i] * g[i];
      w[i] -= (of_gradient_ * g[i] + of_mean_ * mean[i]) /
              (std::sqrt(square[i] * unbiased_) + epsilon_);
    }
  }

 private:
  void prepare(double rate, std::int64_t step) override {
    const double now = momentum(step);
    const double next = momentum(step + 1);
    product_ *= now;
    of_gradient_ = static_cast<float>(rate * (1 - now) / (1 - product_));
    of_mean_ = static_cast<float>(rate * next / (1 - product_ * next));
    unbiased_ = static_cast<float>(1 / moments_.bias_2(step));
  }
  double momentum(std::int64_t step) const {
    return moments_.beta_1 * (1 - 0.5 * std::pow(0.96, static_cast<double>(step) * decay_));
  }
  Moments moments_;
  float epsilon_;
  double decay_;
  double product_ = 1;
  float of_gradient_ = 0, of_mean_ = 0, unbiased_ = 1;
};

class Adagrad final : public UpdateRule {
 public:
  explicit Adagrad(Numbers& numbers)
      : UpdateRule(numbers.get("learning_rate", 0.01)),
        first_(static_cast<float>(numbers.get("initial_accumulator_value", 0))),
        epsilon_(static_cast<float>(numbers.get("epsilon", 1e-10))) {}
  int states() const override { return 1; }
  bool rests() const override { return true; }
  void begin(const float* /*weights*/, float* const* states, std::int64_t count) const override {
    std::fill_n(states[0], count, first_);
  }
  void update(float* __restrict w, const float* __restrict g, float* const* states,
              std::int64_t count) const override {
    float* __restrict sum = states[0];
    for (std::int64_t i = 0; i < count; ++i) {
      sum[i] += g[i] * g[i];
      w[i] -= rate_ * g[i] / (std::sqrt(sum[i]) + epsilon_);
    }
  }

 private:
  void prepare(double rate, std::int64_t /*step*/) override { rate_ = static_cast<float>(rate); }
  float first_;
  float epsilon_;
  float rate_ = 0;
};

class Adadelta final : public UpdateRule {
 public:
  explicit Adadelta(Numbers& numbers)
      : UpdateRule(numbers.get("learning_rate", 1)),
        keep_(static_cast<float>(numbers.get("rho", 0.9))),
        epsilon_(static_cast<float>(numbers.get("epsilon", 1e-6))) {}
  int states() const override { return 2; }
  void update(float* __restrict w, const float* __restrict g, float* const* states,
              std::int64_t count) const override {
    float* __restrict square = states[0];
    float* __restrict steps = states[1];
    const float take = 1 - keep_;
    for (std::int64_t i = 0; i < count; ++i) {
      square[i] = keep_ * square[i] + take * g[i] * g[i];
      const float step = std::sqrt(steps[i] + epsilon_) / std::sqrt(square[i] + epsilon_) * g[i];
      steps[i] = keep_ * steps[i] + take * step * step;
      w[i] -= rate_ * step;
    }
  }

 private:
  void prepare(double rate, std::int64_t /*step*/) override { rate_ = static_cast<float>(rate); }
  float keep_;
  float epsilon_;
  float rate_ = 0;
};

class Rmsprop final : public UpdateRule {
 public:
  explicit Rmsprop(Numbers& numbers)
      : UpdateRule(numbers.get("learning_rate", 0.01)),
        keep_(static_cast<float>(numbers.get("rho", 0.99))),
        epsilon_(static_cast<float>(numbers.get("epsilon", 1e-8))),
        momentum_(static_cast<float>(numbers.get("momentum", 0))),
        centered_(numbers.get("centered", 0) != 0) {}
  int states() const override { return 1 + (momentum_ != 0 ? 1 : 0) + (centered_ ? 1 : 0); }
  void update(float* __restrict w, const float* __restrict g, float* const* states,
              std::int64_t count) const override {
    float* square = states[0];
    float* mean = centered_ ? states[1] : nullptr;
    float* buffer = momentum_ != 0 ? states[states_before_buffer()] : nullptr;
    const float take = 1 - keep_;
    for (std::int64_t i = 0; i < count; ++i) {
      square[i] = keep_ * square[i] + take * g[i] * g[i];
      float variance = square[i];
      if (mean != nullptr) {
        mean[i] = keep_ * mean[i] + take * g[i];
        // Rounding may take a variance of nearly nothing below it.
        variance = std::max(0.0F, variance - mean[i] * mean[i]);
      }
      float step = g[i] / (std::sqrt(variance) + epsilon_);
      if (buffer != nullptr) step = buffer[i] = momentum_ * buffer[i] + step;
      w[i] -= rate_ * step;
    }
  }

 private:
  int states_before_buffer() const { return centered_ ? 2 : 1; }
  void prepare(double rate, std::int64_t /*step*/) override { rate_ = static_cast<float>(rate); }
  float keep_;
  float epsilon_;
  float momentum_;
  bool centered_;
  float rate_ = 0;
};

class Ftrl final : public UpdateRule {
 public:
  explicit Ftrl(Numbers& numbers)
      : UpdateRule(numbers.get("learning_rate", 0.001)),
        power_(static_cast<float>(-numbers.get("learning_rate_power", -0.5))),
        first_(static_cast<float>(numbers.get("initial_accumulator_value", 0.1))),
        l1_(static_cast<float>(numbers.get("l1_regularization_strength", 0))),
        l2_(numbers.get("l2_regularization_strength", 0)),
        beta_(numbers.get("beta", 0)) {}
  int states() const override { return 2; }
  bool rests() const override { return true; }
  /// Weights come of the sums alone, which must begin so that these weights come of them.
  void begin(const float* weights, float* const* states, std::int64_t count) const override {
    std::fill_n(states[0], count, first_);
    const double pull =
        std::pow(first_, power_) / learning_rate() + 2 * (l2_ + beta_ / (2 * learning_rate()));
    for (std::int64_t i = 0; i < count; ++i) {
      const float w = weights[i];
      states[1][i] = w == 0 ? 0 : -std::copysign(static_cast<float>(std::fabs(w) * pull) + l1_, w);
    }
  }
  void update(float* __restrict w, const float* __restrict g, float* const* states,
              std::int64_t count) const override {
    float* __restrict sum = states[0];
    float* __restrict linear = states[1];
    for (std::int64_t i = 0; i < count; ++i) {
      const float grown = sum[i] + g[i] * g[i];
      const float root = powered(grown);
      linear[i] += g[i] - (root - powered(sum[i])) * inverse_ * w[i];
      sum[i] = grown;
      const float beyond = std::fabs(linear[i]) - l1_;
      w[i] = beyond > 0 ? -std::copysign(beyond, linear[i]) / (root * inverse_ + pull_) : 0;
    }
  }

 private:
  float powered(float x) const { return power_ == 0.5F ? std::sqrt(x) : std::pow(x, power_); }
  void prepare(double rate, std::int64_t /*step*/) override {
    inverse_ = static_cast<float>(1 / rate);
    pull_ = static_cast<float>(2 * (l2_ + beta_ / (2 * rate)));
  }
  float power_;
  float first_;
  float l1_;
  double l2_;
  double beta_;
  float inverse_ = 0, pull_ = 0;
};

std::unique_ptr<UpdateRule> make_rule(const std::string& name, Numbers& numbers) {
  if (name == "SGD") return std::make_unique<Sgd>(numbers);
  if (name == "Adam") return std::make_unique<Adam>(numbers, false);
  if (name == "AdamW") return std::make_unique<Adam>(numbers, true);
  if (name == "Adamax") return std::make_unique<Adamax>(numbers);
  if (name == "Nadam") return std::make_unique<Nadam>(numbers);
  if (name == "Adagrad") return std::make_unique<Adagrad>(numbers);
  if (name == "Adadelta") return std::make_unique<Adadelta>(numbers);
  if (name == "RMSprop") return std::make_unique<Rmsprop>(numbers);
  if (name == "Ftrl") return std::make_unique<Ftrl>(numbers);
  return nullptr;
}

}  // namespace

void UpdateRule::begin(const float* /*weights*/, float* const* states, std::int64_t count) const {
  for (int s = 0; s < this->states(); ++s) std::fill_n(states[s], count, 0.0F);
}

Result<std::unique_ptr<UpdateRule>> make_update_rule(const Optimizer& optimizer) {
  Numbers numbers(optimizer);
  auto rule = make_rule(optimizer.name, numbers);
  if (rule == nullptr) {
    return Diagnostic{Code::engine_failed, "there is no optimizer " + optimizer.name};
  }
  if (const auto* unknown = numbers.unknown()) {
    return Diagnostic{Code::engine_failed, "optimizer " + optimizer.name + " has no " + *unknown};
  }
  return rule;
}

}  // namespace quern::runtime::training
