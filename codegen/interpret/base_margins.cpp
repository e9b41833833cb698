// Columns to rows.

#include "codegen/interpret/base_margins.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "codegen/interpret/features.h"

namespace quern::codegen {

Result<std::vector<float>> read_base_margins(const ColumnBatch& batch,
                                             const std::vector<std::size_t>& columns,
                                             const std::vector<ir::Input>& inputs) {
  const auto rows = static_cast<std::size_t>(batch.rows);
  std::vector<float> out(rows * columns.size());
  std::vector<float> values(rows);
  for (std::size_t c = 0; c < columns.size(); ++c) {
    numbers_to_float(batch.columns[columns[c]], values.data());
    const auto bad =
        std::count_if(values.begin(), values.end(), [](float v) { return !std::isfinite(v); });
    if (bad > 0) {
      return Diagnostic{
          Code::bad_base_margin,
          "base margin " + inputs[c].name + " is not a finite number in " + counted(bad, "row")};
    }
    for (std::size_t r = 0; r < rows; ++r) out[r * columns.size() + c] = values[r];
  }
  return out;
}

}  // namespace quern::codegen
