// Drives blocks of rows and rows alone through the towers.

#include "codegen/network/kernel.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/box.h"
#include "codegen/network/cells.h"
#include "codegen/network/layout.h"

namespace quern::codegen {
namespace {

/// Fewer rows than this go one by one: a block costs the same, full or not.
constexpr std::int64_t kFewestRows = 12;

float or_zero(float x) { return std::isnan(x) ? 0.0F : x; }

/// The row of a table of `rows` that a code stands for; -1: none.
std::int64_t row_of(float code, std::int32_t rows) {
  return code >= 0 && code < static_cast<float>(rows) ? static_cast<std::int64_t>(code) : -1;
}

std::int64_t filled_up(std::int64_t rows) { return (rows + kTile - 1) / kTile * kTile; }

/// Where a row's features and entries are, whether it stands alone or in a view.
struct RowView {
  const float* x;
  std::int64_t stride;  ///< elements from a feature to the next
  float at(std::int32_t feature) const { return x[feature * stride]; }
};

/// The entries of a row's groups: of a view's row, or of a row alone.
struct RowEntries {
  GroupRows groups;
  std::int64_t row = 0;
  std::span<const SparseEntry> entries = {};
  std::span<const std::size_t> ends = {};
  std::span<const SparseEntry> of(std::int32_t group) const {
    const auto g = static_cast<std::size_t>(group);
    if (!groups.empty()) return groups[g].row(row);
    const auto begin = g == 0 ? 0 : ends[g - 1];
    return entries.subspan(begin, ends[g] - begin);
  }
};

/// What one call works in; grows to what it needs and stays so.
struct Scratch {
  std::vector<float> room[2];
  std::vector<float> start;  ///< sums of what is looked up, row by row
  std::vector<float> sums;
  std::vector<float> steps[2];
  float* of(std::vector<float>& room_of, std::size_t size) {
    if (room_of.size() < size) room_of.resize(size);
    return room_of.data();
  }
};

/// One row's vector of a bag into out[i * stride].
void combine(const ir::BagBlock& bag, const std::vector<float>& table,
             std::span<const SparseEntry> entries, float* out, std::int64_t stride) {
  const auto width = static_cast<std::size_t>(bag.width);
  for (std::size_t i = 0; i < width; ++i) out[static_cast<std::int64_t>(i) * stride] = 0;
  float weights = 0;
  float squares = 0;
  for (const auto& entry : entries) {
    if (std::cmp_greater_equal(entry.key, bag.rows)) continue;
    const float weight = bag.weighted ? entry.value : 1.0F;
    weights += weight;
    squares += weight * weight;
    const float* from = table.data() + entry.key * width;
    for (std::size_t i = 0; i < width; ++i)
      out[static_cast<std::int64_t>(i) * stride] += weight * from[i];
  }
  if (bag.combiner == ir::Combiner::sum) return;
  const float divisor = bag.combiner == ir::Combiner::mean ? weights : std::sqrt(squares);
  for (std::size_t i = 0; i < width; ++i) {
    auto& value = out[static_cast<std::int64_t>(i) * stride];
    value = divisor == 0 ? 0.0F : value / divisor;
  }
}

/// Writes one row of a source to out[i * stride]. \param step  of its sequences.
void write_row(const Source& source, const RowView& x, const RowEntries& entries, std::int32_t step,
               bool step_is_there, float* out, std::int64_t stride) {
  const auto zero = [&] {
    for (std::int32_t i = 0; i < source.width; ++i) out[i * stride] = 0;
  };
  const auto look_up = [&](float code, std::int32_t rows) {
    const auto row = row_of(code, rows);
    if (row < 0) return zero();
    const float* from = source.table.data() + row * source.width;
    for (std::int32_t i = 0; i < source.width; ++i) out[i * stride] = from[i];
  };
  std::visit(Overloaded{
                 [&](const ir::DenseBlock& b) {
                   for (std::int32_t i = 0; i < b.count; ++i)
                     out[i * stride] = or_zero(x.at(b.first + i));
                 },
                 [&](const ir::OneHotBlock& b) {
                   zero();
                   const auto row = row_of(x.at(b.feature), b.rows);
                   if (row >= 0) out[row * stride] = 1;
                 },
                 [&](const ir::EmbeddingBlock& b) { look_up(x.at(b.feature), b.rows); },
                 [&](const ir::BagBlock& b) {
                   if (b.width > 0)
                     return combine(b, source.table, entries.of(b.group), out, stride);
                   zero();
                   for (const auto& entry : entries.of(b.group)) {
                     if (std::cmp_less(entry.key, b.rows))
                       out[static_cast<std::int64_t>(entry.key) * stride] =
                           b.weighted ? entry.value : 1.0F;
                   }
                 },
                 [&](const ir::SequenceBlock& b) {
                   if (!step_is_there) return zero();
                   const auto first = b.first + step * b.numbers;
                   if (b.rows > 0) return look_up(x.at(first), b.rows);
                   for (std::int32_t i = 0; i < b.numbers; ++i)
                     out[i * stride] = or_zero(x.at(first + i));
                 },
             },
             source.block);
}

std::int32_t length_of(const ir::SequenceBlock& b, const RowView& x) {
  for (std::int32_t step = 0; step < b.length; ++step) {
    if (std::isnan(x.at(b.first + step * b.numbers))) return step;
  }
  return b.length;
}

/// Adds to `sums` the weights that a row's categories and entries stand for.
void add_lookups(const std::vector<LookUp>& lookups, std::size_t outputs, const RowView& x,
                 const RowEntries& entries, float* sums) {
  for (const auto& lookup : lookups) {
    if (const auto* hot = std::get_if<ir::OneHotBlock>(&lookup.block)) {
      const auto row = row_of(x.at(hot->feature), hot->rows);
      if (row < 0) continue;
      const float* from = lookup.table.data() + static_cast<std::size_t>(row) * outputs;
      for (std::size_t o = 0; o < outputs; ++o) sums[o] += from[o];
      continue;
    }
    const auto& bag = std::get<ir::BagBlock>(lookup.block);
    for (const auto& entry : entries.of(bag.group)) {
      if (std::cmp_greater_equal(entry.key, bag.rows)) continue;
      const float* from = lookup.table.data() + entry.key * outputs;
      const float value = bag.weighted ? entry.value : 1.0F;
      for (std::size_t o = 0; o < outputs; ++o) sums[o] += value * from[o];
    }
  }
}

class Kernel final : public NetworkKernel {
 public:
  Kernel(const NetworkModel& model, VectorSet set)
      : steps_(network_steps(set)), outputs_(static_cast<std::size_t>(model.outputs)) {
    static_cast<ModelShape&>(shape_) = model;
    shape_.network = model.network;
    for (const auto& tower : model.network.towers) {
      towers_.push_back(lay_out(model, tower));
      has_cells_ |= towers_.back().steps > 0;
    }
  }

