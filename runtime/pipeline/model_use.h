#pragma once
// Opening the stored model that a statement uses.

#include <memory>

#include "codegen/scorer.h"
#include "compiler/ir/statement.h"
#include "connectors/connector.h"
#include "runtime/model_store/model_store.h"
#include "runtime/pipeline/unlabelled_model.h"

namespace quern::runtime {

/// Reads the model's payload. Errors, at the model's name: corrupt_model,
/// not_in_this_version, Q5xxx.
Result<codegen::Model> open_model(const ir::ModelUse& use, Connection& connection,
                                  const ModelPlace& models);

/// The same, ready to score batches of the statement's query. `use` must outlive it.
Result<std::unique_ptr<codegen::Scorer>> open_scorer(const ir::ModelUse& use,
                                                     Connection& connection,
                                                     const ModelPlace& models,
                                                     const codegen::Scoring& scoring);

/// What a model without a label knows besides. `use` must outlive it.
Result<std::unique_ptr<UnlabelledModel>> open_unlabelled(const ir::ModelUse& use,
                                                         Connection& connection,
                                                         const ModelPlace& models);

/// How many trees of the statement's model are scored in which way: see codegen::describe_kernel().
/// Errors at the model's name.
Result<std::string> describe_kernel(const ir::ModelUse& use, Connection& connection,
                                    const ModelPlace& models, codegen::KernelChoice choice);

/// The code that would be compiled for the statement: see codegen::print_code(). Errors at the
/// model's name.
Result<std::string> print_code(const ir::ModelUse& use, Connection& connection,
                               const ModelPlace& models);

}  // namespace quern::runtime
