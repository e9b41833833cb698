#include "runtime/report/row_print.h"

#include <cinttypes>
#include <cstdio>

namespace quern::runtime {

std::string RowPrint::text() const {
  char out[24];
  std::snprintf(out, sizeof out, "%016" PRIx64, sum_);
  return out;
}

}  // namespace quern::runtime
