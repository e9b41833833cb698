// Rows in and out.

#include "runtime/model_store/trial_rows.h"

#include "base/column_builder.h"
#include "base/similar.h"
#include "runtime/model_store/store_sql.h"

namespace quern::runtime::store {
namespace {

const std::vector<std::string>& trial_columns() {
  static const std::vector<std::string> names = {"name",   "version", "search",     "trial",
                                                 "budget", "state",   "parameters", "metric",
                                                 "value",  "rounds",  "seconds",    "message"};
  return names;
}

Result<bool> exists(Connection& connection, const TableName& where) {
  return has_columns(connection, beside(where, ir::kTrialTable), trial_columns());
}

std::string table(Connection& connection, const TableName& where) {
  return quote_name(beside(where, ir::kTrialTable), connection.dialect());
}

Result<void> create_table(Connection& connection, const TableName& where) {
  const auto text = connection.type_name({.kind = TypeKind::text});
  const auto real = connection.type_name({.kind = TypeKind::float64});
  const auto sql = "CREATE TABLE IF NOT EXISTS " + table(connection, where) + " (name " +
                   key_type(connection) + " NOT NULL, version BIGINT NOT NULL, search " + text +
                   " NOT NULL, trial BIGINT NOT NULL, budget BIGINT NOT NULL, state " + text +
                   " NOT NULL, parameters " + text + ", metric " + text + ", value " + real +
                   ", rounds BIGINT, seconds " + real + ", message " + text + ")";
  QUERN_TRY([[maybe_unused]] const auto created, run_own(connection, sql));
  return {};
}

/// Rows of all columns, through the bulk load: a number must come back as it went in.
class Rows {
 public:
  void add(const std::string& name, std::int64_t version, const std::string& search,
           const ir::Trial& trial) {
    texts_[0].append_text(name);
    versions_.append_int(version);
    texts_[1].append_text(search);
    numbers_.append_int(trial.number);
    budgets_.append_int(trial.budget);
    texts_[2].append_text(ir::state_name(trial.state));
    texts_[3].append_text(ir::values_to_json(trial.values));
    texts_[4].append_text(trial.metric);
    if (trial.value)
      values_.append_double(*trial.value);
    else
      values_.append_null();
    rounds_.append_int(trial.rounds);
    seconds_.append_double(trial.seconds);
    texts_[5].append_text(trial.message);
    ++rows_;
  }

  ColumnBatch finish() {
    ColumnBatch out;
    out.rows = rows_;
    out.columns = {texts_[0].finish(), versions_.finish(), texts_[1].finish(), numbers_.finish(),
                   budgets_.finish(),  texts_[2].finish(), texts_[3].finish(), texts_[4].finish(),
                   values_.finish(),   rounds_.finish(),   seconds_.finish(),  texts_[5].finish()};
    return out;
  }

