#pragma once
// Planning: the third stage. Decides what the database does and what Quern does; reads no row.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "compiler/ir/statement.h"

namespace quern::plan {

/// What planning must know of the session.
struct Environment {
  std::string engine;                     ///< of the database: "DuckDB 1.4.4"
  bool fetches_some = false;              ///< of a query's columns, those that are used
  bool one_connection = false;            ///< what is read is written by the same connection
  std::string forest_kernel = {};         ///< what scores forests; for dump()
  std::string linear_kernel = {};         ///< what scores linear models
  std::string network_kernel = {};        ///< what scores networks
  std::string trees = {};                 ///< of the model, and how they are scored; "": no forest
  std::string shap_kernel = {};           ///< what explains forests
  std::string permutation_kernel = {};    ///< what scores them while columns are shuffled
  bool computes = false;                  ///< the database can call the model for this query
  std::optional<std::int64_t> rows = {};  ///< of the query, as the database guesses; for dump()
};

/// scan and spool -> fit -> pages -> engine -> store
struct Train {
  ir::Train statement;
  std::int64_t page_rows = 0;
  std::int64_t bytes_per_row = 0;  ///< of the feature pages; sparse entries come on top
};

enum class Write : std::uint8_t { rows, create, replace, append };

/// The way out of a statement's result: to the caller, or into a table.
struct Output {
  Write write = Write::rows;
  TableName table = {};  ///< unless Write::rows
  SourceSpan span = {};  ///< of the table's name
  Schema schema;
  /// All rows are held back until the query has been read to its end: the target is one of its
  /// tables, or one connection reads and writes.
  bool spool = false;
};

/// scan -> score -> rows or table; or all of it by the database, which calls the model
struct Predict {
  ir::Predict statement;
  Output output;
  bool inside = false;  ///< the database
};

/// scan -> score and judge -> rows or table
struct Evaluate {
  ir::Evaluate statement;
  Output output;
};

/// scan -> attribute -> rows or table
struct Explain {
  ir::Explain statement;
  Output output;
};

using Plan = std::variant<Train, Predict, Evaluate, Explain>;

Train plan(ir::Train statement, const Environment& environment);
/// Completes the plan of a training whose lists have shown their length: their features, the
/// constraints on features, and the pages. \param lengths one for each input of the program.
/// Errors: ambiguous_column and those of ir::bind_constraints().
Result<void> settle_lists(Train& plan, const std::vector<std::int32_t>& lengths);

Predict plan(ir::Predict statement, const Environment& environment);
Evaluate plan(ir::Evaluate statement, const Environment& environment);
Explain plan(ir::Explain statement, const Environment& environment);

/// Plans where rows of `schema` go; without a target they are the caller's.
Output plan_output(const std::optional<ir::Target>& target, const Schema& schema,
                   const Environment& environment);

/// Parameters for the training library that depend neither on the rows nor on a trial: {its name,
/// value}. A later pair of the same name adds to it (eval_metric).
std::vector<std::pair<std::string, std::string>> engine_parameters(const ir::Train& statement);

/// Rows of a page for so many features: pages of about 16 MiB, 2,048 to 65,536 rows.
std::int64_t page_rows(std::size_t features);

enum class Format : std::uint8_t { text, json };

/// The plan for EXPLAIN PLAN, without passwords: text of several lines, or one line of JSON with
/// the same facts.
std::string dump(const Plan& plan, const Environment& environment, Format format = Format::text);
/// The same of a statement that is done in one step, from its IR as text.
std::string json_of_words(const std::string& ir);

}  // namespace quern::plan
