// Lending is lowering DuckDB's own limit: it then frees what lies beyond.

#include "connectors/duckdb/memory_limit.h"

#include <cmath>
#include <filesystem>
#include <map>
#include <sstream>

#include "connectors/duckdb/session.h"

namespace quern::duckdb {
namespace {

/// "122.0 MiB", as DuckDB shows a size, cut behind the first digit: a little more, so that it
/// shows the same again when it is set. 0 where it is none, or beyond all machines.
std::int64_t bytes_of(const std::string& size) {
  static const std::map<std::string, int> powers{{"byte", 0}, {"bytes", 0}, {"KiB", 10},
                                                 {"MiB", 20}, {"GiB", 30},  {"TiB", 40}};
  std::istringstream words(size);
  double number = 0;
  std::string unit;
  if (!(words >> number >> unit) || !powers.contains(unit)) return 0;
  return static_cast<std::int64_t>(std::ldexp(number + 0.005, powers.at(unit)));
}

}  // namespace

std::shared_ptr<MemoryLimit> MemoryLimit::of(const std::string& path) {
  if (path == ":memory:") return std::make_shared<MemoryLimit>();
  static std::mutex lock;
  static std::map<std::string, std::weak_ptr<MemoryLimit>> known;
  const std::scoped_lock hold(lock);
  std::erase_if(known, [](const auto& entry) { return entry.second.expired(); });
  auto& entry = known[std::filesystem::absolute(path).lexically_normal().string()];
  auto limit = entry.lock();
  if (!limit) entry = limit = std::make_shared<MemoryLimit>();
  return limit;
}

Result<std::string> MemoryLimit::shown(Session& session) const {
  QUERN_TRY(const auto rows, session.ask("SELECT current_setting('memory_limit')", {}));
  return rows.at(0).at(0);
}

bool MemoryLimit::set(Session& session, std::int64_t bytes) {
  if (!session.command("SET memory_limit = '" + std::to_string(bytes) + "B'").ok()) return false;
  auto now = shown(session);
  if (now.ok()) shown_ = *std::move(now);
  return true;
}

Result<std::optional<MemoryLimit::Loan>> MemoryLimit::lend(Session& session) {
  const std::scoped_lock hold(lock_);
  QUERN_TRY(const auto now, shown(session));
  if (now != shown_) {  // else it is as we left it
    ++epoch_;
    lent_ = 0;
    allowed_ = bytes_of(now);
  }
  if (allowed_ == 0) return std::optional<Loan>();
  const auto share = (allowed_ - lent_) / 4;
  if (allowed_ - lent_ - share < kLeast) return std::optional(Loan{.bytes = share});
  if (!set(session, allowed_ - lent_ - share)) {
    set(session, allowed_ - lent_);  // DuckDB may have lowered its limit all the same
    return std::optional(Loan{});
  }
  lent_ += share;
  return std::optional(Loan{.bytes = share, .epoch = epoch_});
}

void MemoryLimit::take_back(Session& session, const Loan& loan) {
  const std::scoped_lock hold(lock_);
  if (loan.epoch != epoch_) return;
  lent_ -= loan.bytes;  // first: should the rest fail, the next loan puts it right
  const auto now = shown(session);
  if (now.ok() && *now == shown_) set(session, allowed_ - lent_);
}

}  // namespace quern::duckdb
