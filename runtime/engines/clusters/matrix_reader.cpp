// Goes through the rows as training does, and writes what was found as training does.

#include "runtime/engines/clusters/matrix_reader.h"

#include <algorithm>
#include <numeric>

#include "base/format.h"

namespace quern::runtime::clusters {
namespace {

constexpr std::int64_t kChunkRows = 1024;

}  // namespace

Result<void> check_flat(const ir::Network& network) {
  QUERN_CHECK(ir::check(network));
  const auto& tower = network.towers.front();
  const auto* linear =
      tower.layers.size() == 1 ? std::get_if<ir::LinearLayer>(&tower.layers.front()) : nullptr;
  const auto layout = training::lay_out_blocks(network);
  if (network.towers.size() == 1 && linear != nullptr && linear->bias && !layout.learns_columns) {
    return {};
  }
  return Diagnostic{
      Code::engine_failed,
      "clusters and components need one linear layer behind blocks that learn nothing"};
}

MatrixReader::MatrixReader(PageSource& source, const ir::Network& network, std::int64_t bytes,
                           const CancelToken& cancel)
    : tower_(network.towers.front()),
      features_(network.features),
      groups_(network.group_widths.size()),
      layout_(training::lay_out_blocks(network)),
      cancel_(cancel),
      reader_(source, bytes, reading_) {}

Result<void> MatrixReader::pass(const std::function<void(const Chunk&)>& take) {
  Chunk chunk;
  for (bool last = false; !last;) {
    QUERN_TRY(const auto* block, reader_.next(cancel_));
    if (block->features < features_ || block->sparse.size() < groups_) {
      return Diagnostic{Code::engine_failed, "rows have fewer columns or groups than the network"};
    }
    for (std::int64_t begin = 0; begin < block->rows; begin += kChunkRows) {
      if (cancel_.requested()) return Diagnostic{Code::cancelled, "training was cancelled"};
      chunk.rows = std::min(kChunkRows, block->rows - begin);
      numbers_.resize(static_cast<std::size_t>(chunk.rows));
      std::iota(numbers_.begin(), numbers_.end(), begin);
      training::read_rows(tower_, layout_, *block, numbers_, input_);
      chunk.values = input_.matrix.data();
      chunk.weights = block->weights.empty() ? nullptr : block->weights.data() + begin;
      take(chunk);
      chunk.first += chunk.rows;
    }
    last = block->last;
  }
  return {};
}

std::vector<std::uint8_t> make_payload(const ir::Network& network,
                                       const std::vector<double>& weights,
                                       const std::vector<double>& biases,
                                       std::vector<std::pair<std::string, std::string>> texts) {
  const auto name = network.towers.front().name + ".layer0.";
  const auto outputs = static_cast<std::int64_t>(biases.size());
  const auto columns = static_cast<std::int64_t>(weights.size()) / outputs;
  texts.emplace_back("network", ir::to_json(network));
  ir::Tensors tensors{std::move(texts), {}};
  tensors.tensors.push_back(
      {name + "weight", {outputs, columns}, {weights.begin(), weights.end()}});
  tensors.tensors.push_back({name + "bias", {outputs}, {biases.begin(), biases.end()}});
  return ir::write_tensors(tensors);
}

std::string number_words(const std::vector<double>& numbers) {
  std::string out;
  for (const double number : numbers) out += (out.empty() ? "" : " ") + format_double(number);
  return out;
}

}  // namespace quern::runtime::clusters
