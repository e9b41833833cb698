// What the text says of a training without a label.

#include "compiler/bind/bind_unlabelled.h"

namespace quern::binding {
namespace {

void refuse_label(const ast::Name& label, const std::string& estimator, Diagnostics& errors) {
  errors.push_back({Code::unknown_clause,
                    estimator + " is trained without a label, found LABEL " + label.text(),
                    label.span,
                    "leave it out; COLUMN * EXCEPT (" + label.text() +
                        ") keeps the column out of the features"});
}

}  // namespace

void check_label_clause(const ast::Train& train, const ir::EstimatorDescriptor& estimator,
                        Diagnostics& errors) {
  if (estimator.needs_label()) {
    if (train.label) return;
    errors.push_back({Code::missing_label, estimator.name + " needs a label", train.estimator.span,
                      "add `LABEL column`"});
    return;
  }
  if (train.label) refuse_label(*train.label, estimator.name, errors);
  if (!train.start || estimator.booster == "autoencoder") return;
  errors.push_back({Code::unknown_clause, estimator.name + " does not go on from a model",
                    train.start->span, "leave out USING: it is found anew"});
}

}  // namespace quern::binding
