#pragma once
// Rows as text: an aligned table, CSV, JSON objects line by line, or a Markdown table.

#include <cstddef>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "api/quern.hpp"

namespace quern::cli {

enum class Format { table, csv, jsonl, markdown };

/// Prints the rows of one statement after another.
class Printer {
 public:
  virtual ~Printer() = default;
  virtual void begin(const Schema& schema) = 0;
  virtual void rows(const ColumnBatch& batch) = 0;
  /// Ends the statement's rows. \param bars a column to draw beside them, where there is room for
  /// it.
  virtual void end(std::optional<std::size_t> bars) = 0;
};

/// What of the table's looks depends on where it is shown.
struct PrintOptions {
  std::size_t columns = 0;  ///< a table is cut to so many; 0: never
  std::size_t bars = 0;     ///< columns of the terminal, for bars beside the rows; 0: no bars
  bool expanded = false;    ///< a line for each value
  bool live = false;        ///< the first batch settles the widths, so that it is seen at once
  bool colour = false;
  std::string null = "NULL";
};

/// \param out is written to and not closed. Its error indicator tells of a full disk or a closed
/// pipe.
std::unique_ptr<Printer> make_printer(Format format, std::FILE* out, PrintOptions options = {});

}  // namespace quern::cli
