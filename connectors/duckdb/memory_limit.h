#pragma once
// The memory limit of one DuckDB instance, of which our own rows borrow a share: without that, a
// statement would hold the whole limit in DuckDB's buffers and its rows on top.

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/result.h"

namespace quern::duckdb {

class Session;

/// Threads: any.
class MemoryLimit {
 public:
  /// Bytes without which DuckDB cannot do much.
  static constexpr std::int64_t kLeast = std::int64_t{48} << 20;

  /// That of the instance behind a file: those who open one file share its instance, and so its
  /// limit. An unnamed database in memory has one of its own.
  static std::shared_ptr<MemoryLimit> of(const std::string& path);

  struct Loan {
    std::int64_t bytes = 0;
    std::uint64_t epoch = 0;  ///< 0: of none
  };
  /// Takes a quarter of what is not lent yet from DuckDB, which frees buffers for it; nothing where
  /// it cannot free so much. Where it would be left with less than kLeast, the quarter comes on
  /// top.
  /// None where there is no limit.
  Result<std::optional<Loan>> lend(Session& session);
  /// A limit that the user has set in the meantime stays.
  void take_back(Session& session, const Loan& loan);

 private:
  Result<std::string> shown(Session& session) const;
  /// False where DuckDB needs more.
  bool set(Session& session, std::int64_t bytes);

  std::mutex lock_;
  std::uint64_t epoch_ = 0;  ///< counts the limits that the user set
  /// The user's, about, as long as DuckDB shows what it did: it shows one digit behind the point.
  std::int64_t allowed_ = 0;
  std::int64_t lent_ = 0;
  std::string shown_;  ///< what DuckDB shows after the last change of ours
};

}  // namespace quern::duckdb
