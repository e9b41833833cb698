#pragma once
// The statements that are about stored models and about the session itself: no query, no rows of
// the user's.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "compiler/ir/attributes.h"
#include "compiler/ir/estimators.h"
#include "compiler/ir/manifest.h"
#include "compiler/ir/statement_parts.h"

namespace quern::ir {

/// A model as it was found when the statement was bound.
struct StoredModel {
  ModelRef ref;
  std::int64_t version = 0;
  std::shared_ptr<const Manifest> manifest;
  std::string payload_check = {};  ///< as FoundModel's
};

struct ShowModels {
  std::optional<std::string> like = {};
};

struct ShowTrain {
  StoredModel model;
};

struct ShowTrials {
  StoredModel model;
};

struct DescribeModel {
  StoredModel model;
};

/// The attributes of an estimator or of a verb.
struct ShowAttributes {
  std::string subject;                             ///< "xgboost.gbtree", "TO PREDICT"
  const EstimatorDescriptor* estimator = nullptr;  ///< null for a verb
  std::span<const AttributeSpec> specs;
};

struct DropModel {
  ModelRef model;
  bool if_exists = false;
};

/// What a file of a model can be.
enum class ModelFormat : std::uint8_t { bundle, xgboost_json, xgboost_ubj, onnx };

struct ExportModel {
  StoredModel model;
  std::string path;
  SourceSpan path_span;
  ModelFormat format = ModelFormat::bundle;
  bool replace = false;  ///< an existing file
};

struct ImportModel {
  std::string path;
  SourceSpan path_span;
  ModelRef into;
  /// What a model that is not ours does not know of itself.
  std::optional<std::string> label = {};
  SourceSpan label_span = SourceSpan::none();
  std::vector<Scalar> classes = {};
  SourceSpan classes_span = SourceSpan::none();
  std::vector<std::string> columns = {};  ///< that the model reads, in its order
  SourceSpan columns_span = SourceSpan::none();
  std::string text = {};  ///< the statement, for the manifest
};

/// `SET quern.name = value`
struct SetOption {
  Setting setting;
};

/// A second connection of the session.
struct Attach {
  std::string uri;
  SourceSpan uri_span;
  std::string name;
  SourceSpan name_span;
};

/// For EXPLAIN IR.
std::string dump(const ShowModels& show);
std::string dump(const ShowTrain& show);
std::string dump(const ShowTrials& show);
std::string dump(const ShowAttributes& show);
std::string dump(const DescribeModel& describe);
std::string dump(const DropModel& drop);
std::string dump(const ExportModel& exported);
std::string dump(const ImportModel& import);
std::string dump(const SetOption& set);
std::string dump(const Attach& attach);

/// The format that a path's ending names; nullopt: none of ours.
std::optional<ModelFormat> format_of_path(const std::string& path);
/// "quern bundle", "XGBoost JSON".
std::string_view format_name(ModelFormat format);

}  // namespace quern::ir
