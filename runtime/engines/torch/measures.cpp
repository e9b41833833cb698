// Keeps predictions until the epoch's end, for areas under curves need all of them.

#include "runtime/engines/torch/measures.h"

#include <algorithm>

#include "runtime/metrics/metrics.h"

namespace quern::runtime::training {
namespace {

ir::Judged judged(Loss loss, std::int32_t outputs) {
  if (loss == Loss::logistic || loss == Loss::hinge) return ir::Judged::binary;
  if (loss != Loss::cross_entropy) return ir::Judged::number;
  return outputs == 2 ? ir::Judged::binary : ir::Judged::multiclass;
}

}  // namespace

Result<Measures> Measures::make(Loss loss, std::int32_t outputs,
                                const std::vector<std::string>& metrics) {
  Measures out(loss, outputs);
  for (const auto& name : metrics) {
    const auto* spec = ir::find_metric(name, judged(loss, outputs));
    if (spec == nullptr) {
      return Diagnostic{Code::engine_failed,
                        "a network for " + std::string(ir::answer_words(judged(loss, outputs))) +
                            " has no metric " + name};
    }
    out.metrics_.emplace_back(name, spec->metric);
  }
  return out;
}

bool Measures::of_classes() const { return judged(loss_, outputs_) != ir::Judged::number; }
bool Measures::binary() const { return judged(loss_, outputs_) == ir::Judged::binary; }

void Measures::add(const Truth& truth, const float* margins, const LossSum& sum) {
  sum_.loss += sum.loss;
  sum_.weight += sum.weight;
  if (!metrics_.empty()) keep(truth, margins);
}

void Measures::keep(const Truth& truth, const float* margins) {
  const auto count = static_cast<std::size_t>(truth.rows * outputs_);
  std::vector<float> answers(margins, margins + count);
  apply_link(loss_, answers.data(), truth.rows, outputs_);
  for (std::size_t i = 0; i < count; ++i) {
    // Of two classes the second one's probability is kept.
    const bool kept = !binary() || outputs_ == 1 || i % 2 == 1;
    if (kept) predicted_.push_back(answers[i]);
  }
  if (of_classes()) {
    for (std::int64_t r = 0; r < truth.rows; ++r)
      classes_.push_back(static_cast<std::uint32_t>(truth.labels[r]));
  } else {
    numbers_.insert(numbers_.end(), truth.labels, truth.labels + count);
  }
  if (truth.weights != nullptr)
    weights_.insert(weights_.end(), truth.weights, truth.weights + truth.rows);
}

double Measures::class_value(ir::Metric metric) const {
  const std::size_t classes = binary() ? 2 : static_cast<std::size_t>(outputs_);
  const ClassRows rows{classes, binary(), predicted_, classes_, weights_};
  Confusion confusion(classes);
  for (std::size_t r = 0; r < classes_.size(); ++r) {
    const auto* first = predicted_.data() + r * classes;
    const std::size_t called =
        binary() ? (predicted_[r] > 0.5F ? 1 : 0)
                 : static_cast<std::size_t>(std::max_element(first, first + classes) - first);
    confusion.add(classes_[r], called, rows.weight(r));
  }
  return class_metric(metric, rows, confusion);
}

double Measures::value(ir::Metric metric) const {
  return of_classes() ? class_value(metric)
                      : vector_metric(metric, {predicted_, numbers_, weights_},
                                      static_cast<std::size_t>(outputs_));
}

std::vector<RoundMetric> Measures::take(const std::string& data) {
  std::vector<RoundMetric> out{{data, "loss", loss()}};
  for (const auto& [name, metric] : metrics_) out.push_back({data, name, value(metric)});
  sum_ = {};
  predicted_.clear();
  classes_.clear();
  numbers_.clear();
  weights_.clear();
  return out;
}

}  // namespace quern::runtime::training
