// There and back.

#include "runtime/pipeline/scaled_labels.h"

#include <algorithm>
#include <cmath>

#include "compiler/ir/metrics.h"
#include "compiler/ir/tensors.h"

namespace quern::runtime {
namespace {

bool counts_distances(Loss loss) {
  return loss == Loss::squared || loss == Loss::absolute || loss == Loss::huber ||
         loss == Loss::log_cosh;
}

bool ends_linear(const ir::Network& network) {
  return std::all_of(network.towers.begin(), network.towers.end(), [](const ir::Tower& tower) {
    const auto* last =
        tower.layers.empty() ? nullptr : std::get_if<ir::LinearLayer>(&tower.layers.back());
    return last != nullptr && last->bias;
  });
}

class ScaledLabels final : public PageSource {
 public:
  ScaledLabels(PageSource& source, LabelScale scale) : source_(source), scale_(scale) {}

  std::int64_t rows() const override { return source_.rows(); }
  std::int32_t features() const override { return source_.features(); }
  void rewind() override { source_.rewind(); }
  Result<bool> next(PageView& page) override {
    QUERN_TRY(const bool more, source_.next(page));
    if (!more) return false;
    labels_.resize(static_cast<std::size_t>(page.rows));
    for (std::size_t r = 0; r < labels_.size(); ++r)
      labels_[r] = static_cast<float>((page.labels[r] - scale_.mean) / scale_.scale);
    page.labels = labels_.data();
    return true;
  }

 private:
  PageSource& source_;
  LabelScale scale_;
  std::vector<float> labels_;
};

Diagnostic corrupt() {
  return {Code::corrupt_model,
          "stored model is corrupt: its network does not end in linear layers"};
}

/// The last layer of a tower that is no dropout; its tensors' prefix.
std::string last_layer(const ir::Tower& tower) {
  return tower.name + ".layer" + std::to_string(tower.layers.size() - 1);
}

ir::Tensor* tensor_of(ir::Tensors& tensors, const std::string& name) {
  for (auto& tensor : tensors.tensors) {
    if (tensor.name == name) return &tensor;
  }
  return nullptr;
}

/// How a metric of TO EVALUATE, under any of its names, changes with the scale: 0, 1 or 2 times.
int power_of(const std::string& metric) {
  const auto* spec = ir::find_metric(metric, ir::Judged::number);
  if (spec == nullptr) return 0;
  switch (spec->metric) {
    case ir::Metric::mse: return 2;
    case ir::Metric::rmse:
    case ir::Metric::mae:
    case ir::Metric::median_absolute_error:
    case ir::Metric::max_error: return 1;
    default: return 0;
  }
}

}  // namespace

Result<LabelScale> label_scale(const NetworkTask& task) {
  if (!counts_distances(task.loss) || !ends_linear(task.network)) return LabelScale{};
  auto& rows = *task.train;
  double count = 0;
  double mean = 0;
  double squares = 0;
  PageView page;
  rows.rewind();
  while (true) {
    QUERN_TRY(const bool more, rows.next(page));
    if (!more) break;
    for (std::int64_t r = 0; r < page.rows; ++r) {
      const double before = page.labels[r] - mean;
      mean += before / ++count;
      squares += before * (page.labels[r] - mean);
    }
  }
  rows.rewind();
  const double deviation = count > 0 ? std::sqrt(squares / count) : 0;
  return LabelScale{mean, deviation > 0 ? deviation : 1};
}

std::unique_ptr<PageSource> scale_labels(PageSource* source, LabelScale scale) {
  if (source == nullptr) return nullptr;
  return std::make_unique<ScaledLabels>(*source, scale);
}

Result<std::vector<std::uint8_t>> scale_margins(std::span<const std::uint8_t> payload,
                                                LabelScale scale) {
  QUERN_TRY(auto tensors, ir::read_tensors(payload));
  const auto* text = tensors.text("network");
  if (text == nullptr) return corrupt();
  QUERN_TRY(const auto network, ir::network_from_json(*text));
  for (const auto& tower : network.towers) {
    if (tower.layers.empty()) return corrupt();
    auto* weight = tensor_of(tensors, last_layer(tower) + ".weight");
    auto* bias = tensor_of(tensors, last_layer(tower) + ".bias");
    if (weight == nullptr || bias == nullptr) return corrupt();
    const double shift = &tower == &network.towers.front() ? scale.mean : 0.0;
    for (auto& w : weight->values) w = static_cast<float>(w * scale.scale);
    for (auto& b : bias->values) b = static_cast<float>(b * scale.scale + shift);
  }
  return ir::write_tensors(tensors);
}

LabelScale inverse(LabelScale scale) { return {-scale.mean / scale.scale, 1 / scale.scale}; }

void unscale(Loss loss, LabelScale scale, std::vector<RoundMetric>& metrics) {
  for (auto& metric : metrics) {
    int power = power_of(metric.metric);
    if (metric.metric == "loss") power = loss == Loss::squared ? 2 : loss == Loss::absolute ? 1 : 0;
    metric.value *= std::pow(scale.scale, power);
  }
}

}  // namespace quern::runtime
