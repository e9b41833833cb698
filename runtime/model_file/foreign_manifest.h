#pragma once
// The manifest of a model that others trained: what its file says, and what the statement adds.

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/model_file/transfer.h"

namespace quern::runtime {

/// What a file says of its model.
struct ForeignFacts {
  std::string estimator;  ///< "xgboost.gbtree", "onnx.trees"
  std::string objective;
  std::string library;  ///< "XGBoost 1.7.4", "ONNX, lightgbm"
  std::string booster;  ///< "" where no booster is
  ir::Task task = ir::Task::regression;
  std::int64_t classes = 0;           ///< of no regression
  std::vector<Scalar> known_classes;  ///< as many, or none
  ir::FeatureProgram program;
  std::int64_t rounds = 0;
};

/// Names the columns as the statement does, else as the file; the label, and the classes 0, 1, 2,
/// ... where neither knows them. The payload's format is left to the caller.
/// Errors: attribute_conflict, class_count, ambiguous_column, not_in_this_version.
Result<ir::Manifest> foreign_manifest(ForeignFacts facts, const ir::ImportModel& statement,
                                      const TypeNames& types);

/// Each feature becomes a column, whose names take far more room than a file's one number: no
/// database has a table so wide. Error: not_in_this_version.
Result<void> check_width(std::int64_t features);

/// A model that knows its label, classes and columns takes no other. Error: attribute_conflict.
Result<void> check_no_options(const ir::ImportModel& statement);

}  // namespace quern::runtime