  void score(const FeatureView& x, std::span<float> out, BaseMargins base,
             GroupRows groups) const override {
    std::vector<SparseRows> own;
    if (groups.empty() && !shape_.network.group_widths.empty()) {
      own = groups_of(shape_, x);
      groups = own;
    }
    Scratch scratch;
    for (std::int64_t begin = 0; begin < x.rows; begin += kStride) {
      FeatureView view = x;
      view.data += begin * x.row_stride;
      view.rows = std::min(kStride, x.rows - begin);
      const auto size = static_cast<std::size_t>(view.rows) * outputs_;
      auto of_block = out.subspan(static_cast<std::size_t>(begin) * outputs_, size);
      for (std::int64_t r = 0; r < view.rows; ++r) {
        const auto first = first_margins(shape_, base, begin + r);
        std::copy(first.begin(), first.end(),
                  of_block.begin() + r * static_cast<std::ptrdiff_t>(outputs_));
      }
      add_block(view, groups, begin, of_block, scratch);
    }
  }

  void add_row(const float* x, std::span<const SparseEntry> entries,
               std::span<const std::size_t> ends, std::span<float> out) const override {
    thread_local Scratch scratch;
    add_one({x, 1}, {{}, 0, entries, ends}, out, scratch);
  }

 private:
  void add_block(const FeatureView& x, GroupRows groups, std::int64_t first_row,
                 std::span<float> out, Scratch& scratch) const {
    if (x.rows < kFewestRows && !has_cells_) {
      for (std::int64_t r = 0; r < x.rows; ++r) {
        add_one({x.data + r * x.row_stride, x.feature_stride}, {groups, first_row + r},
                out.subspan(static_cast<std::size_t>(r) * outputs_, outputs_), scratch);
      }
      return;
    }
    for (const auto& tower : towers_) {
      const float* margins = run_block(tower, x, groups, first_row, scratch);
      for (std::size_t o = 0; o < outputs_; ++o) {
        const float* of_output = margins + static_cast<std::int64_t>(o) * kStride;
        for (std::int64_t r = 0; r < x.rows; ++r)
          out[static_cast<std::size_t>(r) * outputs_ + o] += of_output[r];
      }
    }
  }

