// Decides for each block between matrix, table and columns of weights.

#include "runtime/engines/torch/layout.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/box.h"

namespace quern::runtime::training {
namespace {

/// What matters of a block here.
struct BlockSize {
  std::int32_t width = 0;  ///< of its vector
  std::int32_t table = 0;  ///< rows of an embedding; 0: none
  std::int32_t zeros = 0;  ///< keys of a block of mostly zeros; 0: it is none
  std::int32_t steps = 0;
};

BlockSize size_of(const ir::Block& block) {
  return std::visit(
      Overloaded{
          [](const ir::DenseBlock& b) { return BlockSize{b.count}; },
          [](const ir::OneHotBlock& b) { return BlockSize{.width = b.rows, .zeros = b.rows}; },
          [](const ir::EmbeddingBlock& b) { return BlockSize{.width = b.width, .table = b.rows}; },
          [](const ir::BagBlock& b) {
            return b.width > 0 ? BlockSize{.width = b.width, .table = b.rows}
                               : BlockSize{.width = b.rows, .zeros = b.rows};
          },
          [](const ir::SequenceBlock& b) {
            return BlockSize{
                .width = b.rows > 0 ? b.width : b.numbers, .table = b.rows, .steps = b.length};
          },
      },
      block);
}

const ir::LinearLayer* first_linear(const ir::Tower& tower) {
  return tower.layers.empty() ? nullptr : std::get_if<ir::LinearLayer>(&tower.layers.front());
}

class TowerPlan {
 public:
  TowerPlan(const ir::Tower& tower, Layout& out) : tower_(tower), out_(out) {}

  void run() {
    for (std::size_t i = 0; i < tower_.blocks.size(); ++i) add(i, size_of(tower_.blocks[i]));
    out_.towers.push_back(std::move(layout_));
  }

 private:
  void add(std::size_t block, const BlockSize& size) {
    layout_.steps = std::max(layout_.steps, size.steps);
    const auto* linear = first_linear(tower_);
    if (size.zeros > 0 && linear != nullptr) {
      layout_.added = linear->outputs;
      add_piece(block, linear->outputs, true,
                {tower_.name + ".layer0.weight", size.zeros, linear->outputs, place_});
    } else if (size.table > 0) {
      layout_.learns_columns = true;
      add_piece(block, size.width, false,
                {tower_.name + ".block" + std::to_string(block), size.table, size.width});
    } else {
      layout_.pieces.push_back({block, layout_.columns, size.width});
    }
    if (!layout_.pieces.back().added) add_columns(size.width);
    place_ += size.width;
  }
  void add_piece(std::size_t block, std::int32_t width, bool added, TableShape table) {
    const auto number = static_cast<std::int32_t>(out_.tables.size());
    layout_.pieces.push_back({block, layout_.columns, width, number, added});
    out_.tables.push_back(std::move(table));
  }
  void add_columns(std::int32_t width) {
    layout_.columns += width;
    if (first_linear(tower_) == nullptr) return;
    const auto before = layout_.weight_columns.size();
    layout_.weight_columns.resize(before + static_cast<std::size_t>(width));
    std::iota(layout_.weight_columns.begin() + static_cast<std::ptrdiff_t>(before),
              layout_.weight_columns.end(), place_);
  }

  const ir::Tower& tower_;
  Layout& out_;
  TowerLayout layout_;
  std::int32_t place_ = 0;  ///< columns of the blocks before, as the network counts them
};

}  // namespace

Layout lay_out(const ir::Network& network) {
  Layout out;
  for (const auto& tower : network.towers) TowerPlan(tower, out).run();
  return out;
}

TowerLayout lay_out_blocks(const ir::Network& network) {
  ir::Network bare = network;
  bare.towers.resize(1);
  bare.towers.front().layers.clear();
  return lay_out(bare).towers.front();
}

}  // namespace quern::runtime::training
