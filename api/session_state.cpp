// Connections by name; the first is the one the session was opened with.

#include "api/session_state.h"

#include <charconv>
#include <filesystem>

#include "base/similar.h"

namespace quern {
namespace {

bool is_database(const std::string& uri) {
  const auto path = uri.substr(uri.find(':') + 1);
  const auto lower = lower_ascii(path);
  std::error_code failed;
  return lower == ":memory:" || lower.ends_with(".duckdb") || lower.ends_with(".db") ||
         std::filesystem::is_regular_file(path, failed);
}

Diagnostic taken(const std::string& name, const std::string& by) {
  return {Code::connection_exists, "the name " + name + " is taken: " + by, SourceSpan::none(),
          "choose another name"};
}

/// The one number of a query of ours; 0 where there is none.
int number_of(Connection& connection, const std::string& sql) {
  auto execution = connection.execute(sql);
  ColumnBatch batch;
  if (!execution || !execution->rows) return 0;
  const auto more = execution->rows->next(batch);
  if (!more || !*more || batch.columns[0].is_null(0)) return 0;
  const auto text = batch.columns[0].text(0);
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

StoreUri split_store_uri(const std::string& uri) {
  const auto slash = uri.rfind('/');
  if (slash == std::string::npos || is_database(uri)) return {uri, ""};
  const auto database = uri.substr(0, slash);
  return is_database(database) ? StoreUri{database, uri.substr(slash + 1)} : StoreUri{uri, ""};
}

SessionState::SessionState(std::unique_ptr<Connection> first, int threads, std::string code_cache)
    : database_threads_(threads), scoring_{.code_cache = std::move(code_cache)} {
  link(kFirst, std::move(first));
}

void SessionState::link(std::string name, std::unique_ptr<Connection> connection) {
  auto functions = std::make_unique<ModelFunctions>(*connection, *this);
  connection->offer(*functions);
  const std::scoped_lock held(lock_);
  connections_.push_back({std::move(name), std::move(functions), std::move(connection)});
}

std::optional<std::size_t> SessionState::find(const std::string& name) const {
  for (std::size_t i = 0; i < connections_.size(); ++i) {
    if (equal_ignoring_case(connections_[i].name, name)) return i;
  }
  return std::nullopt;
}

Result<void> SessionState::attach(const std::string& name, const std::string& uri) {
  if (find(name)) return taken(name, "a connection has it");
  QUERN_TRY(const bool named, connection().schema_exists(name));
  if (named) return taken(name, "a schema or database has it, and `USE` would mean both");
  QUERN_TRY(auto opened, open_connection({.uri = uri, .threads = database_threads_}));
  opened->set_fetch_connections(fetch_connections_);
  link(name, std::move(opened));
  return {};
}

Result<Placed> SessionState::place(const TableName& name) {
  const auto& first = name.catalog.empty() ? name.schema : name.catalog;
  const auto found = first.empty() ? std::nullopt : find(first);
  if (!found) return Placed{connection(), name};
  QUERN_TRY(const bool schema, connection().schema_exists(first));
  if (schema) return Placed{connection(), name};
  TableName there = name;
  (name.catalog.empty() ? there.schema : there.catalog).clear();
  return Placed{*connections_[*found].connection, std::move(there), *found != current_};
}

bool SessionState::can_use(const std::string& name) const {
  const auto found = find(name);
  return found && (*found != 0 || current_ != 0);
}

void SessionState::use(const std::string& name) {
  const auto found = find(name);
  const std::scoped_lock held(lock_);
  if (found) current_ = *found;
}

std::vector<std::string> SessionState::connection_names() const {
  std::vector<std::string> out;
  for (const auto& linked : connections_) {
    if (can_use(linked.name)) out.push_back(linked.name);
  }
  return out;
}

bool SessionState::can_detach(const std::string& name) const { return find(name).value_or(0) != 0; }

void SessionState::detach(const std::string& name) {
  const auto found = find(name).value_or(0);
  if (found == 0) return;
  const std::scoped_lock held(lock_);
  if (current_ == found) current_ = 0;
  if (current_ > found) --current_;
  connections_[found].connection.reset();  // before the functions that it calls
  connections_.erase(connections_.begin() + static_cast<std::ptrdiff_t>(found));
}

Result<void> SessionState::set_model_store(const std::string& uri) {
  std::unique_ptr<Connection> opened;
  StoreUri place;
  if (!equal_ignoring_case(uri, "default")) {
    place = split_store_uri(uri);
    QUERN_TRY(opened, open_connection({.uri = place.database, .threads = database_threads_}));
    if (!place.schema.empty()) {
      QUERN_TRY(const bool there, opened->schema_exists(place.schema));
      if (!there)
        return Diagnostic{Code::bad_target, "there is no schema " + place.schema,
                          SourceSpan::none(), "create it in that database first"};
    }
  }
  const std::scoped_lock held(lock_);
  store_ = std::move(opened);
  store_schema_ = place.schema;
  store_uri_ = uri;
  return {};
}

void SessionState::set_fetch_connections(int connections) {
  fetch_connections_ = connections;
  for (const auto& linked : connections_) linked.connection->set_fetch_connections(connections);
}

void SessionState::follow_database_threads() {
  database_threads_ = number_of(connection(), "SELECT CAST(current_setting('threads') AS VARCHAR)");
}

void SessionState::begin_statement() {
  for (const auto& linked : connections_) linked.functions->begin_statement();
}

Diagnostics SessionState::take_notes() {
  Diagnostics out;
  const auto take = [&](Connection& connection) {
    for (auto& note : connection.take_notes()) out.push_back(std::move(note));
  };
  for (const auto& linked : connections_) take(*linked.connection);
  if (store_) take(*store_);
  return out;
}

void SessionState::cancel() noexcept {
  cancelled_.request();
  const std::scoped_lock held(lock_);
  for (const auto& linked : connections_) linked.connection->cancel();
  if (store_) store_->cancel();
}

void SessionState::resume() noexcept {
  cancelled_.reset();
  for (const auto& linked : connections_) linked.connection->resume();
  if (store_) store_->resume();
}

}  // namespace quern
