/* The least a C program does to open DuckDB in memory, run SELECT 1 and print the value: what
 * `quern -e "SELECT 1"` is measured against. */

#include <duckdb.h>
#include <stdio.h>

int main(void) {
  duckdb_database database;
  duckdb_connection connection;
  duckdb_result result;
  if (duckdb_open(NULL, &database) != DuckDBSuccess) return 1;
  if (duckdb_connect(database, &connection) != DuckDBSuccess) return 1;
  if (duckdb_query(connection, "SELECT 1", &result) != DuckDBSuccess) return 1;
  printf("%d\n", (int)duckdb_value_int32(&result, 0, 0));
  duckdb_destroy_result(&result);
  duckdb_disconnect(&connection);
  duckdb_close(&database);
  return 0;
}
