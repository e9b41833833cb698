#pragma once
// What every page says of the model, the rows and the statement.

#include <cstdint>
#include <string>

#include "compiler/ir/model_use.h"
#include "runtime/report/html_page.h"

namespace quern::runtime {

/// The rows that a page is about.
struct RowsSeen {
  std::int64_t rows = 0;
  std::string print;  ///< of RowPrint
};

/// "churn@3"
std::string model_title(const ir::ModelUse& use);

/// Adds the sections Training, Model, Rows and Statement.
void add_about(HtmlPage& page, const ir::ModelUse& use, const RowsSeen& seen,
               const std::string& statement);

}  // namespace quern::runtime
