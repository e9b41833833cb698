// A call's model, and its arguments as the model's columns.

#include "api/model_functions.h"

#include <array>

#include "api/session_catalog.h"
#include "api/session_state.h"
#include "base/column_builder.h"
#include "base/format.h"
#include "base/similar.h"
#include "compiler/bind/columns.h"
#include "compiler/bind/internal.h"
#include "connectors/some_columns.h"
#include "parser/parser.h"
#include "runtime/pipeline/pace.h"

namespace quern {
namespace {

constexpr std::string_view kPredict = "quern_predict";
constexpr std::string_view kClass = "quern_predict_class";
constexpr std::string_view kProba = "quern_predict_proba";

constexpr std::array<KernelFunction, 3> kFunctions{{
    {kPredict, KernelAnswer::number},
    {kClass, KernelAnswer::text},
    {kProba, KernelAnswer::numbers_by_name},
}};

/// Models that are kept besides those of the statement that runs.
constexpr std::size_t kMostModels = 8;

/// Errors of a name's text have no place in the statement's.
Diagnostics nowhere(Diagnostics errors) {
  for (auto& error : errors) error.span = SourceSpan::none();
  return errors;
}

// ------------------------------------------------------------------------------------ evaluate

/// One call: where the model's columns are among the arguments, and what is answered.
class ModelKernel final : public ScalarKernel {
 public:
  /// \param places  the argument for each of the model's columns; none: NULL in every row.
  ModelKernel(std::shared_ptr<const runtime::PreparedModel> model, KernelAnswer answer,
              std::vector<std::optional<std::size_t>> places, CancelToken cancel)
      : model_(std::move(model)),
        answer_(answer),
        places_(std::move(places)),
        cancel_(std::move(cancel)) {
    for (const auto& value : model_->manifest().label.classes)
      classes_.push_back(format_scalar(value));
    for (const auto& column : model_->columns())
      columns_.push_back({column.name, {.kind = column.kind}});
  }

  std::span<const std::string> names() const override { return classes_; }
  std::span<const Field> columns() const override { return columns_; }

  Result<std::vector<Column>> evaluate(const ColumnBatch& arguments) const override {
    auto columns = builders();
    const auto batch = in_order(arguments);
    std::vector<float> answers;
    const auto answer = [&](const ColumnBatch& rows) -> Result<void> {
      QUERN_CHECK(model_->score(rows, answers));
      for (std::size_t r = 0; r < static_cast<std::size_t>(rows.rows); ++r)
        add(model_->outcomes().row(answers, r), columns);
      return {};
    };
    QUERN_CHECK(pace_.each(batch, cancel_, answer));
    std::vector<Column> out;
    for (auto& column : columns) out.push_back(column.finish());
    return out;
  }

 private:
  std::vector<ColumnBuilder> builders() const {
    std::vector<ColumnBuilder> out;
    const auto kind = answer_ == KernelAnswer::text ? TypeKind::text : TypeKind::float32;
    const auto count = answer_ == KernelAnswer::numbers_by_name ? classes_.size() : 1;
    for (std::size_t i = 0; i < count; ++i) out.emplace_back(ColumnType{.kind = kind});
    return out;
  }

  ColumnBatch in_order(const ColumnBatch& arguments) const {
    NullColumns nulls;
    ColumnBatch out{.rows = arguments.rows, .columns = {}};
    for (std::size_t i = 0; i < places_.size(); ++i) {
      out.columns.push_back(places_[i] ? arguments.columns[*places_[i]]
                                       : nulls.make(null_type(model_->columns()[i]), out.rows));
    }
    return out;
  }

  static ColumnType null_type(const ir::Input& input) {
    ColumnType type{.kind = input.kind};
    if (input.kind == TypeKind::list)
      type.element = std::make_shared<const ColumnType>(ColumnType{.kind = TypeKind::float64});
    return type;
  }

  void add(std::span<const float> row, std::vector<ColumnBuilder>& columns) const {
    const auto& outcomes = model_->outcomes();
    if (answer_ == KernelAnswer::text) {
      columns[0].append_text(classes_[outcomes.class_of(row)]);
    } else if (answer_ == KernelAnswer::numbers_by_name) {
      for (std::size_t c = 0; c < columns.size(); ++c)
        columns[c].append_double(outcomes.probability(row, c));
    } else {
      columns[0].append_double(outcomes.is_number() ? row[0] : outcomes.probability(row, 1));
    }
  }

