// Through the layers before the last one, and back.

#include "runtime/pipeline/unlabelled_model.h"

#include <charconv>
#include <cmath>

#include "base/box.h"
#include "codegen/interpret/network.h"
#include "compiler/ir/tensors.h"

namespace quern::runtime {
namespace {

Diagnostic corrupt(const std::string& what) {
  return {Code::corrupt_model, "stored model is corrupt: " + what};
}

/// So many finite numbers with blanks between; false where the text is not that.
bool read_numbers(const std::string* text, std::size_t count, std::vector<double>& out) {
  if (text == nullptr) return false;
  const auto* at = text->data();
  const auto* end = at + text->size();
  while (at < end) {
    double value = 0;
    const auto read = std::from_chars(at, end, value);
    if (read.ec != std::errc() || !std::isfinite(value)) return false;
    out.push_back(value);
    at = read.ptr + (read.ptr < end ? 1 : 0);
  }
  return out.size() == count;
}

bool reads_steps(const ir::Tower& tower) {
  for (const auto& block : tower.blocks) {
    if (std::holds_alternative<ir::SequenceBlock>(block)) return true;
  }
  return false;
}

/// One tower that ends in a linear layer and reads no sequence.
bool is_plain(const ir::Network& network) {
  if (network.towers.size() != 1 || reads_steps(network.towers.front())) return false;
  const auto& layers = network.towers.front().layers;
  return !layers.empty() && std::holds_alternative<ir::LinearLayer>(layers.back());
}

/// The value that a category's code stands for.
std::string value_of(const ir::Feature& feature, std::int32_t code) {
  const auto* category = std::get_if<ir::Category>(&feature.transform);
  const bool known = category != nullptr && feature.steps.empty() &&
                     std::cmp_less(code, category->vocabulary.size());
  return known ? " = " + category->vocabulary[static_cast<std::size_t>(code)]
               : "[" + std::to_string(code) + "]";
}

double squared_distance(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

}  // namespace

UnlabelledModel::UnlabelledModel(const ir::Manifest& manifest, codegen::NetworkModel model,
                                 std::vector<std::size_t> columns)
    : manifest_(manifest),
      model_(std::move(model)),
      made_by_(model_.network.towers.front()),
      features_(manifest.program, std::move(columns)) {
  name_columns(manifest.program);
}

Result<std::unique_ptr<UnlabelledModel>> UnlabelledModel::make(
    const ir::Manifest& manifest, std::span<const std::uint8_t> payload,
    std::vector<std::size_t> columns) {
  QUERN_TRY(auto model, codegen::read_whole_network(payload, manifest.objective));
  const auto dense = static_cast<std::int32_t>(ir::dense_width(manifest.program));
  const auto& groups = model.network.group_widths;
  if (!is_plain(model.network) || model.network.features != dense ||
      groups.size() != manifest.program.groups.size())
    return corrupt("its network does not fit its manifest");
  QUERN_TRY(const auto tensors, ir::read_tensors(payload));
  std::unique_ptr<UnlabelledModel> out(
      new UnlabelledModel(manifest, std::move(model), std::move(columns)));
  if (manifest.label.task == ir::Task::clusters) {
    QUERN_CHECK(out->read_centres(tensors));
  } else if (manifest.objective == "variance") {
    QUERN_CHECK(out->read_components(tensors));
  } else if (std::cmp_not_equal(out->model_.network.outputs, out->names_.size())) {
    return corrupt("it does not give back what it reads");
  }
  return out;
}

/// Centres are the last layer's weights, of plain clusters less the origin.
Result<void> UnlabelledModel::read_centres(const ir::Tensors& payload) {
  const auto last = made_by_.layers.size() - 1;
  const auto weights = model_.numbers(made_by_.name + ".layer" + std::to_string(last) + ".weight");
  centres_.assign(weights.begin(), weights.end());
  made_by_.layers.pop_back();
  if (std::cmp_not_equal(manifest_.label.classes.size(), model_.network.outputs))
    return corrupt("it has other clusters than its manifest");
  if (last > 0) return {};
  if (!read_numbers(payload.text("origin"), names_.size(), origin_))
    return corrupt("it lacks the rows' mean");
  for (std::size_t i = 0; i < centres_.size(); ++i) centres_[i] += origin_[i % origin_.size()];
  return {};
}

/// Weights are unit vectors, divided by the components' deviations where those are whitened.
Result<void> UnlabelledModel::read_components(const ir::Tensors& payload) {
  const auto count = static_cast<std::size_t>(model_.network.outputs);
  if (made_by_.layers.size() != 1 || std::cmp_not_equal(count, manifest_.label.width()) ||
      !read_numbers(payload.text("origin"), names_.size(), origin_) ||
      !read_numbers(payload.text("explained_variance_ratio"), count, shares_))
    return corrupt("its components do not fit its manifest");
  const auto weights = model_.numbers(made_by_.name + ".layer0.weight");
  directions_.assign(weights.begin(), weights.end());
  const auto columns = names_.size();
  for (std::size_t k = 0; k < count; ++k) {
    const auto direction = std::span(directions_).subspan(k * columns, columns);
    double length = 0;
    for (const double x : direction) length += x * x;
    for (double& x : direction) x = length > 0 ? x / std::sqrt(length) : 0;
  }
  return {};
}

void UnlabelledModel::name_columns(const ir::FeatureProgram& program) {
  const auto add = [&](std::string name, std::int32_t number) {
    names_.push_back(std::move(name));
    numbers_.push_back(number);
  };
  for (const auto& block : made_by_.blocks) {
    std::visit(Overloaded{
                   [&](const ir::DenseBlock& b) {
                     for (std::int32_t f = b.first; f < b.first + b.count; ++f)
                       add(program.features[static_cast<std::size_t>(f)].name, f);
                   },
                   [&](const ir::OneHotBlock& b) {
                     const auto& feature = program.features[static_cast<std::size_t>(b.feature)];
                     for (std::int32_t code = 0; code < b.rows; ++code)
                       add(feature.name + value_of(feature, code), -1);
                   },
                   [&](const ir::BagBlock& b) {
                     const auto& group = program.groups[static_cast<std::size_t>(b.group)];
                     for (std::int32_t key = 0; key < b.rows; ++key)
                       add(group.name + "[" + std::to_string(key) + "]", -1);
                   },
                   [](const auto&) {},
               },
               block);
  }
}

Result<void> UnlabelledModel::each_row(
    const ColumnBatch& batch, const std::function<void(std::int64_t, const Row&)>& take) const {
  const auto width = static_cast<std::int32_t>(manifest_.program.features.size());
  std::vector<float> matrix(static_cast<std::size_t>(batch.rows * width));
  QUERN_CHECK(features_.run(batch, matrix.data(), batch.rows));
  std::vector<codegen::SparseRows> groups;
  QUERN_CHECK(features_.run_groups(batch, matrix.data(), batch.rows, groups));
  const codegen::FeatureView view{matrix.data(), batch.rows, width, 1, batch.rows};
  Row row;
  for (std::int64_t r = 0; r < batch.rows; ++r) {
    auto input = codegen::read_tower(model_, made_by_, view, r, groups);
    row.made = directions_.empty() ? codegen::run_tower(model_, made_by_, input)
                                   : give_back(input.front());
    row.read = std::move(input.front());
    take(r, row);
  }
  return {};
}

/// What the components keep of a row.
std::vector<double> UnlabelledModel::give_back(const std::vector<double>& read) const {
  auto out = origin_;
  for (std::size_t first = 0; first < directions_.size(); first += read.size()) {
    const auto direction = std::span(directions_).subspan(first, read.size());
    double along = 0;
    for (std::size_t c = 0; c < read.size(); ++c) along += direction[c] * (read[c] - origin_[c]);
    for (std::size_t c = 0; c < read.size(); ++c) out[c] += along * direction[c];
  }
  return out;
}

double UnlabelledModel::distance(const Row& row, std::size_t cluster) const {
  const auto width = row.made.size();
  return std::sqrt(squared_distance(row.made, std::span(centres_).subspan(cluster * width, width)));
}

double UnlabelledModel::error(const Row& row) {
  return squared_distance(row.read, row.made) / static_cast<double>(row.read.size());
}

double UnlabelledModel::in_own_units(std::size_t name, double value) const {
  if (numbers_[name] < 0) return value;
  const auto& steps = manifest_.program.features[static_cast<std::size_t>(numbers_[name])].steps;
  const auto* scaled = steps.empty() ? nullptr : std::get_if<ir::Standardize>(&steps.back());
  return scaled == nullptr ? value : value * scaled->deviation + scaled->mean;
}

}  // namespace quern::runtime