  /// One row, or one of many that are too few for a block.
  void add_one(const RowView& x, const RowEntries& entries, std::span<float> out,
               Scratch& scratch) const {
    for (const auto& tower : towers_) {
      const float* margins = tower.steps > 0 ? run_sequence(tower, x, entries, scratch)
                                             : run_row(tower, x, entries, scratch);
      const auto stride = tower.steps > 0 ? static_cast<std::size_t>(kStride) : 1;
      for (std::size_t o = 0; o < outputs_; ++o) out[o] += margins[o * stride];
    }
  }

  // --- a row alone ---

  const float* run_row(const TowerLayout& tower, const RowView& x, const RowEntries& entries,
                       Scratch& scratch) const {
    const auto widest = static_cast<std::size_t>(tower.widest);
    float* values = scratch.of(scratch.room[0], widest);
    float* other = scratch.of(scratch.room[1], widest);
    for (const auto& source : tower.sources)
      write_row(source, x, entries, 0, true, values + source.at, 1);
    std::int64_t width = tower.inputs;
    for (std::size_t i = 0; i < tower.operations.size(); ++i) {
      const auto& operation = tower.operations[i];
      if (const auto* weights = std::get_if<PackedWeights>(&operation)) {
        const bool add = i == 0 && !tower.lookups.empty();
        if (add) {
          std::copy_n(weights->bias.data(), weights->padded(), other);
          add_lookups(tower.lookups, static_cast<std::size_t>(weights->outputs), x, entries, other);
        }
        steps_.multiply_row(*weights, values, other, add);
        std::swap(values, other);
        width = weights->outputs;
      } else if (const auto* activation = std::get_if<ir::Activation>(&operation)) {
        steps_.activate(*activation, values, filled_up(width));
      } else {
        const auto& scaling = std::get<Scaling>(operation);
        for (std::size_t v = 0; v < scaling.scale.size(); ++v)
          values[v] = values[v] * scaling.scale[v] + scaling.shift[v];
      }
    }
    return values;
  }

  // --- blocks ---

  /// Column by column where the block is made of columns, else row by row.
  static void write_source(const Source& source, const FeatureView& x, GroupRows groups,
                           std::int64_t first_row, float* out) {
    const auto* dense = std::get_if<ir::DenseBlock>(&source.block);
    if (dense == nullptr || x.row_stride != 1) {
      for (std::int64_t r = 0; r < x.rows; ++r) {
        write_row(source, {x.data + r * x.row_stride, x.feature_stride}, {groups, first_row + r}, 0,
                  true, out + r, kStride);
      }
      return;
    }
    for (std::int32_t i = 0; i < dense->count; ++i) {
      const float* from = x.data + (dense->first + i) * x.feature_stride;
      for (std::int64_t r = 0; r < x.rows; ++r) out[i * kStride + r] = or_zero(from[r]);
    }
  }