  std::shared_ptr<const runtime::PreparedModel> model_;
  KernelAnswer answer_;
  std::vector<std::optional<std::size_t>> places_;
  CancelToken cancel_;
  mutable runtime::Pace pace_;
  std::vector<std::string> classes_;
  Schema columns_;
};

// ---------------------------------------------------------------------------------------- bind

Diagnostic wrong(std::string message, std::string hint = {}) {
  return {Code::bad_model_call, std::move(message), SourceSpan::none(), std::move(hint)};
}

/// Whether the model has the answer that the function gives.
Result<void> check_answer(std::string_view function, const LoadedModel& loaded) {
  const auto& manifest = loaded.model->manifest();
  const auto classes = static_cast<std::int64_t>(manifest.label.classes.size());
  if (manifest.label.is_vector()) {
    return wrong(loaded.name + " predicts " + counted(manifest.label.width(), "number") +
                     " a row, " + std::string(function) + " gives one value",
                 "TO PREDICT gives them as a list");
  }
  if (manifest.label.task == ir::Task::regression) {
    if (function == kPredict) return {};
    return wrong(loaded.name + " predicts a number, no class", "quern_predict gives it");
  }
  if (function == kClass) return {};
  if (!ir::gives_probabilities(manifest)) {
    return wrong(loaded.name + " gives no probabilities, its objective is " + manifest.objective,
                 "quern_predict_class gives the class");
  }
  if (function == kPredict && classes > 2) {
    return wrong(
        loaded.name + " predicts one of " + std::to_string(classes) +
            " classes, quern_predict gives one number",
        "quern_predict_class gives the class, quern_predict_proba the probability of each");
  }
  return {};
}

Schema schema_of(const std::vector<KernelArgument>& arguments) {
  Schema out;
  for (const auto& argument : arguments) out.push_back({argument.name, argument.type});
  return out;
}

std::string listed(const std::vector<ir::Input>& columns) {
  Schema names;
  for (const auto& column : columns) names.push_back({column.name, {}});
  return binding::listed_names(names);
}

/// The fields of a struct that are the model's columns.
Result<std::vector<std::size_t>> find_fields(const KernelCall& call, const LoadedModel& loaded) {
  const auto fields = schema_of(call.arguments);
  const binding::ColumnIndex index(fields);
  std::vector<std::string> names;
  for (const auto& field : fields) names.push_back(field.name);
  std::vector<std::size_t> out;
  for (const auto& column : loaded.model->columns()) {
    const auto found = index.find(column.name, SourceSpan::none());
    if (!found) {
      return Diagnostic{
          Code::column_missing_for_model,
          loaded.name + " needs column " + column.name + ", the struct has no such field",
          SourceSpan::none(),
          suggest(column.name, names, "it has " + binding::listed_names(fields))};
    }
    out.push_back(*found);
  }
  return out;
}

/// The arguments in the order in which they stand.
Result<std::vector<std::size_t>> count_off(const KernelCall& call, const LoadedModel& loaded) {
  const auto& columns = loaded.model->columns();
  if (call.arguments.size() != columns.size()) {
    return wrong(loaded.name + " takes " +
                     counted(static_cast<std::int64_t>(columns.size()), "column") +
                     ", the call gives " + std::to_string(call.arguments.size()),
                 "its columns are " + listed(columns));
  }
  std::vector<std::size_t> out(columns.size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = i;
  return out;
}

/// Lists come from engines that have them.
Result<void> check_untyped(const ir::Input& column, const LoadedModel& loaded) {
  if (column.kind != TypeKind::list) return {};
  return wrong(loaded.name + " reads lists, the database has none: column " + column.name);
}

Result<void> check_type(const ir::Input& column, const KernelArgument& argument) {
  if (argument.is_null || binding::fits_input(column, argument.type)) return {};
  return Diagnostic{Code::column_retyped,
                    "column " + column.name + " was " + ir::kind_text(column) +
                        " in training, the call gives " + argument.type.sql_name,
                    SourceSpan::none(), "cast it in the call"};
}

Result<std::vector<std::optional<std::size_t>>> find_places(const KernelCall& call,
                                                            const LoadedModel& loaded) {
  QUERN_TRY(const auto found, call.by_name ? find_fields(call, loaded) : count_off(call, loaded));
  std::vector<std::optional<std::size_t>> out;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto& argument = call.arguments[found[i]];
    const auto& column = loaded.model->columns()[i];
    QUERN_CHECK(call.typed ? check_type(column, argument) : check_untyped(column, loaded));
    out.push_back(argument.is_null ? std::nullopt : std::optional(found[i]));
  }
  return out;
}

// ---------------------------------------------------------------------------------------- load

/// A model's name as USING takes it.
Result<ir::ModelRef> read_name(const std::string& text, Dialect dialect) {
  const auto statement = "DESCRIBE MODEL " + text;
  StatementReader reader(statement);
  const auto first = reader.next(dialect);
  const auto* describe =
      first && *first ? std::get_if<ast::DescribeModel>(&(*first)->node) : nullptr;
  if (describe == nullptr || (*first)->span.end < statement.size()) {
    return wrong("not a model's name: " + text,
                 "write it as USING does: 'm', 'schema.m@2', '\"a name in quotes\"'");
  }
  return binding::to_model_ref(describe->model, dialect);
}

}  // namespace

Result<NamedModel> find_named_model(const std::string& text, Connection& connection,
                                    SessionState& session) {
  QUERN_TRY(auto ref, read_name(text, connection.dialect()));
  SessionCatalog catalog(connection, session);
  auto found = binding::require_model(ref, catalog);
  if (!found) return nowhere(std::move(found).errors());
  return NamedModel{std::move(ref), *std::move(found)};
}

std::span<const KernelFunction> ModelFunctions::functions() const { return kFunctions; }

Result<LoadedModel> ModelFunctions::read(const std::string& subject) {
  QUERN_TRY(const auto named, find_named_model(subject, connection_, session_));
  const auto& [ref, found] = named;
  LoadedModel out{.name = ir::display_name(ref.where) + "@" + std::to_string(found.version),
                  .manifest = to_json(*found.manifest),
                  .payload_check = found.payload_check,
                  .kernel = session_.kernel(),
                  .model = {}};
  if (const auto known = models_.find(subject); known != models_.end()) {
    const auto& old = known->second;
    const bool same = old.name == out.name && old.manifest == out.manifest &&
                      old.payload_check == out.payload_check && old.kernel == out.kernel;
    if (same) return old;
  }
  runtime::ModelStore store(connection_, session_.models());
  QUERN_TRY(const auto payload, store.payload(ref, found.version, found.payload_check));
  QUERN_TRY(out.model, runtime::PreparedModel::make(found.manifest, payload, session_.scoring()));
  return out;
}

/// Models of earlier statements go where there are many.
void ModelFunctions::make_room() {
  if (models_.size() < kMostModels) return;
  std::erase_if(models_, [&](const auto& entry) { return !resolved_.contains(entry.first); });
}

Result<void> ModelFunctions::load(const std::string& subject) {
  auto loaded = read(subject);
  if (!loaded) return nowhere(std::move(loaded).errors());
  make_room();
  models_.insert_or_assign(subject, *std::move(loaded));
  resolved_.insert(subject);
  return {};
}

Result<std::shared_ptr<const ScalarKernel>> ModelFunctions::bind(const KernelCall& call) {
  if (!resolved_.contains(call.subject)) return std::shared_ptr<const ScalarKernel>();
  const auto& loaded = models_.at(call.subject);
  QUERN_CHECK(check_answer(call.function, loaded));
  QUERN_TRY(auto places, find_places(call, loaded));
  const auto* function = &kFunctions[0];
  for (const auto& known : kFunctions) {
    if (known.name == call.function) function = &known;
  }
  return std::shared_ptr<const ScalarKernel>(std::make_shared<ModelKernel>(
      loaded.model, function->answer, std::move(places), session_.cancelled()));
}

}  // namespace quern
