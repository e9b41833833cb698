// A program that trains on a table, fetches predictions in columns, and scores single rows without
// a database: what docs/embedding.md explains. usage: embed_cpp iris.csv

#include <array>
#include <cstdio>
#include <string>

#include <quern/model.hpp>
#include <quern/quern.hpp>
#include <quern/rows.hpp>

namespace {

/// Prints what goes wrong, drawn as the command line draws it.
struct Printer final : quern::Observer {
  std::string name, text;
  void on_source(std::string_view n, std::string_view t) override {
    name = n;
    text = t;
  }
  void on_done(const quern::Done& done) override {
    if (!done.message.empty())
      std::printf("%s\n", done.message.substr(0, done.message.find(',')).c_str());
  }
  void on_diagnostic(const quern::Diagnostic& problem) override {
    std::fputs(render(problem, text, name).c_str(), stderr);
  }
};

int give_up(const quern::Diagnostics& errors) {
  for (const auto& error : errors) std::fputs(render(error, "", "").c_str(), stderr);
  return 1;
}

/// Fetches the rows of a query with a parameter, batch by batch.
int count_calls(quern::Session& session, const std::string& file) {
  auto rows = session.query(
      "SELECT * FROM read_csv(?) WHERE petal_length > ? TO PREDICT USING flowers", {file, 5.0});
  if (!rows) return give_up(rows.errors());
  std::size_t called = rows->schema().size();
  for (std::size_t i = 0; i < rows->schema().size(); ++i) {
    if (rows->schema()[i].name == "predicted_species") called = i;
  }
  quern::ColumnBatch batch;
  int virginica = 0;
  for (auto more = rows->next(batch);; more = rows->next(batch)) {
    if (!more) return give_up(more.errors());
    if (!*more) break;
    for (std::int64_t r = 0; r < batch.rows; ++r)
      virginica += batch.columns[called].text(r) == "virginica" ? 1 : 0;
  }
  std::printf("%d flowers with long petals are called virginica\n", virginica);
  return 0;
}

/// One row at a time, without the database.
int score_one(quern::Session& session) {
  auto model = session.model("flowers");
  if (!model) return give_up(model.errors());
  const std::array<quern::RowValue, 4> flower{5.1, 3.5, 1.4, 0.2};
  std::array<float, 3> probabilities{};
  if (const auto done = model->predict_row(flower, probabilities); !done)
    return give_up(done.errors());
  std::printf("a small one is %s\n", model->classes()[model->class_of(probabilities)].c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: embed_cpp iris.csv\n"), 2;
  auto session = quern::Session::open({.uri = "duckdb::memory:", .threads = 2});
  if (!session) return give_up(session.errors());
  Printer printer;
  quern::RunOptions options;
  options.parameters = {std::string(argv[1])};
  const auto trained = session->run(
      "SELECT * FROM read_csv(?) TO TRAIN xgboost.gbtree WITH num_round = 10, seed = 7 LABEL "
      "species INTO flowers",
      printer, options);
  if (!trained.ok()) return 1;
  if (const int status = count_calls(*session, argv[1]); status != 0) return status;
  return score_one(*session);
}