  /// Rows that fill the block up are zero.
  static void clear_rest(float* values, std::int64_t width, std::int64_t rows) {
    if (rows == kStride) return;
    for (std::int64_t i = 0; i < width; ++i)
      std::fill(values + i * kStride + rows, values + (i + 1) * kStride, 0.0F);
  }

  const float* run_block(const TowerLayout& tower, const FeatureView& x, GroupRows groups,
                         std::int64_t first_row, Scratch& scratch) const {
    const auto size = static_cast<std::size_t>(tower.widest) * kStride;
    float* values = scratch.of(scratch.room[0], size);
    float* other = scratch.of(scratch.room[1], size);
    if (tower.steps > 0) {
      run_steps(tower, x, groups, first_row, values, scratch);
      return run_operations(tower, tower.cells.back().width(), nullptr, x.rows, values, other);
    }
    for (const auto& source : tower.sources)
      write_source(source, x, groups, first_row, values + source.at * kStride);
    clear_rest(values, tower.inputs, x.rows);
    float* start = nullptr;
    if (!tower.lookups.empty()) start = write_start(tower, x, groups, first_row, other, scratch);
    return run_operations(tower, tower.inputs, start, x.rows, values, other);
  }

  /// What the first layer's outputs begin with: into `out`, in columns.
  static float* write_start(const TowerLayout& tower, const FeatureView& x, GroupRows groups,
                            std::int64_t first_row, float* out, Scratch& scratch) {
    const auto& weights = std::get<PackedWeights>(tower.operations.front());
    const auto outputs = static_cast<std::size_t>(weights.outputs);
    float* sums = scratch.of(scratch.start, outputs);
    std::fill_n(out, outputs * kStride, 0.0F);
    for (std::int64_t r = 0; r < x.rows; ++r) {
      std::copy_n(weights.bias.data(), outputs, sums);
      add_lookups(tower.lookups, outputs, {x.data + r * x.row_stride, x.feature_stride},
                  {groups, first_row + r}, sums);
      for (std::size_t o = 0; o < outputs; ++o)
        out[static_cast<std::int64_t>(o) * kStride + r] = sums[o];
    }
    return out;
  }

  /// \param start  what the first layer's outputs begin with, which then is `other`; null: its
  /// bias.
  const float* run_operations(const TowerLayout& tower, std::int64_t width, const float* start,
                              std::int64_t rows, float* values, float* other) const {
    const auto filled = filled_up(rows);
    for (std::size_t i = 0; i < tower.operations.size(); ++i) {
      const auto& operation = tower.operations[i];
      if (const auto* weights = std::get_if<PackedWeights>(&operation)) {
        steps_.multiply(*weights, values, other, filled, i == 0 && start != nullptr);
        std::swap(values, other);
        width = weights->outputs;
      } else if (const auto* activation = std::get_if<ir::Activation>(&operation)) {
        activate(*activation, values, width, filled);
      } else {
        scale(std::get<Scaling>(operation), values, filled);
      }
    }
    return values;
  }

  void activate(ir::Activation activation, float* values, std::int64_t width,
                std::int64_t rows) const {
    if (rows == kStride) return steps_.activate(activation, values, width * kStride);
    for (std::int64_t i = 0; i < width; ++i)
      steps_.activate(activation, values + i * kStride, rows);
  }

  static void scale(const Scaling& scaling, float* values, std::int64_t rows) {
    for (std::size_t i = 0; i < scaling.scale.size(); ++i, values += kStride) {
      for (std::int64_t r = 0; r < rows; ++r)
        values[r] = values[r] * scaling.scale[i] + scaling.shift[i];
    }
  }

