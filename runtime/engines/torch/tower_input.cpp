// Block by block, for all positions of a batch.

#include "runtime/engines/torch/tower_input.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/box.h"

namespace quern::runtime::training {
namespace {

float or_zero(float x) { return std::isnan(x) ? 0 : x; }

/// The key that a category's code stands for; -1 where it is no row of `rows`.
std::int64_t key_of(float code, std::int32_t rows) {
  return code >= 0 && code < static_cast<float>(rows) ? static_cast<std::int64_t>(code) : -1;
}

/// Steps of a row's sequence before its end.
std::int32_t length_of(const ir::SequenceBlock& sequence, const float* row) {
  std::int32_t steps = 0;
  while (steps < sequence.length &&
         !std::isnan(row[sequence.first + std::int64_t{steps} * sequence.numbers])) {
    ++steps;
  }
  return steps;
}

std::int32_t length_of(const ir::Tower& tower, const float* row) {
  std::int32_t steps = 0;
  for (const auto& block : tower.blocks) {
    const auto* sequence = std::get_if<ir::SequenceBlock>(&block);
    if (sequence != nullptr) steps = std::max(steps, length_of(*sequence, row));
  }
  return steps;
}

void place_rows(std::span<const std::int64_t> rows, TowerInput& input) {
  for (const auto row : rows) input.positions.push_back({row, 0});
}

/// Step by step, longest sequences first.
void place_steps(const ir::Tower& tower, const RowBlock& block, std::span<const std::int64_t> rows,
                 TowerInput& input) {
  std::vector<std::int32_t> lengths;
  for (const auto row : rows) lengths.push_back(length_of(tower, block.row(row)));
  const auto length = [&](std::int64_t i) { return lengths[static_cast<std::size_t>(i)]; };
  for (std::int64_t i = 0; i < input.rows; ++i) {
    if (length(i) > 0) input.order.push_back(i);
  }
  std::stable_sort(input.order.begin(), input.order.end(),
                   [&](std::int64_t a, std::int64_t b) { return length(a) > length(b); });
  for (std::int32_t step = 0; !input.order.empty() && step < length(input.order.front()); ++step) {
    std::int64_t count = 0;
    for (const auto i : input.order) {
      if (length(i) <= step) break;
      input.positions.push_back({rows[static_cast<std::size_t>(i)], step});
      ++count;
    }
    input.rows_at_step.push_back(count);
  }
}

/// Fills a block's part of the input.
class BlockReader {
 public:
  BlockReader(const TowerLayout& layout, const Piece& piece, const RowBlock& block,
              TowerInput& input)
      : piece_(piece),
        stride_(layout.columns),
        block_(block),
        input_(input),
        entries_(input.entries[static_cast<std::size_t>(&piece - layout.pieces.data())]) {}

  void operator()(const ir::DenseBlock& b) {
    each([&](const Position& at, float* out) {
      const float* from = block_.row(at.row) + b.first;
      for (std::int32_t k = 0; k < b.count; ++k) out[k] = or_zero(from[k]);
    });
  }
  void operator()(const ir::OneHotBlock& b) { read_codes(b.feature, b.rows); }
  void operator()(const ir::EmbeddingBlock& b) { read_codes(b.feature, b.rows); }
  void operator()(const ir::BagBlock& b) {
    each([&](const Position& at, float* out) {
      const auto row = block_.sparse[static_cast<std::size_t>(b.group)].row(at.row);
      const float scale = b.width > 0 ? scale_of(b, row) : 1;
      for (const auto& entry : row) {
        const float value = b.weighted ? entry.value : 1;
        if (std::cmp_less(entry.key, b.rows)) put(entry.key, value * scale, out);
      }
      end();
    });
  }
  void operator()(const ir::SequenceBlock& b) {
    each([&](const Position& at, float* out) {
      const float* row = block_.row(at.row);
      const bool there = at.step < length_of(b, row);
      const float* from = row + b.first + std::int64_t{at.step} * b.numbers;
      if (b.rows > 0) {
        if (there) put_code(from[0], b.rows, out);
        end();
      } else if (there) {
        for (std::int32_t k = 0; k < b.numbers; ++k) out[k] = or_zero(from[k]);
      }
    });
  }

