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

/// Mean and variance of one number of the labels. Rule: Welford 1962.
struct Spread {
  double count = 0;
  double mean = 0;
  double squares = 0;

  void add(std::span<const float> values) {
    for (const float value : values) {
      const double before = value - mean;
      mean += before / ++count;
      squares += before * (value - mean);
    }
  }
  double variance() const { return count > 0 ? squares / count : 0; }
};

class ScaledLabels final : public PageSource {
 public:
  ScaledLabels(PageSource& source, LabelScale scale) : source_(source), scale_(std::move(scale)) {}

  std::int64_t rows() const override { return source_.rows(); }
  std::int32_t features() const override { return source_.features(); }
  void rewind() override { source_.rewind(); }
  Result<bool> next(PageView& page) override {
    QUERN_TRY(const bool more, source_.next(page));
    if (!more) return false;
    labels_.resize(scale_.means.size() * static_cast<std::size_t>(page.capacity));
    for (std::size_t n = 0; n < scale_.means.size(); ++n) {
      const auto first = static_cast<std::int64_t>(n) * page.capacity;
      for (auto i = first; i < first + page.rows; ++i) {
        labels_[static_cast<std::size_t>(i)] =
            static_cast<float>((page.labels[i] - scale_.means[n]) / scale_.scale);
      }
    }
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
  std::vector<Spread> spreads(static_cast<std::size_t>(task.labels));
  PageView page;
  rows.rewind();
  while (true) {
    QUERN_TRY(const bool more, rows.next(page));
    if (!more) break;
    for (std::size_t n = 0; n < spreads.size(); ++n)
      spreads[n].add({page.labels + static_cast<std::int64_t>(n) * page.capacity,
                      static_cast<std::size_t>(page.rows)});
  }
  rows.rewind();
  LabelScale out;
  double variance = 0;
  for (const auto& spread : spreads) {
    out.means.push_back(spread.mean);
    variance += spread.variance() / static_cast<double>(spreads.size());
  }
  if (variance > 0) out.scale = std::sqrt(variance);
  return out;
}

std::unique_ptr<PageSource> scale_labels(PageSource* source, LabelScale scale) {
  if (source == nullptr) return nullptr;
  return std::make_unique<ScaledLabels>(*source, std::move(scale));
}

Result<std::vector<std::uint8_t>> scale_margins(std::span<const std::uint8_t> payload,
                                                const LabelScale& scale) {
  QUERN_TRY(auto tensors, ir::read_tensors(payload));
  const auto* text = tensors.text("network");
  if (text == nullptr) return corrupt();
  QUERN_TRY(const auto network, ir::network_from_json(*text));
  for (const auto& tower : network.towers) {
    if (tower.layers.empty()) return corrupt();
    auto* weight = tensor_of(tensors, last_layer(tower) + ".weight");
    auto* bias = tensor_of(tensors, last_layer(tower) + ".bias");
    if (weight == nullptr || bias == nullptr) return corrupt();
    const bool shifts = &tower == &network.towers.front() && !scale.means.empty();
    if (shifts && scale.means.size() != bias->values.size()) return corrupt();
    for (auto& w : weight->values) w = static_cast<float>(w * scale.scale);
    for (std::size_t o = 0; o < bias->values.size(); ++o) {
      const double shift = shifts ? scale.means[o] : 0.0;
      bias->values[o] = static_cast<float>(bias->values[o] * scale.scale + shift);
    }
  }
  return ir::write_tensors(tensors);
}

LabelScale inverse(LabelScale scale) {
  for (auto& mean : scale.means) mean = -mean / scale.scale;
  scale.scale = 1 / scale.scale;
  return scale;
}

void unscale(Loss loss, const LabelScale& scale, std::vector<RoundMetric>& metrics) {
  for (auto& metric : metrics) {
    int power = power_of(metric.metric);
    if (metric.metric == "loss") power = loss == Loss::squared ? 2 : loss == Loss::absolute ? 1 : 0;
    metric.value *= std::pow(scale.scale, power);
  }
}

}  // namespace quern::runtime
