// Models as rows. Everything that decides (next version, insert, chunks) happens in one
// transaction.

#include "runtime/model_store/model_store.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <random>
#include <thread>

#include "base/column_builder.h"
#include "base/elapsed.h"
#include "base/hash.h"
#include "base/similar.h"
#include "connectors/write_scope.h"
#include "runtime/model_store/store_sql.h"
#include "runtime/model_store/trial_rows.h"

namespace quern::runtime {

using ir::FoundModel;
using store::as_integer;
using store::as_text;
using store::beside;
using store::condition;
using store::fetch;
using store::fetch_text;
using store::has_columns;
using store::key_type;
using store::run_own;

namespace {

constexpr const char* kModels = ir::kModelTable;
constexpr const char* kChunks = ir::kChunkTable;
/// Small enough for every engine's packet limits.
constexpr std::size_t kChunkBytes = 1 << 20;
/// Tries to store beside other sessions that store, and the longest pause between two: three
/// seconds in all. A database that waits for locks itself takes its time in each:
/// none begins after the longest trial.
constexpr int kTries = 30;
constexpr int kLongestPause = 128;    // milliseconds
constexpr double kLongestTrial = 10;  // seconds

const std::vector<std::string>& model_columns() {
  static const std::vector<std::string> names = {
      "name",      "version", "estimator", "objective",     "label",
      "row_count", "created", "manifest",  "payload_bytes", "payload_check"};
  return names;
}

const std::vector<std::string>& chunk_columns() {
  static const std::vector<std::string> names = {"name", "version", "chunk", "bytes"};
  return names;
}

Result<void> create_tables(Connection& connection, const TableName& where) {
  const auto dialect = connection.dialect();
  const auto blob = connection.type_name({.kind = TypeKind::blob});
  const auto text = connection.type_name({.kind = TypeKind::text});
  const auto key = key_type(connection);
  const auto models = "CREATE TABLE IF NOT EXISTS " + quote_name(beside(where, kModels), dialect) +
                      " (name " + key + " NOT NULL, version BIGINT NOT NULL, estimator " + text +
                      ", objective " + text + ", label " + text + ", row_count BIGINT, created " +
                      text + ", manifest " + text + ", payload_bytes BIGINT, payload_check " +
                      text + ", UNIQUE (name, version))";
  const auto chunks = "CREATE TABLE IF NOT EXISTS " + quote_name(beside(where, kChunks), dialect) +
                      " (name " + key +
                      " NOT NULL, version BIGINT NOT NULL, chunk BIGINT NOT NULL, bytes " + blob +
                      ", UNIQUE (name, version, chunk))";
  for (const auto& sql : {models, chunks}) {
    QUERN_TRY([[maybe_unused]] const auto created, run_own(connection, sql));
  }
  return {};
}

Result<void> insert_model(Connection& connection, const TableName& where, const std::string& name,
                          std::int64_t version, const ir::Manifest& m,
                          const std::vector<std::uint8_t>& payload) {
  const auto dialect = connection.dialect();
  const auto text = [&](const std::string& value) { return quote_text(value, dialect); };
  const auto sql =
      "INSERT INTO " + quote_name(beside(where, kModels), dialect) +
      " (name, version, estimator, objective, label, row_count, created, manifest, payload_bytes, "
      "payload_check) VALUES (" +
      text(name) + ", " + std::to_string(version) + ", " + text(m.estimator) + ", " +
      text(m.objective) + ", " + text(m.label.column) + ", " + std::to_string(m.rows) + ", " +
      text(m.created) + ", " + text(to_json(m)) + ", " + std::to_string(payload.size()) + ", " +
      text(check_sum(payload)) + ")";
  QUERN_TRY([[maybe_unused]] const auto done, run_own(connection, sql));
  return {};
}

ColumnBatch chunk_batch(const std::string& name, std::int64_t version,
                        const std::vector<std::uint8_t>& payload) {
  ColumnBuilder names({.kind = TypeKind::text}), versions({.kind = TypeKind::int64});
  ColumnBuilder numbers({.kind = TypeKind::int64}), bytes({.kind = TypeKind::blob});
  ColumnBatch batch;
  for (std::size_t at = 0; at < payload.size(); at += kChunkBytes) {
    names.append_text(name);
    versions.append_int(version);
    numbers.append_int(batch.rows++);
    const auto size = std::min(kChunkBytes, payload.size() - at);
    bytes.append_text({reinterpret_cast<const char*>(payload.data()) + at, size});
  }
  batch.columns = {names.finish(), versions.finish(), numbers.finish(), bytes.finish()};
  return batch;
}

Result<void> insert_chunks(Connection& connection, const TableName& where, const std::string& name,
                           std::int64_t version, const std::vector<std::uint8_t>& payload) {
  QUERN_TRY(auto appender, connection.append_to(beside(where, kChunks)));
  QUERN_CHECK(appender->append(chunk_batch(name, version, payload)));
  return appender->finish();
}

Diagnostic corrupt(const ir::ModelRef& model, const std::string& why) {
  return {Code::corrupt_model, "stored model is corrupt: " + ir::display_name(model) + ": " + why,
          model.span};
}

void place_at(Diagnostics& errors, SourceSpan span) {
  for (auto& error : errors) error.span = span;
}

}  // namespace

std::string check_sum(const std::vector<std::uint8_t>& bytes) {
  const auto h = fnv1a({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  std::array<char, 17> out{};
  std::snprintf(out.data(), out.size(), "%016llx", static_cast<unsigned long long>(h));
  return out.data();
}

namespace {

Result<bool> exists(Connection& connection, const TableName& where) {
  QUERN_TRY([[maybe_unused]] const bool chunks,
            has_columns(connection, beside(where, kChunks), chunk_columns()));
  return has_columns(connection, beside(where, kModels), model_columns());
}

/// PostgreSQL asks for the right to make tables even where CREATE finds them there. Others are not
/// looked up: their unqualified names may find a store that CREATE would not.
Result<bool> needs_create(Connection& connection, const TableName& where) {
  if (connection.dialect() != Dialect::postgres) return true;
  auto home = where;
  if (home.schema.empty()) {
    QUERN_TRY(home.schema, fetch_text(connection, "SELECT current_schema()"));
  }
  QUERN_TRY(const bool models, has_columns(connection, beside(home, kModels), model_columns()));
  QUERN_TRY(const bool chunks, has_columns(connection, beside(home, kChunks), chunk_columns()));
  return !models || !chunks;
}

/// Where CREATE ends a transaction: nothing is created inside one when all is there.
Result<void> create_before(Connection& user, const TableName& where, bool trials) {
  QUERN_TRY(const bool there, exists(user, where));
  if (!there) QUERN_CHECK(create_tables(user, where));
  return trials ? store::make_trial_table(user, where) : Result<void>();
}

Result<std::int64_t> try_save(Connection& user, const TableName& where,
                              const ir::Manifest& manifest,
                              const std::vector<std::uint8_t>& payload, const TrialList* trials) {
  const bool at_once = user.write_rules().ddl_in_transaction;
  if (!at_once) QUERN_CHECK(create_before(user, where, trials != nullptr));
  QUERN_TRY(auto scope, WriteScope::begin(user));
  auto& connection = scope.connection();
  if (at_once) {
    QUERN_TRY(const bool needed, needs_create(connection, where));
    if (needed) QUERN_CHECK(create_tables(connection, where));
  }
  const auto dialect = connection.dialect();
  const ir::ModelRef any{.where = where};
  const auto from =
      " FROM " + quote_name(beside(where, kModels), dialect) + condition(any, dialect);
  QUERN_TRY(const auto newest,
            fetch_text(connection, "SELECT " + as_text("max(version)", connection) + from));
  QUERN_TRY(const auto spelling, fetch_text(connection, "SELECT min(name)" + from));
  const std::int64_t version = newest.empty() ? 1 : std::stoll(newest) + 1;
  const auto name = spelling.empty() ? where.table : spelling;
  QUERN_CHECK(insert_model(connection, where, name, version, manifest, payload));
  QUERN_CHECK(insert_chunks(connection, where, name, version, payload));
  if (trials != nullptr) QUERN_CHECK(store::keep_trials(connection, where, name, version, *trials));
  QUERN_CHECK(scope.commit());
  return version;
}

}  // namespace

namespace {

/// Waits, longer each time and never in step with another session.
void pause(int tries) {
  std::random_device dice;
  const int most = std::min(kLongestPause, 1 << std::min(tries, 10));
  std::uniform_int_distribution<int> milliseconds(1, most);
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds(dice)));
}

/// Another session made the tables first, or took the number: a row of it is there already.
bool may_pass(const Diagnostic& problem) {
  const auto words = lower_ascii(problem.message);
  const bool taken = words.find("constraint") != std::string::npos ||
                     words.find("duplicate entry") != std::string::npos;
  return problem.code == Code::write_conflict || (problem.code == Code::database_error && taken);
}

}  // namespace

/// A name with a schema says itself where it is.
Result<ModelStore::Home> ModelStore::home(const ir::ModelRef& model) const {
  auto there = model;
  if (!model.where.schema.empty() || !model.where.catalog.empty()) {
    if (place_.places == nullptr) return Home{user_, model};
    QUERN_TRY(auto placed, place_.places->place(model.where));
    there.where = std::move(placed.name);
    return Home{placed.connection, std::move(there)};
  }
  if (place_.away == nullptr) return Home{user_, model};
  there.where.schema = place_.schema;
  return Home{*place_.away, std::move(there)};
}

namespace {

/// Where CREATE ends a transaction, a model that is part of one needs a store that is there.
Result<void> check_transaction(Connection& connection, const ir::ModelRef& model) {
  if (!connection.in_transaction() || connection.write_rules().ddl_in_transaction) return {};
  QUERN_TRY(const bool there, exists(connection, model.where));
  if (there) return {};
  return Diagnostic{Code::bad_target,
                    "the tables of the model store would be made, which would commit the "
                    "transaction that is open",
                    model.span, "COMMIT or ROLLBACK first"};
}

}  // namespace

Result<void> ModelStore::check_writable(const ir::ModelRef& model, bool with_trials) {
  QUERN_TRY(const auto at, home(model));
  QUERN_CHECK(check_transaction(at.connection, at.model));
  auto checked = at.connection.check_writable(beside(at.model.where, kModels));
  if (checked) checked = at.connection.check_writable(beside(at.model.where, kChunks));
  if (checked && with_trials)
    checked = at.connection.check_writable(beside(at.model.where, ir::kTrialTable));
  if (checked || checked.errors().front().code != Code::read_only) return checked;
  auto errors = std::move(checked).errors();
  auto& hint = errors.front().hint;
  hint += (hint.empty() ? "" : "; or ") +
          std::string("keep models elsewhere: SET quern.model_store = 'duckdb:FILE'");
  place_at(errors, model.span);
  return errors;
}

Result<std::string> ModelStore::before_write(const TableName& where) {
  QUERN_TRY(const auto at, home(where));
  return at.connection.before_write();
}

namespace {

/// Tries again where another session was in the way, and may not be any more. Only what is a
/// transaction of our own can be.
template <typename Write>
auto persistently(Connection& connection, Write write) {
  const auto start = std::chrono::steady_clock::now();
  for (int tries = 1;; ++tries) {
    auto written = write();
    const bool again = !written && tries < kTries && seconds_since(start) < kLongestTrial &&
                       !connection.in_transaction() && may_pass(written.errors().front());
    if (!again) return written;
    pause(tries);
  }
}

}  // namespace

Result<std::int64_t> ModelStore::save(const TableName& where, const ir::Manifest& manifest,
                                      const std::vector<std::uint8_t>& payload,
                                      const TrialList* trials) {
  QUERN_TRY(const auto at, home(where));
  QUERN_TRY([[maybe_unused]] const bool there, exists(at.connection, at.model.where));
  return persistently(at.connection, [&] {
    return try_save(at.connection, at.model.where, manifest, payload, trials);
  });
}

Result<void> ModelStore::add_trial(const TableName& where, const std::string& search,
                                   const ir::Trial& trial) {
  QUERN_TRY(const auto at, home(where));
  return persistently(at.connection, [&]() -> Result<void> {
    const bool at_once = at.connection.write_rules().ddl_in_transaction;
    if (!trials_made_ && !at_once)
      QUERN_CHECK(store::make_trial_table(at.connection, at.model.where));
    QUERN_TRY(auto scope, WriteScope::begin(at.connection));
    if (!trials_made_ && at_once)
      QUERN_CHECK(store::make_trial_table(scope.connection(), at.model.where));
    QUERN_CHECK(store::add_trial(scope.connection(), at.model.where, search, trial));
    QUERN_CHECK(scope.commit());
    trials_made_ = true;
    return {};
  });
}

Result<std::vector<ir::Trial>> ModelStore::known_trials(const TableName& where,
                                                        const std::string& search) {
  QUERN_TRY(const auto at, home(where));
  return store::known_trials(at.connection, at.model.where, search);
}

Result<std::vector<ir::Trial>> ModelStore::trials(const ir::ModelRef& model, std::int64_t version) {
  QUERN_TRY(auto at, home(model));
  at.model.version = version;
  return store::trials_of(at.connection, at.model);
}

Result<std::optional<FoundModel>> ModelStore::find(const ir::ModelRef& model) {
  QUERN_TRY(const auto at, home(model));
  QUERN_TRY(const bool there, exists(at.connection, at.model.where));
  if (!there) return std::optional<FoundModel>();
  const auto dialect = at.connection.dialect();
  const auto sql = "SELECT " + as_integer("version", dialect) + ", manifest, payload_check FROM " +
                   quote_name(beside(at.model.where, kModels), dialect) +
                   condition(at.model, dialect) + " ORDER BY version DESC LIMIT 1";
  QUERN_TRY(const auto batches, fetch(at.connection, sql));
  if (batches.empty()) return std::optional<FoundModel>();
  const auto& columns = batches[0].columns;
  auto manifest = ir::manifest_from_json(columns[1].is_null(0) ? "" : columns[1].text(0));
  if (!manifest) {
    auto errors = std::move(manifest).errors();
    place_at(errors, model.span);
    return errors;
  }
  return std::optional(FoundModel{std::make_shared<const ir::Manifest>(*std::move(manifest)),
                                  columns[0].as<std::int64_t>()[0],
                                  std::string(columns[2].is_null(0) ? "" : columns[2].text(0))});
}

Result<std::vector<std::uint8_t>> ModelStore::payload(const ir::ModelRef& model,
                                                      std::int64_t version,
                                                      const std::string& payload_check) {
  QUERN_TRY(auto at, home(model));
  at.model.version = version;
  auto exact = model;
  exact.version = version;
  auto& connection = at.connection;
  const auto dialect = connection.dialect();
  const auto which = condition(at.model, dialect);
  QUERN_TRY(const auto batches,
            fetch(connection, "SELECT bytes FROM " +
                                  quote_name(beside(at.model.where, kChunks), dialect) + which +
                                  " ORDER BY chunk"));
  std::vector<std::uint8_t> out;
  for (const auto& batch : batches) {
    for (std::int64_t row = 0; row < batch.rows; ++row) {
      if (batch.columns[0].is_null(row)) return corrupt(exact, "a chunk is NULL");
      const auto bytes = batch.columns[0].text(row);
      out.insert(out.end(), bytes.begin(), bytes.end());
    }
  }
  if (check_sum(out) == payload_check) return out;
  // The number of a version that was dropped is given again.
  QUERN_TRY(
      const auto now,
      fetch_text(connection, "SELECT payload_check FROM " +
                                 quote_name(beside(at.model.where, kModels), dialect) + which));
  if (now == payload_check) return corrupt(exact, "its bytes do not match their check sum");
  return Diagnostic{Code::unknown_model,
                    "model was dropped by another session meanwhile: " + ir::display_name(exact),
                    model.span};
}

Result<ModelSizes> ModelStore::sizes(const ir::ModelRef& model, std::int64_t version) {
  QUERN_TRY(auto at, home(model));
  at.model.version = version;
  auto& connection = at.connection;
  QUERN_TRY(const auto batches,
            fetch(connection,
                  "SELECT manifest, " + as_integer("payload_bytes", connection.dialect()) +
                      " FROM " + quote_name(beside(at.model.where, kModels), connection.dialect()) +
                      condition(at.model, connection.dialect())));
  if (batches.empty()) return ModelSizes{};
  const auto& c = batches[0].columns;
  return ModelSizes{static_cast<std::int64_t>(c[0].text(0).size()), c[1].as<std::int64_t>()[0]};
}

Result<std::vector<ModelRow>> ModelStore::list(const TableName& where,
                                               const std::optional<std::string>& pattern) {
  QUERN_TRY(const auto at, home(where));
  std::vector<ModelRow> out;
  QUERN_TRY(const bool there, exists(at.connection, at.model.where));
  if (!there) return out;
  const auto dialect = at.connection.dialect();
  auto sql = "SELECT name, " + as_integer("version", dialect) + ", estimator, objective, label, " +
             as_integer("row_count", dialect) + ", " + as_integer("payload_bytes", dialect) +
             ", created FROM " + quote_name(beside(at.model.where, kModels), dialect);
  if (pattern) sql += " WHERE lower(name) LIKE " + quote_text(lower_ascii(*pattern), dialect);
  QUERN_TRY(const auto batches, fetch(at.connection, sql + " ORDER BY name, version"));
  for (const auto& batch : batches) {
    const auto& c = batch.columns;
    for (std::int64_t r = 0; r < batch.rows; ++r) {
      const auto number = [&](std::size_t i) {
        return c[i].as<std::int64_t>()[static_cast<std::size_t>(r)];
      };
      const auto text = [&](std::size_t i) {
        return c[i].is_null(r) ? "" : std::string(c[i].text(r));
      };
      out.push_back({text(0), number(1), text(2), text(3), text(4), number(5), number(6), text(7)});
    }
  }
  return out;
}

namespace {

Result<std::int64_t> delete_models(Connection& connection, const ir::ModelRef& model) {
  const auto dialect = connection.dialect();
  const auto which = condition(model, dialect);
  std::int64_t changed = 0;
  for (const char* table : {kChunks, kModels}) {
    QUERN_TRY(const auto done,
              run_own(connection,
                      "DELETE FROM " + quote_name(beside(model.where, table), dialect) + which));
    changed = done.changed;
  }
  return changed;
}

}  // namespace

Result<std::int64_t> ModelStore::drop(const ir::ModelRef& model, bool unfinished) {
  QUERN_TRY(const auto at, home(model));
  QUERN_TRY(const bool there, exists(at.connection, at.model.where));
  if (!there && !unfinished) return std::int64_t{0};
  QUERN_TRY(auto scope, WriteScope::begin(at.connection));
  std::int64_t changed = 0;
  if (there) {
    QUERN_TRY(changed, delete_models(scope.connection(), at.model));
  }
  if (changed > 0 || unfinished) QUERN_CHECK(store::drop_trials(scope.connection(), at.model));
  QUERN_CHECK(scope.commit());
  return changed;
}

}  // namespace quern::runtime