 private:
  template <typename Fill>
  void each(Fill fill) {
    std::int64_t place = piece_.column;
    for (const auto& position : input_.positions) {
      fill(position, input_.matrix.data() + place);
      place += stride_;
    }
  }
  void read_codes(std::int32_t feature, std::int32_t rows) {
    each([&](const Position& at, float* out) {
      put_code(block_.row(at.row)[feature], rows, out);
      end();
    });
  }
  void put_code(float code, std::int32_t rows, float* out) {
    const auto key = key_of(code, rows);
    if (key >= 0) put(static_cast<std::uint32_t>(key), 1, out);
  }
  /// A key's entry: to be looked up, or as a number in its column.
  void put(std::uint32_t key, float factor, float* out) {
    if (piece_.table >= 0) {
      entries_.add(key, factor);
    } else {
      out[key] += factor;
    }
  }
  void end() {
    if (piece_.table >= 0) entries_.end();
  }
  /// What the combiner divides by, as a factor; 0 where that is 0.
  static float scale_of(const ir::BagBlock& b, std::span<const codegen::SparseEntry> row) {
    if (b.combiner == ir::Combiner::sum) return 1;
    double sum = 0;
    for (const auto& entry : row) {
      if (std::cmp_greater_equal(entry.key, b.rows)) continue;
      const double value = b.weighted ? entry.value : 1;
      sum += b.combiner == ir::Combiner::mean ? value : value * value;
    }
    if (b.combiner == ir::Combiner::sqrtn) sum = std::sqrt(sum);
    return sum != 0 ? static_cast<float>(1 / sum) : 0;
  }

  const Piece& piece_;
  std::int64_t stride_;
  const RowBlock& block_;
  TowerInput& input_;
  Entries& entries_;
};

void clear(const TowerLayout& layout, std::int64_t rows, TowerInput& input) {
  input.rows = rows;
  input.positions.clear();
  input.rows_at_step.clear();
  input.order.clear();
  input.entries.resize(layout.pieces.size());
  for (auto& entries : input.entries) entries.clear();
}

}  // namespace

void read_rows(const ir::Tower& tower, const TowerLayout& layout, const RowBlock& block,
               std::span<const std::int64_t> rows, TowerInput& input) {
  clear(layout, static_cast<std::int64_t>(rows.size()), input);
  if (layout.steps > 0) {
    place_steps(tower, block, rows, input);
  } else {
    place_rows(rows, input);
  }
  const auto positions = input.positions.size();
  input.matrix.assign(positions * static_cast<std::size_t>(layout.columns), 0);
  input.added.assign(positions * static_cast<std::size_t>(layout.added), 0);
  for (const auto& piece : layout.pieces) {
    std::visit(BlockReader(layout, piece, block, input), tower.blocks[piece.block]);
  }
}

void look_up(const TowerLayout& layout, std::span<const Table> tables, TowerInput& input) {
  for (std::size_t i = 0; i < layout.pieces.size(); ++i) {
    const auto& piece = layout.pieces[i];
    if (piece.table < 0 || input.positions.empty()) continue;
    const auto& table = tables[static_cast<std::size_t>(piece.table)];
    float* out = piece.added ? input.added.data() : input.matrix.data() + piece.column;
    table.look_up(input.entries[i], out, piece.added ? layout.added : layout.columns);
  }
}

void collect(const TowerLayout& layout, const TowerInput& input, std::span<Table> tables) {
  for (std::size_t i = 0; i < layout.pieces.size(); ++i) {
    const auto& piece = layout.pieces[i];
    if (piece.table < 0 || input.positions.empty()) continue;
    auto& table = tables[static_cast<std::size_t>(piece.table)];
    const float* slopes =
        piece.added ? input.added_slopes.data() : input.matrix_slopes.data() + piece.column;
    table.collect(input.entries[i], slopes, piece.added ? layout.added : layout.columns);
  }
}

}  // namespace quern::runtime::training
