// The JSON reader and the error texts of connectors/duckdb, without a database.

#include <catch2/catch.hpp>

#include "connectors/duckdb/errors.h"
#include "connectors/duckdb/json.h"

using namespace quern;
using namespace quern::duckdb;

TEST_CASE("JSON is read, and what is none refused") {
  const auto json =
      parse_json(R"({"a": "x\n\"\u00e9\ud83d\ude42", "b": [1, {"c": null}], "d": {}})");
  REQUIRE(json);
  CHECK(json->text_of("a") == "x\n\"é🙂");
  CHECK(json->find("b")->items.at(0).text == "1");
  CHECK(json->find("b")->items.at(1).text_of("c") == "null");
  CHECK(json->find("none") == nullptr);
  for (const auto* bad : {"", "{", "{\"a\"}", "[1,", "\"open", "{} x", "\"\\q\"", "\"\\u12\""})
    CHECK_FALSE(parse_json(bad));
  CHECK_FALSE(parse_json(std::string(100000, '[')));
  const auto pruned = parse_json(R"([{"leaf": "yes", "b": [1]}, {"leaf": "no", "b": [1]}])",
                                 [](const Json& node) { return node.text_of("leaf") == "yes"; });
  REQUIRE(pruned);
  CHECK(pruned->items.at(0).members.empty());
  CHECK(pruned->items.at(1).members.size() == 2);
}

TEST_CASE("an error drawn with a caret is read like one in JSON") {
  const std::string sql = "SELECT 'é',\n  nosuch(b)\nFROM t";
  const auto drawn = diagnose(
      "Catalog Error: Scalar Function with name nosuch does not exist!\nDid you mean \"cosh\"?\n\n"
      "LINE 2:   nosuch(b)\n          ^",
      Stage::before_running, sql);
  const auto json = diagnose(
      R"({"exception_type":"Catalog","exception_message":"Scalar Function with name nosuch does not exist!\nDid you mean \"cosh\"?","position":"15"})",
      Stage::before_running, sql);
  CHECK(drawn == json);
  CHECK(drawn.message == "duckdb: Catalog Error: Scalar Function with name nosuch does not exist");
  CHECK(drawn.hint == "did you mean `cosh`?");
  CHECK(sql.substr(drawn.span.begin, drawn.span.size()) == "nosuch");
}

TEST_CASE("the kind of an error decides its code") {
  const auto code = [](const char* words, Stage stage) {
    return code_number(diagnose(words, stage, "").code);
  };
  CHECK(code("Binder Error: x", Stage::running) == "Q2001");
  CHECK(code("Conversion Error: x", Stage::running) == "Q5001");
  CHECK(code("Conversion Error: x", Stage::before_running) == "Q2001");
  CHECK(code("INTERRUPT Error: Interrupted!", Stage::running) == "Q4001");
  CHECK(code("Out of Memory Error: x", Stage::running) == "Q4003");
  CHECK(code("TransactionContext Error: x", Stage::before_running) == "Q5001");
  CHECK(code("TransactionContext Error: Conflict on update!", Stage::running) == "Q5013");
  CHECK(code("TransactionContext Error: Failed to commit: PRIMARY KEY or UNIQUE constraint "
             "violation: duplicate key \"m, 7, 0\"",
             Stage::running) == "Q5001");
  CHECK(code("TransactionContext Error: Catalog write-write conflict on create with \"t\"",
             Stage::before_running) == "Q5013");
  CHECK(code("Invalid Input Error: Cannot execute statement of type \"CREATE\" on database \"q\" "
             "which is attached in read-only mode!",
             Stage::before_running) == "Q5005");
}

TEST_CASE("of DuckDB's advice what helps is kept") {
  const auto memory = diagnose(
      "Out of Memory Error: could not allocate block\n\nPossible solutions:\n* Reducing the number "
      "of "
      "threads (SET threads=X)\n* Increasing the memory limit (SET memory_limit='...GB')\n\nSee "
      "also "
      "the manual",
      Stage::running, "SELECT 1");
  CHECK(memory.hint ==
        "reducing the number of threads (SET threads=X); increasing the memory limit (SET "
        "memory_limit='...GB')");
  const std::string sql = "SELECT * FROM 'a.csv'";
  const auto csv = diagnose(
      "Invalid Input Error: CSV Error on Line: 2\nOriginal Line: a,b\nInvalid unicode (byte "
      "sequence "
      "mismatch) detected. This file is not utf-8 encoded.\n\nPossible Solution: Set the correct "
      "encoding (e.g., encoding='UTF-16')\n\n  file = a.csv\n  delimiter = , (Auto-Detected)\n  "
      "sample_size = 20480\n",
      Stage::running, sql);
  CHECK(csv.message == "duckdb: Invalid Input Error: CSV Error on Line: 2");
  CHECK(
      csv.hint ==
      "invalid unicode (byte sequence mismatch) detected. This file is not utf-8 encoded; set the "
      "correct encoding (e.g., encoding='UTF-16')");
  CHECK(csv.span == SourceSpan{14, 21});
}

TEST_CASE("what does not open says why") {
  const std::string lock =
      "IO Error: Could not set lock on file \"/x.db\": Conflicting lock is held in /usr/bin/duckdb "
      "(PID 7) by user me. See also the manual";
  CHECK(lock_holder(lock) == "/usr/bin/duckdb (PID 7) by user me");
  CHECK(diagnose_open(lock, "x.db").message ==
        "cannot open x.db: it is locked by /usr/bin/duckdb (PID 7) by user me");
  CHECK(diagnose_open("IO Error: x", "/no/such/x.db").message ==
        "cannot open /no/such/x.db: folder /no/such does not exist");
}
