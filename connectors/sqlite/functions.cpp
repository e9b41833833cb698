// A row's values become columns of one row, of the kinds that the kernel reads.

#include "connectors/sqlite/functions.h"

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "connectors/connector.h"
#include "connectors/kernel_errors.h"
#include "connectors/some_columns.h"
#include "connectors/sqlite/cells.h"

namespace quern::sqlite {
namespace {

/// The statement that calls a function goes on when the function has asked what it must know.
class InnerCalls {
 public:
  explicit InnerCalls(Session& session) : session_(session), outer_(session.set_inner(true)) {}
  InnerCalls(const InnerCalls&) = delete;
  InnerCalls& operator=(const InnerCalls&) = delete;
  ~InnerCalls() { session_.set_inner(outer_); }

 private:
  Session& session_;
  bool outer_;
};

/// One of our functions, as SQLite hands it to each call.
struct Function {
  Session& session;
  KernelLibrary& library;
  KernelFunction is;
};

std::string type_text(sqlite3_value* value) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER: return "INTEGER";
    case SQLITE_FLOAT: return "REAL";
    case SQLITE_TEXT: return "TEXT";
    default: return "BLOB";
  }
}

/// The values of one argument, row after row. A number may be an integer in one row and a real in
/// the next.
class Argument {
 public:
  explicit Argument(const Field& column)
      : name_(column.name),
        kind_(column.type.kind),
        integers_({.kind = TypeKind::int64}, false),
        reals_({.kind = TypeKind::float64}, false),
        others_({.kind = kind_}, true) {}

  Result<Column> read(sqlite3_value* value) {
    auto& cells = cells_for(value);
    if (cells.take(value)) return cells.finish();
    return Diagnostic{Code::column_retyped,
                      "column " + name_ + " was " + std::string(kind_name(kind_)) +
                          " in training, a row gives " + type_text(value) + " '" +
                          std::string(bytes_of(value).substr(0, kShown)) + "'",
                      SourceSpan::none(), "cast it in the call"};
  }

 private:
  static constexpr std::size_t kShown = 40;

  Cells& cells_for(sqlite3_value* value) {
    if (!is_number(kind_)) return others_;
    return sqlite3_value_type(value) == SQLITE_FLOAT ? reals_ : integers_;
  }

  std::string name_;
  TypeKind kind_;
  Cells integers_;
  Cells reals_;
  Cells others_;
};

/// One call of a statement: what SQLite keeps for all of its rows where the subject is constant.
class BoundCall {
 public:
  explicit BoundCall(std::shared_ptr<const ScalarKernel> kernel) : kernel_(std::move(kernel)) {
    for (const auto& column : kernel_->columns()) arguments_.emplace_back(column);
  }

  const ScalarKernel& kernel() const { return *kernel_; }

  Result<std::vector<Column>> evaluate(sqlite3_value** values) {
    ColumnBatch row{.rows = 1, .columns = {}};
    for (std::size_t i = 0; i < arguments_.size(); ++i) {
      QUERN_TRY(auto column, arguments_[i].read(values[i]));
      row.columns.push_back(std::move(column));
    }
    return kernel_->evaluate(row);
  }

 private:
  std::shared_ptr<const ScalarKernel> kernel_;
  std::vector<Argument> arguments_;
};

void destroy_call(void* call) { delete static_cast<BoundCall*>(call); }
void destroy_function(void* function) { delete static_cast<Function*>(function); }

Result<std::string> subject_of(int count, sqlite3_value** values) {
  if (count > 0 && sqlite3_value_type(values[0]) == SQLITE_TEXT)
    return std::string(bytes_of(values[0]));
  const std::string is = count == 0                                     ? "missing"
                         : sqlite3_value_type(values[0]) == SQLITE_NULL ? "NULL"
                                                                        : type_text(values[0]);
  return Diagnostic{Code::bad_model_call, "the first argument must be a text, it is " + is};
}

Result<std::unique_ptr<BoundCall>> bind(const Function& function, int count,
                                        sqlite3_value** values) {
  KernelCall call{.function = function.is.name, .subject = {}, .arguments = {}, .typed = false};
  QUERN_TRY(call.subject, subject_of(count, values));
  call.arguments.resize(static_cast<std::size_t>(count - 1));
  QUERN_TRY(auto kernel, function.library.bind(call));
  if (kernel == nullptr) {
    const InnerCalls inner(function.session);
    QUERN_CHECK(function.library.load(call.subject));
    QUERN_TRY(kernel, function.library.bind(call));
  }
  return std::make_unique<BoundCall>(std::move(kernel));
}

void answer_text(sqlite3_context* context, std::string_view text) {
  sqlite3_result_text64(context, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

/// {"no":0.25,"yes":0.75}: the shortest digits that are the same float.
std::string json_of(std::span<const std::string> names, const std::vector<Column>& answers) {
  std::string out = "{";
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::array<char, 32> digits{};
    const auto end =
        std::to_chars(digits.data(), digits.data() + digits.size(), answers[i].as<float>()[0]).ptr;
    out += (i > 0 ? "," : "") + nlohmann::json(names[i]).dump() + ":";
    out.append(digits.data(), end);
  }
  return out + "}";
}

void answer(sqlite3_context* context, const Function& function, const BoundCall& call,
            const std::vector<Column>& answers) {
  switch (function.is.answer) {
    case KernelAnswer::number:
      sqlite3_result_double(context, static_cast<double>(answers[0].as<float>()[0]));
      return;
    case KernelAnswer::text: answer_text(context, answers[0].text(0)); return;
    case KernelAnswer::numbers_by_name:
      answer_text(context, json_of(call.kernel().names(), answers));
      return;
  }
}

Result<void> run(sqlite3_context* context, const Function& function, int count,
                 sqlite3_value** values) {
  auto* kept = static_cast<BoundCall*>(sqlite3_get_auxdata(context, 0));
  std::unique_ptr<BoundCall> bound;
  if (kept == nullptr) {
    QUERN_TRY(bound, bind(function, count, values));
  }
  auto& call = kept == nullptr ? *bound : *kept;
  QUERN_TRY(const auto answers, call.evaluate(values + 1));
  answer(context, function, call, answers);
  // SQLite may destroy it at once.
  if (bound != nullptr) sqlite3_set_auxdata(context, 0, bound.release(), destroy_call);
  return {};
}

void call_function(sqlite3_context* context, int count, sqlite3_value** values) {
  const auto& function = *static_cast<const Function*>(sqlite3_user_data(context));
  const auto done = guarded([&] { return run(context, function, count, values); });
  if (done) return;
  const auto text = kernel_failure_text(function.is.name, done.errors().front());
  sqlite3_result_error(context, text.data(), static_cast<int>(text.size()));
}

}  // namespace

void offer_functions(Session& session, KernelLibrary& library) {
  constexpr int kAnyCount = -1;
  for (const auto& function : library.functions()) {
    const std::string name(function.name);
    sqlite3_create_function_v2(session.handle(), name.c_str(), kAnyCount, SQLITE_UTF8,
                               new Function{session, library, function}, call_function, nullptr,
                               nullptr, destroy_function);
  }
}

}  // namespace quern::sqlite
