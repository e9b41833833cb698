// Order and spelling of constants.

#include "compiler/ir/scalar.h"

#include "base/box.h"
#include "base/format.h"

namespace quern {

std::string format_scalar(const Scalar& value) {
  return std::visit(Overloaded{
                        [](bool v) { return std::string(v ? "true" : "false"); },
                        [](std::int64_t v) { return std::to_string(v); },
                        [](double v) { return format_double(v); },
                        [](const std::string& v) { return v; },
                    },
                    value);
}

bool scalar_less(const Scalar& a, const Scalar& b) { return a < b; }

}  // namespace quern
