// One branch per kind of class.

#include "runtime/pipeline/scalars.h"

#include <cmath>

namespace quern::runtime {

void append_scalar(ColumnBuilder& out, const Scalar& value, const ColumnType& type) {
  if (const auto* v = std::get_if<bool>(&value)) return out.append_bool(*v);
  if (const auto* v = std::get_if<std::string>(&value)) return out.append_text(*v);
  const double number = std::holds_alternative<double>(value)
                            ? std::get<double>(value)
                            : static_cast<double>(std::get<std::int64_t>(value));
  if (type.kind == TypeKind::big_number)
    return out.append_text(std::to_string(static_cast<std::int64_t>(number)));
  if (type.kind == TypeKind::decimal) {
    return out.append_decimal(
        static_cast<__int128>(std::llround(number * std::pow(10.0, type.scale))));
  }
  if (type.kind == TypeKind::float32 || type.kind == TypeKind::float64)
    return out.append_double(number);
  out.append_int(static_cast<std::int64_t>(number));
}

}  // namespace quern::runtime
