// Batches cut into blocks for compiled code.

#include "codegen/fusion/fused_scorer.h"

#include <algorithm>
#include <cstring>

#include "codegen/interpret/base_margins.h"

namespace quern::codegen {
namespace {

/// Room for a block's values of the widest kind.
constexpr std::size_t kWidest = sizeof(std::int64_t) * kBlockRows;

const Mask& all_rows() {
  static constexpr Mask kAll = {{~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL}};
  return kAll;
}

/// Bytes of `rows` values; of booleans and validity, which are bits, whole bytes.
std::size_t bytes_of(TypeKind kind, std::int64_t rows) {
  const auto count = static_cast<std::size_t>(rows);
  return kind == TypeKind::boolean ? (count + 7) / 8 : count * value_width(kind);
}

struct alignas(64) PaddedColumn {
  std::byte values[kWidest];
  Mask validity;
};

std::size_t masks_of(const FusionPlan& plan) {
  const auto* forest = std::get_if<FusedForest>(&plan.model);
  return forest == nullptr ? 0 : forest->masks;
}

std::size_t values_of(const FusionPlan& plan) {
  const auto* forest = std::get_if<FusedForest>(&plan.model);
  return forest == nullptr ? 0 : forest->columns;
}

/// Room that starts on a cache line and holds anything.
template <typename T>
class Lines {
 public:
  explicit Lines(std::size_t count)
      : masks_(std::make_unique_for_overwrite<Mask[]>(lines(count))) {}
  T* data() const { return reinterpret_cast<T*>(masks_.get()); }

