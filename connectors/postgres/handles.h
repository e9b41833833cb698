#pragma once
// libpq's objects with owners.

#include <libpq-fe.h>

#include <memory>

namespace quern::postgres {

struct FinishConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
struct FreeCancel {
  void operator()(PGcancel* cancel) const { PQfreeCancel(cancel); }
};
struct FreeMemory {
  void operator()(void* memory) const { PQfreemem(memory); }
};

using ConnectionHandle = std::unique_ptr<PGconn, FinishConnection>;
using ResultHandle = std::unique_ptr<PGresult, ClearResult>;
using CancelHandle = std::unique_ptr<PGcancel, FreeCancel>;
using RowHandle = std::unique_ptr<char, FreeMemory>;

}  // namespace quern::postgres
