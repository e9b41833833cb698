// Two queries of the catalog, and DESCRIBE of what the text selects from.

#include "api/known_names.h"

#include "api/command_sql.h"
#include "base/format.h"

namespace quern {
namespace {

/// Other sessions change the catalog too; where reading it is cheap, it is not believed for longer.
constexpr auto kBelieved = std::chrono::seconds(20);
constexpr auto kCheap = std::chrono::milliseconds(5);
/// A catalog that takes longer is read when it is asked for, not after each statement.
constexpr auto kDear = std::chrono::seconds(1);
/// How long a key may wait.
constexpr auto kPatience = std::chrono::milliseconds(3);
constexpr std::size_t kMostDescribed = 64;

}  // namespace

std::optional<std::vector<KnownTable>> KnownNames::read_tables() {
  auto& connection = state_.connection();
  auto execution = connection.execute(columns_sql(connection.dialect()));
  if (!execution || !execution->rows) return std::nullopt;
  std::vector<KnownTable> tables;
  while (true) {
    ColumnBatch batch;
    const auto more = execution->rows->next(batch);
    if (!more) return std::nullopt;
    if (!*more) return tables;
    for (std::int64_t row = 0; row < batch.rows; ++row) {
      const auto text = [&](std::size_t c) { return format_value(batch.columns[c], row); };
      auto place = text(0);
      auto name = text(1);
      if (tables.empty() || tables.back().name != name || tables.back().place != place)
        tables.push_back({std::move(place), std::move(name), text(2) == "view", {}});
      tables.back().columns.emplace_back(text(3), text(4));
    }
  }
}

KnownNames::Catalog KnownNames::read_catalog() {
  const auto begin = Clock::now();
  Catalog out{.tables = read_tables(), .models = {}};
  runtime::ModelStore store(state_.connection(), state_.models());
  if (auto models = store.list({}, std::nullopt)) out.models = *std::move(models);
  out.at = Clock::now();
  out.took = out.at - begin;
  return out;
}

/// For a connection that nobody is asking.
bool KnownNames::stale() {
  const bool moved = of_ != &state_.connection();
  const bool old = Clock::now() - read_at_ > kBelieved && took_ < kCheap;
  return (!fresh_ || moved || old) && !state_.connection().in_transaction();
}

void KnownNames::refresh() {
  if (!settled() || !stale()) return;
  begin_reading();
  settled();
}

void KnownNames::begin_reading() {
  fresh_ = true;
  described_.clear();
  if (of_ != &state_.connection()) tables_.clear();
  of_ = &state_.connection();
  ask([this] { return Answer{.catalog = read_catalog()}; });
}

void KnownNames::ask(std::function<Answer()> question) {
  if (patient_) return take(question());
  coming_ = std::async(std::launch::async, [question = std::move(question)] {
    try {
      return question();
    } catch (const std::exception&) {
      return Answer{};  // less is known then
    }
  });
}

/// True where nothing is being asked, or no more before `until_`.
bool KnownNames::settled() {
  if (!coming_.valid()) return true;
  if (coming_.wait_until(until_) != std::future_status::ready) return false;
  take(coming_.get());
  return true;
}

void KnownNames::take(Answer answer) {
  if (answer.catalog) {
    if (answer.catalog->tables) tables_ = *std::move(answer.catalog->tables);
    if (answer.catalog->models) models_ = *std::move(answer.catalog->models);
    read_at_ = answer.catalog->at;
    took_ = answer.catalog->took;
  }
  if (answer.described.first.empty()) return;
  if (described_.size() == kMostDescribed) described_.clear();
  described_.insert(std::move(answer.described));
}

void KnownNames::begin_answer() { until_ = Clock::now() + kPatience; }

void KnownNames::prepare() {
  patient_ = false;
  until_ = {};
  if (took_ < kDear && settled() && stale()) begin_reading();
}

void KnownNames::stop() {
  begin_answer();
  if (settled()) return;
  state_.cancel();
  if (coming_.get().catalog) fresh_ = false;
  state_.resume();
}

const std::vector<KnownTable>& KnownNames::tables() {
  refresh();
  return tables_;
}

const std::vector<runtime::ModelRow>& KnownNames::models() {
  refresh();
  return models_;
}

const Schema& KnownNames::columns_of(const std::string& sql) {
  static const Schema none;
  refresh();
  if (const auto known = described_.find(sql); known != described_.end()) return known->second;
  if (reading() || state_.connection().in_transaction()) return none;
  ask([this, sql] {
    const auto described = state_.connection().describe(sql);
    return Answer{.described = {sql, described ? described->schema : Schema{}}};
  });
  settled();
  const auto known = described_.find(sql);
  return known == described_.end() ? none : known->second;
}

}  // namespace quern
