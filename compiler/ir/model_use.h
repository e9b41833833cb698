#pragma once
// The statements that use a stored model on the rows of a query: PREDICT, EVALUATE, EXPLAIN.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/ir/manifest.h"
#include "compiler/ir/metrics.h"
#include "compiler/ir/statement_parts.h"

namespace quern::ir {

/// A stored model and the query that it is used on: what these statements begin with.
struct ModelUse {
  Query query;
  ModelRef model;
  std::int64_t version = 0;
  std::shared_ptr<const Manifest> manifest;
  std::string payload_check = {};  ///< as FoundModel's
  /// Column of the query for each input of the program; empty where no row is read.
  std::vector<std::size_t> input_columns = {};
  std::vector<std::size_t> margin_columns = {};  ///< the same for Manifest::base_margin
};

struct Predict {
  ModelUse use;
  std::vector<std::size_t> kept_columns;  ///< columns of the query that pass into the result
  std::string result_column;
  bool proba = false;                    ///< with the probability of each class
  bool distance = false;                 ///< with how far a row is from what is made of it
  std::optional<double> threshold = {};  ///< positive from this probability up; else above 0.5
  int top_k = 0;                         ///< with so many most probable classes
  std::optional<Target> target = {};
  Schema output;  ///< kept columns, then the result and what goes with it
};

/// The table that TO EVALUATE answers with.
enum class Report : std::uint8_t {
  metrics,
  confusion,
  roc,
  pr,
  calibration,
  per_class,
  per_cluster,
  rows
};

/// A metric, and its column's name as it was asked for.
struct MetricColumn {
  Metric metric;
  std::string name;
};

enum class Relation : std::uint8_t { above, at_least, below, at_most, equal, different };

/// What a metric must keep: `auc > 0.9`.
struct Assertion {
  std::string text;                   ///< as it was written
  std::string name;                   ///< of the metric
  std::optional<Metric> metric = {};  ///< none: the number of rows
  Relation relation = Relation::above;
  double bound = 0;
};

/// A page for the browser about what a statement has found.
struct ReportFile {
  std::string path;
  SourceSpan span;        ///< of the path
  bool replace = false;   ///< a file that is there and is no such page
  std::string text = {};  ///< the statement, without passwords
};

struct Evaluate {
  ModelUse use;
  Report report = Report::metrics;
  std::vector<MetricColumn> metrics = {};        ///< Report::metrics only
  std::optional<double> threshold = {};          ///< as Predict's
  double beta = 1;                               ///< of Metric::fbeta
  int bins = 10;                                 ///< of Report::calibration
  std::optional<std::size_t> label_column = {};  ///< always there of a model with a label
  std::optional<std::size_t> weight_column = {};
  std::vector<std::size_t> kept_columns = {};  ///< Report::rows only, as Predict's
  std::vector<Assertion> assertions = {};      ///< the statement fails where one does not hold
  SourceSpan assertions_span = SourceSpan::none();
  std::optional<ReportFile> page = {};
  std::optional<Target> target = {};
  Schema output;

  /// The prediction and the label of each row must be held.
  bool holds_rows() const {
    return report != Report::confusion || !assertions.empty() || page.has_value();
  }
};

/// Who explains a model.
enum class Explainer : std::uint8_t {
  shap,
  gain,
  permutation,
  summary  ///< of models without a label: what clusters, components or errors are made of
};

struct Explain {
  ModelUse use;
  Explainer explainer = Explainer::shap;
  bool local = false;           ///< shap: a result for each row, not for each feature
  bool expected_value = false;  ///< local: with the expected margin as last column
  int repeats = 5;              ///< permutation: shuffles of each feature
  std::int64_t seed = 0;        ///< permutation
  std::optional<std::size_t> label_column = {};  ///< permutation
  std::optional<ReportFile> page = {};           ///< shap
  std::optional<Target> target = {};
  Schema output;

  /// The splits alone tell the gain, the weights of components their loadings.
  bool reads_rows() const {
    return explainer != Explainer::gain &&
           (explainer != Explainer::summary || use.manifest->objective != "variance");
  }
  /// The column that says how much a feature matters; none in local explanations.
  std::optional<std::size_t> measure() const;
};

/// The names that messages use.
std::string_view report_name(Report report);
std::string_view explainer_name(Explainer explainer);
/// True where `value` keeps the bound; NaN keeps none.
bool holds(const Assertion& assertion, double value);

}  // namespace quern::ir
