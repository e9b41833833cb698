# Finds libduckdb 1.4 or later with its C header: QUERN_DUCKDB_ROOT first, then an installed one, then the
# copy that `./dev setup` keeps in the user's cache. Defines DuckDB::DuckDB and DuckDB_LIBRARY.
set(cache_home "$ENV{XDG_CACHE_HOME}")
if(NOT cache_home)
  set(cache_home "$ENV{HOME}/.cache")
endif()

unset(DuckDB_LIBRARY CACHE)
unset(DuckDB_INCLUDE_DIR CACHE)
function(quern_look_for_duckdb)
  find_library(DuckDB_LIBRARY duckdb ${ARGN})
  find_path(DuckDB_INCLUDE_DIR duckdb.h ${ARGN})
endfunction()

if(QUERN_DUCKDB_ROOT)
  quern_look_for_duckdb(PATHS ${QUERN_DUCKDB_ROOT} PATH_SUFFIXES lib include NO_DEFAULT_PATH)
else()
  quern_look_for_duckdb()
  if(NOT DuckDB_LIBRARY OR NOT DuckDB_INCLUDE_DIR)
    unset(DuckDB_LIBRARY CACHE)
    unset(DuckDB_INCLUDE_DIR CACHE)
    quern_look_for_duckdb(PATHS ${cache_home}/quern/duckdb-1.4.4 PATH_SUFFIXES lib include NO_DEFAULT_PATH)
  endif()
endif()

if(NOT DuckDB_LIBRARY OR NOT DuckDB_INCLUDE_DIR)
  message(FATAL_ERROR "DuckDB is missing: run ./dev setup, or set QUERN_DUCKDB_ROOT to a folder with "
                      "libduckdb.so and duckdb.h (in it, or in lib/ and include/)")
endif()
file(STRINGS ${DuckDB_INCLUDE_DIR}/duckdb.h new_enough REGEX "duckdb_prepared_statement_column_name" LIMIT_COUNT 1)
if(NOT new_enough)
  message(FATAL_ERROR "${DuckDB_INCLUDE_DIR}/duckdb.h is older than DuckDB 1.4: run ./dev setup")
endif()

if(NOT TARGET DuckDB::DuckDB)
  add_library(DuckDB::DuckDB SHARED IMPORTED)
  set_target_properties(DuckDB::DuckDB PROPERTIES IMPORTED_LOCATION ${DuckDB_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${DuckDB_INCLUDE_DIR})
endif()
set(DuckDB_FOUND TRUE)
