#pragma once
// The server's types and ours.

#include <string>
#include <string_view>
#include <vector>

#include "base/column.h"
#include "connectors/postgres/session.h"

namespace quern::postgres {

/// Numbers of types that every server has (pg_type.dat).
namespace oid {
constexpr Oid boolean = 16, bytea = 17, character = 18, name = 19, int8 = 20, int2 = 21, int4 = 23,
              text = 25, object = 26, json = 114, float4 = 700, float8 = 701, unknown = 705,
              bpchar = 1042, varchar = 1043, date = 1082, time = 1083, timestamp = 1114,
              timestamptz = 1184, interval = 1186, numeric = 1700, void_ = 2278, uuid = 2950,
              jsonb = 3802;
constexpr Oid booleans = 1000, int2s = 1005, int4s = 1007, int8s = 1016, float4s = 1021,
              float8s = 1022, numerics = 1231;
}  // namespace oid

/// One column of a result: its type, and what the server sends.
struct ResultColumn {
  Field field;
  Oid sent = 0;  ///< the type of the values on the wire
  std::string cast =
      {};  ///< what the server must make of them first; "" for types read as they are
};

/// The columns of a described statement. May ask the server for types that it does not know.
Result<std::vector<ResultColumn>> result_columns(Session& session, const PGresult* described);

/// The type's name in CREATE TABLE.
std::string type_name(const ColumnType& type);

}  // namespace quern::postgres
