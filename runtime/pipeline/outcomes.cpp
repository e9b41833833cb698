// The link, and who wins.

#include "runtime/pipeline/outcomes.h"

#include <algorithm>

namespace quern::runtime {
namespace {

/// binary:logitraw leaves margins as they are; its probability is their logistic.
codegen::Link link_of(const ir::Manifest& manifest, codegen::Link link) {
  const bool raw = manifest.label.task == ir::Task::binary && link == codegen::Link::identity;
  return raw ? codegen::Link::logistic : link;
}

}  // namespace

Outcomes::Outcomes(const ir::Manifest& manifest, codegen::Link link, std::int32_t outputs,
                   std::optional<double> threshold)
    : label_(manifest.label),
      link_(link_of(manifest, link)),
      outputs_(outputs),
      probabilities_(ir::gives_probabilities(manifest)),
      threshold_(threshold) {}

void Outcomes::link(std::span<float> margins) const {
  codegen::apply_link(link_, outputs_, margins);
}

std::size_t Outcomes::class_of(std::span<const float> row) const {
  if (label_.task == ir::Task::binary) {
    if (threshold_) return static_cast<double>(row[0]) >= *threshold_ ? 1 : 0;
    return row[0] > 0.5F ? 1 : 0;
  }
  if (link_ == codegen::Link::softmax_class) return static_cast<std::size_t>(row[0]);
  return static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
}

float Outcomes::probability(std::span<const float> row, std::size_t of_class) const {
  if (label_.task != ir::Task::binary) return row[of_class];
  return of_class == 1 ? row[0] : 1.0F - row[0];
}

}  // namespace quern::runtime
