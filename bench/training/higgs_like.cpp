// Makes the data of the training benchmark twice over, as a DuckDB table and as a raw file: 28
// float32 features of the shapes that the HIGGS data have (momenta with long tails, angles, tags of
// four values, and masses that depend on the others) and a label of two classes. The same seed and
// number of rows give the same bytes.

#include <duckdb.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

namespace {

constexpr int kFeatures = 28;
using Row = std::array<float, kFeatures>;

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "higgs_like: %s\n", what);
  std::exit(1);
}

void require(duckdb_state state, const char* what) {
  if (state != DuckDBSuccess) fail(what);
}

/// The generator is the standard's; its distributions are not the same everywhere, so these are
/// ours.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  double uniform() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
  double normal() {
    return std::sqrt(-2 * std::log(1 - uniform())) * std::cos(6.283185307179586 * uniform());
  }

 private:
  std::mt19937_64 engine_;
};

/// Momentum, pseudorapidity, azimuth and tag of a lepton, the missing energy and four jets, then
/// seven masses. Fills `row` and returns the label.
int draw(Random& random, Row& row) {
  std::array<double, kFeatures> v{};
  for (int object = 0; object < 5; ++object) {
    auto* at = &v[static_cast<std::size_t>(4 * object)];
    at[0] = std::exp(0.5 * random.normal());
    at[1] = random.normal();
    at[2] = 3.4 * (random.uniform() - 0.5);
    at[3] = std::floor(4 * random.uniform()) * 1.0866;
  }
  v[20] = std::exp(0.6 * random.normal());
  for (std::size_t mass = 0; mass < 7; ++mass) {
    const double a = v[4 * (mass % 5)];
    const double b = v[4 * ((mass + 1) % 5)];
    const double angle = v[4 * (mass % 5) + 2] - v[4 * ((mass + 1) % 5) + 2];
    v[21 + mass] = std::sqrt(a * b * (1.1 - std::cos(angle))) * std::exp(0.2 * random.normal());
  }
  for (std::size_t f = 0; f < v.size(); ++f) row[f] = static_cast<float>(v[f]);
  const double margin = 1.2 * (v[25] - v[21]) + 0.8 * v[3] * (v[0] > 1 ? 1 : -1) +
                        0.5 * v[1] * v[5] - 0.7 * std::abs(v[9]) + 0.4 * v[24] * v[26];
  return random.uniform() < 1 / (1 + std::exp(-margin)) ? 1 : 0;
}

std::string create_table() {
  std::string sql = "CREATE TABLE higgs (";
  for (int f = 1; f <= kFeatures; ++f) sql += "f" + std::to_string(f) + " FLOAT, ";
  return sql + "signal INTEGER)";
}

/// A table under construction, chunk by chunk.
class Table {
 public:
  explicit Table(const char* path) {
    require(duckdb_open(path, &database_), "cannot open the database file");
    require(duckdb_connect(database_, &connection_), "cannot connect");
    require(duckdb_query(connection_, create_table().c_str(), nullptr), "cannot create the table");
    require(duckdb_appender_create(connection_, nullptr, "higgs", &appender_), "cannot append");
    std::array<duckdb_logical_type, kFeatures + 1> types{};
    types.fill(duckdb_create_logical_type(DUCKDB_TYPE_FLOAT));
    types.back() = duckdb_create_logical_type(DUCKDB_TYPE_INTEGER);
    chunk_ = duckdb_create_data_chunk(types.data(), types.size());
  }
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;
  ~Table() { duckdb_close(&database_); }

  void add(const Row& row, int label) {
    for (idx_t f = 0; f < row.size(); ++f) values<float>(f)[used_] = row[f];
    values<std::int32_t>(kFeatures)[used_] = label;
    if (++used_ == duckdb_vector_size()) flush();
  }

  void finish() {
    flush();
    require(duckdb_appender_destroy(&appender_), "cannot append the last rows");
    require(duckdb_query(connection_, "CHECKPOINT", nullptr), "cannot write the database file");
    duckdb_destroy_data_chunk(&chunk_);
    duckdb_disconnect(&connection_);
  }

 private:
  template <typename T>
  T* values(idx_t column) {
    return static_cast<T*>(duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk_, column)));
  }
  void flush() {
    duckdb_data_chunk_set_size(chunk_, used_);
    require(duckdb_append_data_chunk(appender_, chunk_), "cannot append rows");
    duckdb_data_chunk_reset(chunk_);
    used_ = 0;
  }

  duckdb_database database_ = nullptr;
  duckdb_connection connection_ = nullptr;
  duckdb_appender appender_ = nullptr;
  duckdb_data_chunk chunk_ = nullptr;
  idx_t used_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) fail("usage: higgs_like ROWS SEED DUCKDB_FILE RAW_FILE");
  const auto rows = std::strtoll(argv[1], nullptr, 10);
  Random random(std::strtoull(argv[2], nullptr, 10));
  Table table(argv[3]);
  std::FILE* raw = std::fopen(argv[4], "wb");
  if (raw == nullptr) fail("cannot write the raw file");
  Row row{};
  for (long long r = 0; r < rows; ++r) {
    const int label = draw(random, row);
    const auto as_float = static_cast<float>(label);
    table.add(row, label);
    std::fwrite(row.data(), sizeof(float), row.size(), raw);
    std::fwrite(&as_float, sizeof as_float, 1, raw);
  }
  if (std::fclose(raw) != 0) fail("cannot write the raw file");
  table.finish();
  return 0;
}