 private:
  std::int64_t rows_ = 0;
  std::vector<ColumnBuilder> texts_ =
      std::vector<ColumnBuilder>(6, ColumnBuilder({.kind = TypeKind::text}));
  ColumnBuilder versions_{{.kind = TypeKind::int64}};
  ColumnBuilder numbers_{{.kind = TypeKind::int64}};
  ColumnBuilder budgets_{{.kind = TypeKind::int64}};
  ColumnBuilder values_{{.kind = TypeKind::float64}};
  ColumnBuilder rounds_{{.kind = TypeKind::int64}};
  ColumnBuilder seconds_{{.kind = TypeKind::float64}};
};

Result<void> insert(Connection& connection, const TableName& where, const ColumnBatch& rows) {
  QUERN_TRY(auto appender, connection.append_to(beside(where, ir::kTrialTable)));
  QUERN_CHECK(appender->append(rows));
  return appender->finish();
}

Result<ir::Trial> read_row(const ColumnBatch& batch, std::int64_t row) {
  const auto& c = batch.columns;
  const auto at = static_cast<std::size_t>(row);
  const auto text = [&](std::size_t i) {
    return c[i].is_null(row) ? std::string() : std::string(c[i].text(row));
  };
  ir::Trial out;
  out.number = static_cast<int>(c[0].as<std::int64_t>()[at]);
  out.budget = static_cast<int>(c[1].as<std::int64_t>()[at]);
  const auto state = ir::find_state(text(2));
  if (!state) return Diagnostic{Code::corrupt_model, "the state of a trial is corrupt: " + text(2)};
  out.state = *state;
  QUERN_TRY(out.values, ir::values_from_json(text(3)));
  out.metric = text(4);
  if (!c[5].is_null(row)) out.value = c[5].as<double>()[at];
  out.rounds = static_cast<int>(c[6].as<std::int64_t>()[at]);
  out.seconds = c[7].as<double>()[at];
  out.message = text(8);
  return out;
}

Result<std::vector<ir::Trial>> read(Connection& connection, const TableName& where,
                                    const std::string& condition) {
  QUERN_TRY(const bool there, exists(connection, where));
  std::vector<ir::Trial> out;
  if (!there) return out;
  const auto real = connection.type_name({.kind = TypeKind::float64});
  const auto whole = [&](const char* name) { return as_integer(name, connection.dialect()); };
  const auto sql = "SELECT " + whole("trial") + ", " + whole("budget") +
                   ", state, parameters, metric, CAST(value AS " + real + "), " + whole("rounds") +
                   ", CAST(seconds AS " + real + "), message FROM " + table(connection, where) +
                   condition + " ORDER BY trial, budget, version";
  QUERN_TRY(const auto batches, fetch(connection, sql));
  for (const auto& batch : batches) {
    for (std::int64_t row = 0; row < batch.rows; ++row) {
      QUERN_TRY(auto trial, read_row(batch, row));
      out.push_back(std::move(trial));
    }
  }
  return out;
}

std::string of_search(Connection& connection, const TableName& where, const std::string& search) {
  const auto dialect = connection.dialect();
  return " WHERE lower(name) = " + quote_text(lower_ascii(where.table), dialect) +
         " AND search = " + quote_text(search, dialect);
}

}  // namespace

Result<void> make_trial_table(Connection& connection, const TableName& where) {
  QUERN_TRY(const bool there, exists(connection, where));
  return there ? Result<void>() : create_table(connection, where);
}

Result<void> add_trial(Connection& connection, const TableName& where, const std::string& search,
                       const ir::Trial& trial) {
  Rows rows;
  rows.add(where.table, 0, search, trial);
  return insert(connection, where, rows.finish());
}

Result<void> keep_trials(Connection& connection, const TableName& where, const std::string& name,
                         std::int64_t version, const TrialList& list) {
  QUERN_CHECK(make_trial_table(connection, where));
  QUERN_TRY(
      [[maybe_unused]] const auto deleted,
      run_own(connection, "DELETE FROM " + table(connection, where) +
                              of_search(connection, where, list.search) + " AND version = 0"));
  Rows rows;
  for (const auto& trial : list.trials) rows.add(name, version, list.search, trial);
  return insert(connection, where, rows.finish());
}

Result<std::vector<ir::Trial>> known_trials(Connection& connection, const TableName& where,
                                            const std::string& search) {
  return read(connection, where, of_search(connection, where, search));
}

Result<std::vector<ir::Trial>> trials_of(Connection& connection, const ir::ModelRef& model) {
  return read(connection, model.where, condition(model, connection.dialect()));
}

Result<void> drop_trials(Connection& connection, const ir::ModelRef& model) {
  QUERN_TRY(const bool there, exists(connection, model.where));
  if (!there) return {};
  QUERN_TRY([[maybe_unused]] const auto deleted,
            run_own(connection, "DELETE FROM " + table(connection, model.where) +
                                    condition(model, connection.dialect())));
  return {};
}

}  // namespace quern::runtime::store
