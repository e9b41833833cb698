// SQLite counts the changes of a session, and for each file those of all others.

#include "connectors/sqlite/kept_rows.h"

#include "connectors/sqlite/catalog.h"

namespace quern::sqlite {
namespace {

/// Differs where anything was written meanwhile; "" where that cannot be told.
std::string state_of(Session& session) {
  auto out = std::to_string(sqlite3_total_changes64(session.handle()));
  for (const auto& schema : schemas(session)) {
    const auto* file = sqlite3_db_filename(session.handle(), schema.c_str());
    out += " " + schema + " " + (file == nullptr ? "" : file);
    const auto of = "PRAGMA " + quote_identifier(schema, Dialect::sqlite);
    for (const auto* counter : {".data_version", ".schema_version"}) {
      const auto rows = session.ask(of + counter, {});
      if (!rows || rows->empty()) return "";
      out += " " + rows->at(0).at(0);
    }
  }
  return out;
}

}  // namespace

void KeptRows::keep(Session& session, const std::string& sql, std::unique_ptr<Stream> stream) {
  stream_.reset();
  if (!stream->is_whole()) return;
  state_ = state_of(session);
  if (state_.empty()) return;
  sql_ = sql;
  stream_ = std::move(stream);
}

std::unique_ptr<Stream> KeptRows::take(Session& session, const std::string& sql,
                                       const std::vector<std::size_t>& used) {
  if (stream_ == nullptr || sql != sql_) return nullptr;
  auto stream = std::move(stream_);
  if (state_of(session) != state_) return nullptr;
  stream->begin_call(used);
  return stream;
}

}  // namespace quern::sqlite