 private:
  static std::size_t lines(std::size_t count) {
    return (count * sizeof(T) + sizeof(Mask) - 1) / sizeof(Mask);
  }
  std::unique_ptr<Mask[]> masks_;
};

}  // namespace

/// What one call works in.
struct FusedScorer::Room {
  Room(const FusionPlan& plan, std::size_t prepared, std::size_t outputs, std::int64_t rows)
      : columns(plan.columns.size()),
        padded(rows % kBlockRows == 0 ? 0 : plan.columns.size()),
        prepared(prepared * static_cast<std::size_t>(rows)),
        masks(masks_of(plan)),
        values(values_of(plan) * kBlockRows),
        sums(outputs * kBlockRows) {}
  std::vector<RawColumn> columns;
  Lines<PaddedColumn> padded;  ///< of the last rows, which fill no block
  Lines<float> prepared;       ///< [features, rows]
  Lines<Mask> masks;
  Lines<float> values;
  Lines<float> sums;
};

std::optional<FusionPlan> plan_fusion(const ir::FeatureProgram& program, const ReadyModel& model,
                                      const std::vector<TypeKind>& kinds) {
  if (const auto* linear = std::get_if<Linear>(&model.model()))
    return fuse(program, kinds, *linear);
  if (std::holds_alternative<NetworkModel>(model.model())) return std::nullopt;
  if (model.kernel() == nullptr || model.kernel()->questions() == nullptr) return std::nullopt;
  return fuse(program, kinds, *model.kernel()->questions());
}

FusedScorer::FusedScorer(const ir::Manifest& manifest, std::shared_ptr<const ReadyModel> model,
                         ScorerColumns columns, FusionPlan plan,
                         std::unique_ptr<CompiledBlock> code)
    : manifest_(manifest),
      model_(std::move(model)),
      columns_(std::move(columns)),
      plan_(std::move(plan)),
      code_(std::move(code)),
      features_(manifest.program, columns_.inputs) {
  for (const auto& column : plan_.columns) {
    if (column.prepared) prepared_.push_back(column.source);
  }
}

bool FusedScorer::fits(const ColumnBatch& batch) const {
  return std::all_of(plan_.columns.begin(), plan_.columns.end(), [&](const FusedColumn& column) {
    return column.prepared ||
           batch.columns[columns_.inputs[column.source]].type.kind == column.kind;
  });
}

Result<void> FusedScorer::score(const ColumnBatch& batch, std::vector<float>& margins) const {
  QUERN_TRY(const auto base, read_base_margins(batch, columns_.margins, manifest_.base_margin));
  const auto outputs = static_cast<std::size_t>(model_->shape().outputs);
  Room room(plan_, prepared_.size(), outputs, batch.rows);
  QUERN_CHECK(features_.run_some(batch, prepared_, room.prepared.data(), batch.rows));
  margins.resize(static_cast<std::size_t>(batch.rows) * outputs);
  for (std::int64_t begin = 0; begin < batch.rows; begin += kBlockRows) {
    const auto rows = std::min<std::int64_t>(kBlockRows, batch.rows - begin);
    find_block(batch, begin, rows, room);
    const auto first = static_cast<std::size_t>(begin) * outputs;
    const auto size = static_cast<std::size_t>(rows) * outputs;
    score_block(rows, std::span(margins).subspan(first, size),
                base.empty() ? BaseMargins() : BaseMargins(base).subspan(first, size), room);
  }
  return {};
}

/// Points at the block's columns, or copies them where code would read beyond their end.
void FusedScorer::find_block(const ColumnBatch& batch, std::int64_t begin, std::int64_t rows,
                             Room& room) const {
  std::int64_t prepared = 0;
  for (std::size_t c = 0; c < plan_.columns.size(); ++c) {
    const auto& of = plan_.columns[c];
    const std::byte* values = nullptr;
    const std::byte* validity = nullptr;
    if (of.prepared) {
      const auto* column = room.prepared.data() + prepared++ * batch.rows;
      values = reinterpret_cast<const std::byte*>(column + begin);
    } else {
      const auto& column = batch.columns[columns_.inputs[of.source]];
      values = column.values.data() + bytes_of(of.kind, begin);
      if (column.null_count > 0 && !column.validity.empty())
        validity = column.validity.data() + bytes_of(TypeKind::boolean, begin);
    }
    if (rows < kBlockRows) {
      auto& padded = room.padded.data()[c];
      std::memset(padded.values, 0, sizeof padded.values);
      std::memcpy(padded.values, values, bytes_of(of.kind, rows));
      values = padded.values;
      if (validity != nullptr) {
        std::memcpy(&padded.validity, validity, bytes_of(TypeKind::boolean, rows));
        validity = reinterpret_cast<const std::byte*>(&padded.validity);
      }
    }
    room.columns[c] = {values, validity == nullptr
                                   ? all_rows().words
                                   : reinterpret_cast<const std::uint64_t*>(validity)};
  }
}

void FusedScorer::score_block(std::int64_t rows, std::span<float> out, BaseMargins base,
                              Room& room) const {
  if (model_->kernel() == nullptr) return add_up(rows, out, base, room);
  code_->function()(room.columns.data(), room.masks.data(), room.values.data());
  model_->kernel()->score_answered({rows, room.masks.data(), room.values.data(), room.sums.data(),
                                    &std::get<FusedForest>(plan_.model).answered},
                                   out, base);
}

void FusedScorer::add_up(std::int64_t rows, std::span<float> out, BaseMargins base,
                         Room& room) const {
  const auto& linear = std::get<Linear>(model_->model());
  const auto outputs = static_cast<std::size_t>(linear.outputs);
  float* sums = room.sums.data();
  for (std::int64_t row = 0; row < rows; ++row) {
    const auto first = first_margins(linear, base, row);
    for (std::size_t o = 0; o < outputs; ++o)
      sums[o * kBlockRows + static_cast<std::size_t>(row)] =
          linear.bias(static_cast<std::int32_t>(o)) + first[o];
  }
  code_->function()(room.columns.data(), nullptr, sums);
  for (std::size_t row = 0; row < static_cast<std::size_t>(rows); ++row) {
    for (std::size_t o = 0; o < outputs; ++o) out[row * outputs + o] = sums[o * kBlockRows + row];
  }
}

}  // namespace quern::codegen
