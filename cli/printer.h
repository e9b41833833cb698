#pragma once
// Rows as text: an aligned table, CSV, JSON objects line by line, or a Markdown table.

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

/// \param out is written to and not closed. Its error indicator tells of a full disk or a closed
/// pipe.
std::unique_ptr<Printer> make_printer(Format format, std::FILE* out);

}  // namespace quern::cli
