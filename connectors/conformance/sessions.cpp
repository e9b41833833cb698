// Conformance of sessions: two that read in turn, and one that its server ended.

#include <catch2/catch.hpp>

#include "connectors/conformance/conformance.h"

namespace quern::conformance {
namespace {

using Rows = std::vector<std::vector<std::string>>;

/// Rows of `series` from two streams, a batch of each in turn: whether both came whole, in order.
void check_alternating(BatchStream& one, BatchStream& other, std::int64_t rows) {
  struct Side {
    BatchStream* stream;
    std::int64_t seen = 0;
    bool open = true;
  };
  std::vector<Side> sides{{&one}, {&other}};
  bool in_order = true;
  while (sides[0].open || sides[1].open) {
    for (auto& side : sides) {
      ColumnBatch batch;
      side.open = side.open && more(*side.stream, batch);
      if (!side.open) continue;
      for (const auto value : batch.columns[0].as<std::int64_t>())
        in_order = in_order && value == side.seen++;
    }
  }
  CHECK(in_order);
  CHECK(sides[0].seen == rows);
  CHECK(sides[1].seen == rows);
}

/// The next statement works, and says that the session is another one.
void check_opened_anew(Connection& c) {
  CHECK(c.take_notes().empty());
  CHECK(run(c, "SELECT 1").notes.empty());
  CHECK(rows_of(c, "SELECT 1") == Rows{{"1"}});
  const auto notes = c.take_notes();
  REQUIRE(notes.size() == 1);
  CHECK(notes[0].severity == Severity::warning);
  CHECK(notes[0].message.find("the connection was lost and opened anew") != std::string::npos);
  CHECK(rows_of(c, "SELECT 1") == Rows{{"1"}});
  CHECK(c.take_notes().empty());
}

/// A session is known to be gone when a statement fails with it.
void check_lost(Connection& c, const std::string& sql) {
  CHECK(code_number(failure_of(c, sql).code) == code_number(Code::database_error));
}

}  // namespace

void check_sessions(const Quirks& quirks) {
  const auto c = quirks.open();
  SECTION("two databases are read in turn") {
    const auto other = quirks.open();
    run(*c, "CREATE TABLE mine (i INTEGER)");
    CHECK_FALSE(other->find_table({.table = "mine"})->has_value());
    const auto one = run(*c, quirks.series(100000));
    const auto two = run(*other, quirks.series(100000));
    check_alternating(*one.rows, *two.rows, 100000);
  }
  SECTION("a sibling reads beside a stream") {
    const auto other = c->sibling();
    REQUIRE(other.ok());
    const auto one = run(*c, quirks.series(100000));
    const auto two = run(**other, quirks.series(100000));
    check_alternating(*one.rows, *two.rows, 100000);
  }
  if (!quirks.end_session) return;
  run(*c, "CREATE TABLE t (i INTEGER)");
  const auto killer = c->sibling();
  REQUIRE(killer.ok());
  auto number = rows_of(*c, quirks.own_number).at(0).at(0);
  const auto end_session = [&] { run(**killer, quirks.end_session(number)); };
  SECTION("between two statements") {
    end_session();
    check_lost(*c, "SELECT i FROM t");
    check_opened_anew(*c);
    CHECK_FALSE(c->in_transaction());
  }
  SECTION("what is described, looked up and written may be what finds out") {
    end_session();
    CHECK_FALSE(c->describe("SELECT i FROM t").ok());
    check_opened_anew(*c);
    number = rows_of(*c, quirks.own_number).at(0).at(0);
    end_session();
    CHECK_FALSE(c->find_table({.table = "t"}).ok());
    check_opened_anew(*c);
    number = rows_of(*c, quirks.own_number).at(0).at(0);
    end_session();
    CHECK_FALSE(c->append_to({.table = "t"}).ok());
    check_opened_anew(*c);
  }
  SECTION("while rows are on their way") {
    auto execution = run(*c, quirks.series(10000000));
    ColumnBatch batch;
    REQUIRE(more(*execution.rows, batch));
    end_session();
    auto fetched = execution.rows->next(batch);
    while (fetched.ok() && *fetched) fetched = execution.rows->next(batch);
    REQUIRE_FALSE(fetched.ok());
    INFO(fetched.errors()[0].message);
    CHECK(code_number(fetched.errors()[0].code) == code_number(Code::database_error));
    check_opened_anew(*c);
  }
  SECTION("inside a transaction, which is lost with it") {
    run(*c, "BEGIN");
    run(*c, "INSERT INTO t VALUES (1)");
    end_session();
    check_lost(*c, "INSERT INTO t VALUES (2)");
    // Nothing goes on as if it had not happened: what comes next may count on those rows.
    const auto told = failure_of(*c, "INSERT INTO t VALUES (3)");
    CHECK(code_number(told.code) == code_number(Code::database_error));
    CHECK(told.message.find("the connection was lost, and the transaction that was open with it") !=
          std::string::npos);
    CHECK_FALSE(told.hint.empty());
    CHECK_FALSE(c->in_transaction());
    CHECK(rows_of(*c, "SELECT count(*) FROM t") == Rows{{"0"}});
    run(*c, "BEGIN");
    run(*c, "INSERT INTO t VALUES (4)");
    run(*c, "COMMIT");
    CHECK(rows_of(*c, "SELECT i FROM t") == Rows{{"4"}});
  }
  SECTION("what a session wrote that ended is not there") {
    auto load =
        c->load_table({{.table = "t"}, LoadMode::append, {{"i", {.kind = TypeKind::int32}}}});
    REQUIRE(load.ok());
    end_session();  // the user's; the load has its own
    CHECK((*load)->commit().ok());
    check_lost(*c, "SELECT 1");
    check_opened_anew(*c);
  }
}

}  // namespace quern::conformance