  // --- sequences ---

  /// One row as a block of its own.
  const float* run_sequence(const TowerLayout& tower, const RowView& x, const RowEntries& entries,
                            Scratch& scratch) const {
    const auto size = static_cast<std::size_t>(tower.widest) * kStride;
    float* values = scratch.of(scratch.room[0], size);
    float* other = scratch.of(scratch.room[1], size);
    const std::array<RowView, 1> views{x};
    const std::array<RowEntries, 1> of{entries};
    run_all_steps(tower, views, of, values, scratch);
    return run_operations(tower, tower.cells.back().width(), nullptr, 1, values, other);
  }

  void run_steps(const TowerLayout& tower, const FeatureView& x, GroupRows groups,
                 std::int64_t first_row, float* out, Scratch& scratch) const {
    std::array<RowView, kStride> views{};
    std::array<RowEntries, kStride> entries{};
    for (std::int64_t r = 0; r < x.rows; ++r) {
      const auto at = static_cast<std::size_t>(r);
      views[at] = {x.data + r * x.row_stride, x.feature_stride};
      entries[at] = {groups, first_row + r};
    }
    const auto rows = static_cast<std::size_t>(x.rows);
    run_all_steps(tower, std::span(views).first(rows), std::span(entries).first(rows), out,
                  scratch);
  }

  /// Through all layers of cells; the last one's state goes to `out`.
  void run_all_steps(const TowerLayout& tower, std::span<const RowView> views,
                     std::span<const RowEntries> entries, float* out, Scratch& scratch) const {
    std::array<std::int32_t, kStride> lengths{};
    std::int32_t steps = 0;
    for (std::size_t r = 0; r < views.size(); ++r) {
      for (const auto& source : tower.sources) {
        if (const auto* b = std::get_if<ir::SequenceBlock>(&source.block))
          lengths[r] = std::max(lengths[r], length_of(*b, views[r]));
      }
      steps = std::max(steps, lengths[r]);
    }
    const auto size = static_cast<std::size_t>(std::max(steps, 1)) *
                      static_cast<std::size_t>(tower.widest) * kStride;
    float* in = scratch.of(scratch.steps[0], size);
    float* other = scratch.of(scratch.steps[1], size);
    write_steps(tower, views, entries, steps, in);
    const auto rows = filled_up(static_cast<std::int64_t>(views.size()));
    const auto filled = std::span(lengths).first(static_cast<std::size_t>(rows));
    for (const auto& cells : tower.cells) {
      run_cells(cells, steps_, rows, filled, steps, in, cells.of.whole ? other : out);
      std::swap(in, other);
    }
  }

  static void write_steps(const TowerLayout& tower, std::span<const RowView> views,
                          std::span<const RowEntries> entries, std::int32_t steps, float* out) {
    std::fill_n(out, static_cast<std::int64_t>(steps) * tower.inputs * kStride, 0.0F);
    for (std::size_t r = 0; r < views.size(); ++r) {
      for (const auto& source : tower.sources) {
        const auto* sequence = std::get_if<ir::SequenceBlock>(&source.block);
        const auto length = sequence == nullptr ? steps : length_of(*sequence, views[r]);
        for (std::int32_t s = 0; s < steps; ++s) {
          float* to = out + (static_cast<std::int64_t>(s) * tower.inputs + source.at) * kStride + r;
          write_row(source, views[r], entries[r], s, s < length, to, kStride);
        }
      }
    }
  }

  const NetworkSteps& steps_;
  std::size_t outputs_;
  NetworkModel shape_;  ///< without tensors
  std::vector<TowerLayout> towers_;
  bool has_cells_ = false;
};

}  // namespace

std::unique_ptr<NetworkKernel> make_network_kernel(const NetworkModel& model, VectorSet set) {
  return std::make_unique<Kernel>(model, set);
}

}  // namespace quern::codegen
