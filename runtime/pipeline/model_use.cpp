// Payload to model or scorer; what is wrong with a model is said at its name.

#include "runtime/pipeline/model_use.h"

namespace quern::runtime {
namespace {

template <typename T>
Result<T> at_model(Result<T> result, const ir::ModelUse& use) {
  if (result) return result;
  auto errors = std::move(result).errors();
  for (auto& error : errors) error.span = use.model.span;
  return errors;
}

Result<std::vector<std::uint8_t>> read_payload(const ir::ModelUse& use, Connection& connection,
                                               const ModelPlace& models) {
  ModelStore store(connection, models);
  return at_model(store.payload(use.model, use.version, use.payload_check), use);
}

}  // namespace

Result<codegen::Model> open_model(const ir::ModelUse& use, Connection& connection,
                                  const ModelPlace& models) {
  QUERN_TRY(const auto payload, read_payload(use, connection, models));
  return at_model(codegen::read_model(*use.manifest, payload), use);
}

Result<std::unique_ptr<codegen::Scorer>> open_scorer(const ir::ModelUse& use,
                                                     Connection& connection,
                                                     const ModelPlace& models,
                                                     const codegen::Scoring& scoring) {
  QUERN_TRY(const auto payload, read_payload(use, connection, models));
  return at_model(
      codegen::make_scorer(*use.manifest, payload, use.input_columns, use.margin_columns, scoring),
      use);
}

Result<std::unique_ptr<UnlabelledModel>> open_unlabelled(const ir::ModelUse& use,
                                                         Connection& connection,
                                                         const ModelPlace& models) {
  QUERN_TRY(const auto payload, read_payload(use, connection, models));
  return at_model(UnlabelledModel::make(*use.manifest, payload, use.input_columns), use);
}

Result<std::string> describe_kernel(const ir::ModelUse& use, Connection& connection,
                                    const ModelPlace& models, codegen::KernelChoice choice) {
  QUERN_TRY(const auto payload, read_payload(use, connection, models));
  return at_model(codegen::describe_kernel(*use.manifest, payload, choice), use);
}

Result<std::string> print_code(const ir::ModelUse& use, Connection& connection,
                               const ModelPlace& models) {
  QUERN_TRY(const auto payload, read_payload(use, connection, models));
  std::vector<TypeKind> kinds;
  for (const auto column : use.input_columns)
    kinds.push_back(use.query.description.schema[column].type.kind);
  return at_model(codegen::print_code(*use.manifest, payload, kinds), use);
}

}  // namespace quern::runtime
