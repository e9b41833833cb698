#pragma once
// The typed IR: a statement after binding. Every name is looked up, every attribute is claimed by
// one owner, every check that needs no rows has passed.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "compiler/ir/attributes.h"
#include "compiler/ir/estimators.h"
#include "compiler/ir/feature_program.h"
#include "compiler/ir/manifest.h"
#include "compiler/ir/model_statements.h"
#include "compiler/ir/model_use.h"
#include "compiler/ir/network_plan.h"
#include "compiler/ir/objectives.h"
#include "compiler/ir/search.h"
#include "compiler/ir/split.h"
#include "compiler/ir/statement_parts.h"

namespace quern::ir {

struct ScriptedModule;

/// Columns of the query that say more of a row than features, label and weight do.
struct RowExtras {
  std::optional<std::size_t> group = {};        ///< rows of one value are ranked together
  std::vector<std::size_t> base_margin = {};    ///< what a row's margins begin with: one an output
  std::optional<std::size_t> upper_bound = {};  ///< of a label that is the lower bound
  friend bool operator==(const RowExtras&, const RowExtras&) = default;
};

/// The order that a training's rows are read in, as SQL behind ORDER BY.
struct RowOrder {
  std::string by;
  SourceSpan span;  ///< of the attribute's value
};

/// The rows of validation.select; columns as in the training query, found by name.
struct Validation {
  Query query;  ///< its span is that of the attribute's value
  std::vector<std::size_t> input_columns;
  std::optional<std::size_t> label_column = {};
  std::optional<std::size_t> weight_column = {};
  RowExtras extras = {};
};

/// Factors of row weights by class.
struct ClassWeight {
  bool balanced = false;   ///< rows / (classes * rows of the class), counted where the model learns
  NumberMap factors = {};  ///< by the class as text; others count 1
  SourceSpan span = SourceSpan::none();
};

/// The model that a training goes on from.
struct Start {
  ModelRef model;
  std::int64_t version = 0;
  std::shared_ptr<const Manifest> manifest;
  std::string payload_check = {};  ///< as FoundModel's
};

struct Train {
  Query query;
  const EstimatorDescriptor* estimator = nullptr;
  SourceSpan estimator_span;
  FeatureProgram program;                  ///< not fitted: vocabularies are empty
  std::vector<std::size_t> input_columns;  ///< column of the query for each input of the program
  std::optional<std::size_t> label_column = {};  ///< none where the estimator needs none
  SourceSpan label_span;
  LabelRole label_role = LabelRole::by_data;
  const Objective* objective = nullptr;  ///< null: settled by the label's kind
  SourceSpan objective_span;
  std::optional<std::size_t> weight_column = {};
  SourceSpan weight_span;
  RowExtras extras = {};
  std::optional<ClassWeight> class_weight = {};
  std::optional<Scalar> positive_class = {};
  SourceSpan positive_class_span;
  Split split;
  std::optional<RowOrder> order = {};
  std::optional<Validation> validation = {};
  int early_stopping = 0;  ///< rounds of patience; 0: all rounds are run and kept
  std::vector<Setting> settings;
  std::string booster = "gbtree";
  std::optional<NetworkPlan> network = {};  ///< of an estimator that trains one
  /// Where a file gives the network its layers and first weights.
  std::shared_ptr<const ScriptedModule> module = {};
  int rounds = 10;  ///< the most where num_round is tuned; 0: epochs by the number of rows
  std::optional<Tuning> tuning = {};  ///< there where a setting has values to search
  /// Then `program` is the model's, fitted, and the objective and order of classes are its too.
  std::optional<Start> start = {};
  ModelRef into;
  std::string text;  ///< the statement, for the manifest
};

struct PlainSql {
  std::string text;
  SourceSpan span;
};

using Statement = std::variant<Train, Predict, Evaluate, Explain, ShowModels, ShowTrain, ShowTrials,
                               ShowAttributes, DescribeModel, DropModel, ExportModel, ImportModel,
                               SetOption, Attach, PlainSql>;

/// The IR as text, for EXPLAIN IR and goldens.
std::string dump(const Statement& statement);

/// Checks what every bound statement must satisfy (indices in range, sizes that agree). Returns
/// what is wrong, or "". Runs after each pass in debug builds.
std::string verify(const Statement& statement);

}  // namespace quern::ir
