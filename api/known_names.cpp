// Two queries of the catalog, and DESCRIBE of what the text selects from.

#include "api/known_names.h"

#include "api/command_sql.h"
#include "base/format.h"

namespace quern {
namespace {

using Clock = std::chrono::steady_clock;

/// Other sessions change the catalog too; where reading it is cheap, it is not believed for longer.
constexpr auto kBelieved = std::chrono::seconds(20);
constexpr auto kCheap = std::chrono::milliseconds(5);
constexpr std::size_t kMostDescribed = 64;

}  // namespace

void KnownNames::read_tables() {
  auto& connection = state_.connection();
  auto execution = connection.execute(columns_sql(connection.dialect()));
  if (!execution || !execution->rows) return;
  std::vector<KnownTable> tables;
  while (true) {
    ColumnBatch batch;
    const auto more = execution->rows->next(batch);
    if (!more) return;
    if (!*more) break;
    for (std::int64_t row = 0; row < batch.rows; ++row) {
      const auto text = [&](std::size_t c) { return format_value(batch.columns[c], row); };
      auto place = text(0);
      auto name = text(1);
      if (tables.empty() || tables.back().name != name || tables.back().place != place)
        tables.push_back({std::move(place), std::move(name), text(2) == "view", {}});
      tables.back().columns.emplace_back(text(3), text(4));
    }
  }
  tables_ = std::move(tables);
}

void KnownNames::refresh() {
  const auto now = Clock::now();
  const bool moved = of_ != &state_.connection();
  const bool old = now - read_at_ > kBelieved && took_ < kCheap;
  if ((fresh_ && !moved && !old) || state_.connection().in_transaction()) return;
  fresh_ = true;
  of_ = &state_.connection();
  described_.clear();
  if (moved) tables_.clear();
  read_tables();
  runtime::ModelStore store(state_.connection(), state_.models());
  if (auto models = store.list({}, std::nullopt)) models_ = *std::move(models);
  read_at_ = Clock::now();
  took_ = read_at_ - now;
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
  refresh();
  const auto known = described_.find(sql);
  if (known != described_.end()) return known->second;
  static const Schema none;
  if (state_.connection().in_transaction()) return none;
  if (described_.size() == kMostDescribed) described_.clear();
  const auto described = state_.connection().describe(sql);
  return described_.emplace(sql, described ? described->schema : Schema{}).first->second;
}

}  // namespace quern
