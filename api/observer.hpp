#pragma once
// What a script does, as whoever runs it hears it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/export.h"
#include "base/column.h"
#include "base/diagnostic.h"
#include "base/progress.h"
#include "base/result.h"

namespace quern {

/// A statement that begins; they are numbered from 1.
struct StatementStart {
  std::size_t number = 1;
  SourceSpan span;
};

/// What the rows of a report are best drawn as.
enum class Chart : std::uint8_t { none, confusion, roc, precision_recall, calibration, attributions };

/// How a statement ended.
struct Done {
  std::string message;        ///< "trained iris_model@1: ..."; "" after a query
  bool returned_rows = false;
  std::int64_t rows = 0;      ///< returned, written or changed
  double seconds = 0;
  std::optional<std::size_t> bars = {};  ///< a column of the rows that is worth a bar chart
  Chart chart = Chart::none;             ///< of rows that were returned
};

/// Hears what a script does, in order, in the thread that runs it. Spans point into the script as it was
/// written, or into a file that it includes: on_source() says which.
class QUERN_API Observer {
 public:
  virtual ~Observer();
  /// Where spans point from now on; both live as long as the run. Heard first of all.
  virtual void on_source(std::string_view name, std::string_view text);
  virtual void on_echo(std::string_view words);            ///< `\echo words`
  /// A backslash command of how rows are shown, in its turn; what fails ends the script.
  virtual Result<void> on_command(const std::string& name, const std::vector<std::string>& words);
  virtual void on_statement(const StatementStart& start);  ///< heard before anything else of it
  virtual void on_schema(const Schema& schema);          ///< a statement begins to return rows
  virtual void on_batch(const ColumnBatch& batch);       ///< some of them
  virtual void on_done(const Done& done);                ///< the statement ended well
  virtual void on_failed(double seconds);                ///< it ended badly; its errors were heard before
  virtual void on_diagnostic(const Diagnostic& problem); ///< an error, a warning or a note
  virtual void on_progress(const Progress& progress);    ///< often; must return at once
};

}  // namespace quern
