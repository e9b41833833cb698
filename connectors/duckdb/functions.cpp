// Bind: the types of a call's arguments, and the kernel for them. Evaluate: one vector of each
// argument becomes a batch, the answers become the result's vector.

#include "connectors/duckdb/functions.h"

#include <mutex>
#include <utility>
#include <vector>

#include "connectors/duckdb/columns.h"
#include "connectors/duckdb/session.h"
#include "connectors/duckdb/types.h"
#include "connectors/duckdb/vector_writer.h"
#include "connectors/kernel_errors.h"

namespace quern::duckdb {
namespace {

thread_local Functions* binding = nullptr;

using FunctionHandle = Handle<duckdb_scalar_function, duckdb_destroy_scalar_function>;
using ContextHandle = Handle<duckdb_client_context, duckdb_destroy_client_context>;
using ExpressionHandle = Handle<duckdb_expression, duckdb_destroy_expression>;
using ErrorHandle = Handle<duckdb_error_data, duckdb_destroy_error_data>;

/// How a function's answers become one value.
enum class Shape : std::uint8_t { value, map, row };

/// What DuckDB keeps of one of our functions.
struct Registered {
  std::string name;
  Shape shape = Shape::value;
  /// Where the arguments of the kernel begin: behind a subject, where there is one.
  idx_t first = 1;
};

template <typename T>
void destroy(void* object) {
  delete static_cast<T*>(object);
}

// ------------------------------------------------------------------------------------ evaluate

void put_names(std::span<const std::string> names, idx_t rows, duckdb_vector out) {
  idx_t at = 0;
  for (idx_t row = 0; row < rows; ++row) {
    for (const auto& name : names)
      duckdb_vector_assign_string_element_len(out, at++, name.data(), name.size());
  }
}

/// Fills a MAP, which is a list of pairs: the names, each with its number.
void put_by_name(std::span<const std::string> names, const std::vector<Column>& answers, idx_t rows,
                 duckdb_vector out) {
  const auto width = names.size();
  duckdb_list_vector_reserve(out, rows * width);
  duckdb_list_vector_set_size(out, rows * width);
  auto* pairs = duckdb_list_vector_get_child(out);
  put_names(names, rows, duckdb_struct_vector_get_child(pairs, 0));
  auto* lists = static_cast<duckdb_list_entry*>(duckdb_vector_get_data(out));
  auto* numbers =
      static_cast<float*>(duckdb_vector_get_data(duckdb_struct_vector_get_child(pairs, 1)));
  for (idx_t row = 0; row < rows; ++row) {
    lists[row] = {row * width, width};
    for (std::size_t i = 0; i < width; ++i) numbers[row * width + i] = answers[i].as<float>()[row];
  }
}

void put_row(const std::vector<Column>& answers, idx_t rows, duckdb_vector out) {
  for (idx_t i = 0; i < answers.size(); ++i) {
    auto* field = duckdb_struct_vector_get_child(out, i);
    const TypeHandle type(duckdb_vector_get_column_type(field));
    put_column({answers[i], 0, static_cast<std::int64_t>(rows)}, type.get(), field);
  }
}

void put_value(const Column& answer, duckdb_vector out) {
  const TypeHandle type(duckdb_vector_get_column_type(out));
  put_column({answer, 0, answer.length}, type.get(), out);
}

/// One call of a statement. Shared by the copies that DuckDB makes of its plan. Threads: const,
/// re-entrant.
class BoundCall {
 public:
  BoundCall(std::shared_ptr<const ScalarKernel> kernel, Registered function, bool by_name)
      : kernel_(std::move(kernel)), function_(std::move(function)), by_name_(by_name) {}

  const std::string& name() const { return function_.name; }

  Result<void> evaluate(duckdb_data_chunk chunk, duckdb_vector out) const {
    const auto rows = duckdb_data_chunk_get_size(chunk);
    QUERN_TRY(const auto batch, read(vectors_of(chunk), rows));
    QUERN_TRY(const auto answers, kernel_->evaluate(batch));
    switch (function_.shape) {
      case Shape::value: put_value(answers[0], out); break;
      case Shape::map: put_by_name(kernel_->names(), answers, rows, out); break;
      case Shape::row: put_row(answers, rows, out); break;
    }
    return {};
  }

 private:
  /// The arguments of the kernel.
  std::vector<duckdb_vector> vectors_of(duckdb_data_chunk chunk) const {
    std::vector<duckdb_vector> out;
    if (!by_name_) {
      for (auto i = function_.first; i < duckdb_data_chunk_get_column_count(chunk); ++i)
        out.push_back(duckdb_data_chunk_get_vector(chunk, i));
      return out;
    }
    auto* fields = duckdb_data_chunk_get_vector(chunk, 1);
    const TypeHandle type(duckdb_vector_get_column_type(fields));
    for (idx_t i = 0; i < duckdb_struct_type_child_count(type.get()); ++i)
      out.push_back(duckdb_struct_vector_get_child(fields, i));
    return out;
  }

