#pragma once
// Owners for what DuckDB's C API hands out: each is destroyed exactly once, whatever path is taken.

#include <duckdb.h>

#include <utility>

namespace quern::duckdb {

/// Owns one pointer-like C handle. Move-only.
template <typename T, auto destroy>
class Handle {
 public:
  Handle() = default;
  explicit Handle(T raw) : raw_(raw) {}
  Handle(Handle&& other) noexcept : raw_(std::exchange(other.raw_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(raw_, other.raw_);
    return *this;
  }
  ~Handle() {
    if (raw_ != nullptr) destroy(&raw_);
  }

  T get() const { return raw_; }
  /// For functions that fill a handle in; the handle must be empty.
  T* out() { return &raw_; }

 private:
  T raw_ = nullptr;
};

using DatabaseHandle = Handle<duckdb_database, duckdb_close>;
using InstanceCacheHandle = Handle<duckdb_instance_cache, duckdb_destroy_instance_cache>;
using ConnectionHandle = Handle<duckdb_connection, duckdb_disconnect>;
using ConfigHandle = Handle<duckdb_config, duckdb_destroy_config>;
using ExtractedHandle = Handle<duckdb_extracted_statements, duckdb_destroy_extracted>;
using PreparedHandle = Handle<duckdb_prepared_statement, duckdb_destroy_prepare>;
using PendingHandle = Handle<duckdb_pending_result, duckdb_destroy_pending>;
using ChunkHandle = Handle<duckdb_data_chunk, duckdb_destroy_data_chunk>;
using TypeHandle = Handle<duckdb_logical_type, duckdb_destroy_logical_type>;
using ValueHandle = Handle<duckdb_value, duckdb_destroy_value>;
using AppenderHandle = Handle<duckdb_appender, duckdb_appender_destroy>;

inline void free_text(char** text) { duckdb_free(*text); }
using TextHandle = Handle<char*, free_text>;

/// A query's result, which is a struct and not a pointer. Stays where it was made.
class QueryResult {
 public:
  QueryResult() = default;
  QueryResult(const QueryResult&) = delete;
  QueryResult& operator=(const QueryResult&) = delete;
  ~QueryResult() { duckdb_destroy_result(&raw_); }

  duckdb_result* get() { return &raw_; }

 private:
  duckdb_result raw_{};
};

}  // namespace quern::duckdb
