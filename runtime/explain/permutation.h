#pragma once
// Permutation importance: how much worse the model gets when a feature's values are dealt out anew.

#include <vector>

#include "codegen/model.h"
#include "compiler/ir/statement.h"
#include "connectors/connector.h"
#include "runtime/pipeline/train.h"

namespace quern::runtime {

/// Increase of the loss over the shuffles of one feature.
struct Shuffled {
  double mean = 0;
  double deviation = 0;  ///< of the population of shuffles
};

/// By feature. The loss is log_loss for classes (the share of wrong classes for binary:hinge, which
/// has no probabilities) and rmse for numbers. All rows are held in memory as float32 features.
/// Rule: Breiman 2001; scikit-learn's `permutation_importance` with scoring neg_log_loss or
/// neg_root_mean_squared_error, but for the order of the shuffles.
/// Errors: no_rows, those of LabelEncoder, cancelled, those of scan().
Result<std::vector<Shuffled>> permutation_importances(const ir::Explain& statement,
                                                      const codegen::Model& model,
                                                      Connection& connection,
                                                      const Control& control);

/// What explainers say of an empty query.
Diagnostic no_rows(const ir::Explain& statement);

}  // namespace quern::runtime