  /// Types are settled when the first rows come: the optimizer may have given a constant another.
  void settle(const std::vector<duckdb_vector>& vectors) const {
    for (auto* vector : vectors) {
      const TypeHandle type(duckdb_vector_get_column_type(vector));
      auto& reader = readers_.emplace_back();
      if (duckdb_get_type_id(type.get()) != DUCKDB_TYPE_SQLNULL) reader.emplace(type.get());
    }
  }

  Result<ColumnBatch> read(const std::vector<duckdb_vector>& vectors, idx_t rows) const {
    std::call_once(settled_, [&] { settle(vectors); });
    ColumnBatch batch{.rows = static_cast<std::int64_t>(rows), .columns = {}};
    for (std::size_t i = 0; i < vectors.size(); ++i) {
      if (!readers_[i]) {
        batch.columns.push_back({.type = {}, .length = batch.rows, .null_count = batch.rows});
        continue;
      }
      QUERN_TRY(auto column, readers_[i]->read(vectors[i], rows, nullptr));
      batch.columns.push_back(std::move(column));
    }
    return batch;
  }

  std::shared_ptr<const ScalarKernel> kernel_;
  Registered function_;
  bool by_name_;
  mutable std::once_flag settled_;
  mutable std::vector<std::optional<ColumnReader>> readers_;  ///< none: NULL of no type
};

using SharedCall = std::shared_ptr<const BoundCall>;

void* copy_call(void* call) { return new SharedCall(*static_cast<SharedCall*>(call)); }

void evaluate_call(duckdb_function_info info, duckdb_data_chunk chunk, duckdb_vector out) {
  const auto& call = **static_cast<SharedCall*>(duckdb_scalar_function_get_bind_data(info));
  const auto done = guarded([&] { return call.evaluate(chunk, out); });
  if (done) return;
  const auto text = kernel_failure_text(call.name(), done.errors().front());
  duckdb_scalar_function_set_error(info, text.c_str());
}

// ---------------------------------------------------------------------------------------- bind

Diagnostic not_constant(const std::string& what) {
  return {Code::bad_model_call, "the first argument must be a constant text, it is " + what};
}

/// The value of the first argument, which must not depend on rows.
Result<std::string> subject_of(duckdb_bind_info info) {
  const ExpressionHandle expression(duckdb_scalar_function_bind_get_argument(info, 0));
  if (!duckdb_expression_is_foldable(expression.get()))
    return not_constant("not the same for all rows");
  ContextHandle context;
  duckdb_scalar_function_get_client_context(info, context.out());
  ValueHandle value;
  const ErrorHandle error(duckdb_expression_fold(context.get(), expression.get(), value.out()));
  if (error.get() != nullptr && duckdb_error_data_has_error(error.get()))
    return Diagnostic{Code::bad_model_call, duckdb_error_data_message(error.get())};
  if (duckdb_is_null_value(value.get())) return not_constant("NULL");
  const TextHandle text(duckdb_get_varchar(value.get()));
  return std::string(text.get());
}

KernelArgument argument(std::string name, duckdb_logical_type type) {
  return {std::move(name), column_type(type), duckdb_get_type_id(type) == DUCKDB_TYPE_SQLNULL};
}

void add_fields(KernelCall& call, duckdb_logical_type row) {
  call.by_name = true;
  for (idx_t i = 0; i < duckdb_struct_type_child_count(row); ++i) {
    const TextHandle name(duckdb_struct_type_child_name(row, i));
    const TypeHandle type(duckdb_struct_type_child_type(row, i));
    call.arguments.push_back(argument(name.get(), type.get()));
  }
}

Result<KernelCall> describe_call(const Registered& function, duckdb_bind_info info) {
  KernelCall call{.function = function.name, .subject = {}, .arguments = {}};
  QUERN_TRY(call.subject, subject_of(info));
  const auto count = duckdb_scalar_function_bind_get_argument_count(info);
  for (idx_t i = 1; i < count; ++i) {
    const ExpressionHandle expression(duckdb_scalar_function_bind_get_argument(info, i));
    const TypeHandle type(duckdb_expression_return_type(expression.get()));
    if (count == 2 && duckdb_get_type_id(type.get()) == DUCKDB_TYPE_STRUCT) {
      add_fields(call, type.get());
    } else {
      call.arguments.push_back(argument("", type.get()));
    }
  }
  return call;
}

Result<SharedCall> bind(const Registered& function, duckdb_bind_info info) {
  if (binding == nullptr)
    return Diagnostic{Code::internal, "the function is bound outside a session's statement"};
  QUERN_TRY(const auto call, describe_call(function, info));
  QUERN_TRY(auto kernel, binding->bind(call));
  return SharedCall(std::make_shared<BoundCall>(std::move(kernel), function, call.by_name));
}

Result<SharedCall> bind_results(const Registered& function) {
  if (binding == nullptr || binding->results() == nullptr)
    return Diagnostic{Code::bad_model_call, "the function belongs to TO PREDICT"};
  return SharedCall(std::make_shared<BoundCall>(binding->results(), function, false));
}

void bind_call(duckdb_bind_info info) {
  const auto& function =
      *static_cast<const Registered*>(duckdb_scalar_function_bind_get_extra_info(info));
  auto bound = guarded(
      [&] { return function.shape == Shape::row ? bind_results(function) : bind(function, info); });
  if (!bound) {
    const auto text = kernel_failure_text(function.name, bound.errors().front());
    duckdb_scalar_function_bind_set_error(info, text.c_str());
    return;
  }
  duckdb_scalar_function_set_bind_data(info, new SharedCall(*std::move(bound)),
                                       destroy<SharedCall>);
  duckdb_scalar_function_set_bind_data_copy(info, copy_call);
}

// ------------------------------------------------------------------------------------ register

TypeHandle plain(duckdb_type id) { return TypeHandle(duckdb_create_logical_type(id)); }

TypeHandle type_of(KernelAnswer answer) {
  switch (answer) {
    case KernelAnswer::number: return plain(DUCKDB_TYPE_FLOAT);
    case KernelAnswer::text: return plain(DUCKDB_TYPE_VARCHAR);
    case KernelAnswer::numbers_by_name:
      return TypeHandle(
          duckdb_create_map_type(plain(DUCKDB_TYPE_VARCHAR).get(), plain(DUCKDB_TYPE_FLOAT).get()));
  }
  return plain(DUCKDB_TYPE_VARCHAR);
}

/// The types of columns in a struct; INSERT casts what is not the table's own.
TypeHandle row_type(const Schema& columns) {
  std::vector<TypeHandle> types;
  std::vector<std::string> names;
  for (const auto& column : columns) {
    types.push_back(chunk_type(column.type, plain(DUCKDB_TYPE_HUGEINT).get()));
    names.push_back("a" + std::to_string(names.size()));
  }
  std::vector<duckdb_logical_type> raw_types;
  std::vector<const char*> raw_names;
  for (const auto& type : types) raw_types.push_back(type.get());
  for (const auto& name : names) raw_names.push_back(name.c_str());
  return TypeHandle(duckdb_create_struct_type(raw_types.data(), raw_names.data(), types.size()));
}

/// Fails where the database has the function already, which is the same one.
void register_function(duckdb_connection connection, const Registered& function,
                       const TypeHandle& answer) {
  const FunctionHandle handle(duckdb_create_scalar_function());
  auto* raw = handle.get();
  duckdb_scalar_function_set_name(raw, function.name.c_str());
  if (function.first > 0)
    duckdb_scalar_function_add_parameter(raw, plain(DUCKDB_TYPE_VARCHAR).get());
  duckdb_scalar_function_set_varargs(raw, plain(DUCKDB_TYPE_ANY).get());
  duckdb_scalar_function_set_return_type(raw, answer.get());
  // NULL is an argument like others.
  duckdb_scalar_function_set_special_handling(raw);
  duckdb_scalar_function_set_extra_info(raw, new Registered(function), destroy<Registered>);
  duckdb_scalar_function_set_bind(raw, bind_call);
  duckdb_scalar_function_set_function(raw, evaluate_call);
  duckdb_register_scalar_function(connection, raw);
}

}  // namespace

void Functions::offer(duckdb_connection connection, KernelLibrary& library) {
  library_ = &library;
  for (const auto& function : library.functions()) {
    const bool map = function.answer == KernelAnswer::numbers_by_name;
    register_function(connection, {std::string(function.name), map ? Shape::map : Shape::value},
                      type_of(function.answer));
  }
}

void Functions::set_results(duckdb_connection connection,
                            std::shared_ptr<const ScalarKernel> kernel, const Schema& answers) {
  results_ = std::move(kernel);
  if (results_ == nullptr) return;
  const auto type = row_type(answers);
  results_name_ = "quern_results " + column_type(type.get()).sql_name;
  register_function(connection, {results_name_, Shape::row, 0}, type);
}

Result<std::shared_ptr<const ScalarKernel>> Functions::bind(const KernelCall& call) {
  if (library_ == nullptr) return Diagnostic{Code::internal, "the session offers no functions"};
  QUERN_TRY(auto kernel, library_->bind(call));
  if (kernel != nullptr) return kernel;
  missing_ = call.subject;
  return Diagnostic{Code::internal, "not loaded: " + call.subject};
}

Result<bool> Functions::load_missing() {
  if (missing_.empty()) return false;
  QUERN_CHECK(library_->load(std::exchange(missing_, "")));
  return true;
}

BindingScope::BindingScope(Functions& functions) : outer_(std::exchange(binding, &functions)) {}

BindingScope::~BindingScope() { binding = outer_; }

}  // namespace quern::duckdb
