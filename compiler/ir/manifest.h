#pragma once
// The manifest: everything about a stored model but the engine's own bytes. What PREDICT, SHOW
// MODELS and DESCRIBE need stands here; the training table is never read again.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "compiler/ir/feature_program.h"
#include "compiler/ir/objectives.h"
#include "compiler/ir/scalar.h"

namespace quern::ir {

/// The label as fitted; of a model that was trained without one, what stands in its place: the
/// answer's name in `column`, clusters as classes.
struct Label {
  std::string column;
  ColumnType type;
  /// Whose name `type` has: a dialect_name(), or "" where that is not known.
  std::string dialect = {};
  Task task = Task::regression;
  /// Classification: class i of the engine, in order; the positive class is the last. Else empty.
  std::vector<Scalar> classes = {};

  bool is_unlabelled() const { return ir::is_unlabelled(task); }
  /// An answer is a list of numbers.
  bool is_vector() const { return type.kind == TypeKind::list; }
  /// Numbers of an answer: those of a list, else one.
  std::int32_t width() const { return is_vector() ? type.size : 1; }
};

/// One metric after one round.
struct MetricPoint {
  int round = 0;  ///< from 1
  std::string data;
  std::string metric;
  double value = 0;
};

/// The tables of a model store.
inline constexpr const char* kModelTable = "quern_models";
inline constexpr const char* kChunkTable = "quern_model_chunks";

/// Which rows a model was checked on while it was trained.
struct SplitReport {
  std::string method = "none";  ///< as of method_name(), or "validation.select"
  std::int64_t validation_rows = 0;
  double eval = 0;
  std::int64_t seed = 0;
  std::string column = {};  ///< the key; "" where none is
  std::int64_t test_rows = 0;
  double test = 0;
  int folds = 0;
};

struct Manifest {
  /// Older formats are read, newer ones refused. 2 came with features of dates, times and lists,
  /// and with base margins, 3 with feature functions, 4 with networks, 5 with models without a
  /// label and labels that are vectors; a model is written in the oldest that has what it uses.
  static constexpr int kFormat = 5;

  std::string statement;  ///< SQL text of the training
  std::string estimator;
  std::string objective;
  std::string library;         ///< "XGBoost 1.7.4"
  std::string payload_format;  ///< "xgboost.ubj"
  FeatureProgram program;
  Label label;
  /// Columns of the query that every use of the model must return too: what a row's margins begin
  /// with, one an output. Empty: the base score.
  std::vector<Input> base_margin = {};
  /// Attributes as bound and defaults that mattered, under canonical names.
  std::vector<std::pair<std::string, std::string>> attributes;
  std::vector<MetricPoint> history;  ///< of every round run
  int rounds = 0;                    ///< rounds in the payload; early stopping may have run more
  std::int64_t rows = 0;  ///< that the query returned: of training, and of validation by a split
  SplitReport split = {};
  std::int64_t seed = 0;
  std::string quern_version;
  std::string created;  ///< UTC, ISO 8601 with seconds and Z

  /// The column of a prediction unless another is named: "predicted_species", "cluster".
  std::string result_name() const;

  /// The metric that the model was searched by; "" where it was not tuned.
  std::string tuned_by() const;

  /// The margins are weighted sums of the features: gblinear.
  bool is_linear() const;
  bool is_network() const;
};

/// True where the model says how likely each class is. binary:hinge and multi:softmax only name
/// one.
bool gives_probabilities(const Manifest& manifest);

/// A model as the store knows it; its bytes are fetched when they are needed.
struct FoundModel {
  std::shared_ptr<const Manifest> manifest;
  std::int64_t version = 0;
  std::string payload_check = {};  ///< by which its bytes are known to belong to the manifest
};

/// Canonical JSON text: same manifest, same bytes. Text that is not UTF-8 cannot occur.
std::string to_json(const Manifest& manifest);

/// Errors: corrupt_model, model_too_new.
Result<Manifest> manifest_from_json(std::string_view text);

}  // namespace quern::ir
