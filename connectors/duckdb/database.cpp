// Opening: the configuration that keeps DuckDB off the network, and the choice of file.

#include "connectors/duckdb/database.h"

#include <filesystem>

#include "base/similar.h"
#include "connectors/duckdb/errors.h"

namespace quern::duckdb {
namespace {

Result<ConfigHandle> make_config(const OpenOptions& options, bool read_only) {
  ConfigHandle config;
  bool set = duckdb_create_config(config.out()) == DuckDBSuccess;
  const auto put = [&](const char* name, const std::string& value) {
    set = set && duckdb_set_config(config.get(), name, value.c_str()) == DuckDBSuccess;
  };
  // DuckDB would fetch missing extensions from the network as a side effect of a query.
  put("autoinstall_known_extensions", "false");
  put("autoload_known_extensions", "false");
  if (options.threads > 0) put("threads", std::to_string(options.threads));
  if (read_only) put("access_mode", "READ_ONLY");
  if (!set)
    return Diagnostic{Code::cannot_open,
                      "duckdb: this build does not know a setting that quern needs"};
  return config;
}

/// The process-wide list of open files: DuckDB's file lock is per process, so a second opening of
/// the same file beside it would go unnoticed and damage the file.
duckdb_instance_cache open_files() {
  static const InstanceCacheHandle cache(duckdb_create_instance_cache());
  return cache.get();
}

/// \param words  receives DuckDB's own words where it fails.
Result<DatabaseHandle> open_file(const std::string& path, const OpenOptions& options,
                                 bool read_only, std::string& words) {
  QUERN_TRY(const auto config, make_config(options, read_only));
  DatabaseHandle handle;
  TextHandle error;
  const auto state = duckdb_get_or_create_from_cache(open_files(), path.c_str(), handle.out(),
                                                     config.get(), error.out());
  if (state == DuckDBSuccess) return handle;
  words = error.get() == nullptr ? "unknown reason" : error.get();
  return diagnose_open(words, path);
}

std::shared_ptr<Database> make_database(DatabaseHandle handle, const std::string& path) {
  auto database = std::make_shared<Database>();
  database->handle = std::move(handle);
  database->memory = MemoryLimit::of(path);
  return database;
}

/// Opens the home for reading where another process holds it for reading too.
Result<std::shared_ptr<Database>> open_home_read_only(const OpenOptions& options,
                                                      const std::string& holder) {
  std::string words;
  const std::string file = Database::kHomeFile;
  QUERN_TRY(auto handle, open_file(file, options, true, words));
  auto database = make_database(std::move(handle), file);
  database->note = file + " is open in " + holder + ": opened for reading only";
  database->read_only_hint =
      "end " + holder + ", which holds " + file + ", or open another database";
  return database;
}

Result<std::shared_ptr<Database>> open_home(const OpenOptions& options) {
  std::string words;
  auto handle = open_file(Database::kHomeFile, options, false, words);
  if (!handle.ok()) {
    const auto holder = lock_holder(words);
    auto reading = holder.empty() ? Result<std::shared_ptr<Database>>(handle.errors())
                                  : open_home_read_only(options, holder);
    return reading.ok() ? reading : Result<std::shared_ptr<Database>>(handle.errors());
  }
  return make_database(*std::move(handle), Database::kHomeFile);
}

std::string path_of(const std::string& uri) {
  auto path = equal_ignoring_case(uri.substr(0, 7), "duckdb:") ? uri.substr(7) : uri;
  return path.starts_with("//") ? path.substr(2) : path;
}

}  // namespace

Result<std::shared_ptr<Database>> open_database(const OpenOptions& options) {
  std::error_code ignored;
  if (options.uri.empty() && std::filesystem::exists(Database::kHomeFile, ignored))
    return open_home(options);
  const auto path = options.uri.empty() ? ":memory:" : path_of(options.uri);
  if (path.empty()) {
    return Diagnostic{Code::cannot_open,
                      "cannot open a database: `" + options.uri + "` names no file",
                      SourceSpan::none(), "write duckdb:FILE or duckdb::memory:"};
  }
  std::string words;
  QUERN_TRY(auto handle, open_file(path, options, false, words));
  auto database = make_database(std::move(handle), path);
  database->wants_home = options.uri.empty();
  return database;
}

}  // namespace quern::duckdb
