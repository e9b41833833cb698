// What the user reads: messages, hints and spans of text errors; recovery; near misses.

#include <catch2/catch.hpp>

#include "parsing.h"

namespace quern::test {
namespace {

/// "message | found bytes | hint" of the only error.
std::string story(std::string_view text) {
  const auto error = error_of(text);
  return error.message + " | " + at(text, error.span) + " | " + error.hint;
}

}  // namespace

TEST_CASE("syntax errors say what was expected and found") {
  CHECK(story("SELECT 1 TO TRAIN e WITH a = , b = 2 INTO m") ==
        "expected an attribute value, found `,` | , | ");
  CHECK(story("SELECT 1 TO TRAIN e WITH = 2 INTO m") ==
        "expected an attribute name, found `=` | = | ");
  CHECK(story("SELECT 1 TO TRAIN e LABEL , INTO m") == "expected a column, found `,` | , | ");
  CHECK(story("SELECT 1 TO TRAIN e INTO") ==
        "expected a model name, found the end of the statement |  | ");
  CHECK(story("SELECT 1 TO PREDICT a. USING m") == "expected a name, found `USING` | USING | ");
  CHECK(story("SELECT 1 TO TRAIN e WITH a = [1 2] INTO m") ==
        "expected `,` or `]`, found `2` | 2 | ");
  CHECK(story("SELECT 1 TO TRAIN e WITH a = 1 b = 2 INTO m") ==
        "expected `,`, a clause or the end of the statement, found `b` | b | separate attributes "
        "with a comma");
  CHECK(story("SELECT 1 TO PREDICT t LABEL y USING m") ==
        "expected a clause or the end of the statement, found `LABEL` | LABEL | clauses that may "
        "stand here: WITH, USING");
  CHECK(story("SELECT 1 TO PREDICT t USING m SELECT 2") ==
        "expected a clause or the end of the statement, found `SELECT` | SELECT | statements are "
        "separated by `;`");
  CHECK(story("DROP MODEL") == "expected a model name, found the end of the statement |  | ");
  CHECK(story("DROP MODEL m@x") == "expected a version number, found `x` | x | ");
}

TEST_CASE("mistyped clause words") {
  CHECK(story("SELECT 1 TO TRAIN e LABLE y INTO m") ==
        "unknown clause `LABLE` | LABLE | did you mean `LABEL`?");
  CHECK(story("SELECT 1 TO TRAIN e COLUMN a FRO t INTO m") ==
        "unknown clause `FRO` | FRO | did you mean `FOR`?");
  CHECK(story("SELECT 1 TO TRAIN e TRAGET y INTO m") ==
        "unknown clause `TRAGET` | TRAGET | did you mean `TARGET`?");
  CHECK(story("SELECT 1 TO TRAIN e WITH a = label LABLE label INTO m") ==
        "unknown clause `LABLE` | LABLE | did you mean `LABEL`?");
  CHECK(story("SELECT 1 TO PREDIC t USING m") ==
        "unknown clause `TO PREDIC` | PREDIC | did you mean `TO PREDICT`?");
  CHECK(error_of("SELECT 1 TO TRAIN e LABLE y INTO m").code == Code::unknown_clause);
}

TEST_CASE("clause words mistyped where a name can stand, after every verb") {
  CHECK(story("SELECT 1 TO PREDICT USNG m") ==
        "unknown clause `USNG` | USNG | did you mean `USING`?");
  CHECK(story("SELECT 1 TO PREDICT WIHT a = 1 USING m") ==
        "unknown clause `WIHT` | WIHT | did you mean `WITH`?");
  CHECK(story("SELECT 1 TO PREDICT t USIGN m") ==
        "unknown clause `USIGN` | USIGN | did you mean `USING`?");
  CHECK(story("SELECT 1 TO PREDICT t AS c USNG \"m\"") ==
        "unknown clause `USNG` | USNG | did you mean `USING`?");
  CHECK(story("SELECT 1 TO EVALUATE m LABLE y") ==
        "unknown clause `LABLE` | LABLE | did you mean `LABEL`?");
  CHECK(story("SELECT 1 TO EVALUATE m INOT t") ==
        "unknown clause `INOT` | INOT | did you mean `INTO`?");
  CHECK(story("SELECT 1 TO EXPLAIN m USNG shap") ==
        "unknown clause `USNG` | USNG | did you mean `USING`?");
  CHECK(story("EXPORT MODEL m TO 'm.json' WIHT output.mode = replace") ==
        "unknown clause `WIHT` | WIHT | did you mean `WITH`?");
  CHECK(story("IMPORT MODEL 'm.json' INOT m") ==
        "unknown clause `INOT` | INOT | did you mean `INTO`?");
  const auto both = parse("SELECT 1 TO TRAIN LABLE y INTO m");
  REQUIRE(both.errors.size() == 2);
  CHECK(both.errors[0].message == "TO TRAIN needs an estimator");
  CHECK(both.errors[1].message == "unknown clause `LABLE`");
  CHECK(parse("SELECT 1 TO PREDICT USNG USING m").errors.empty());
}

TEST_CASE("missing and repeated clauses") {
  CHECK(story("SELECT 1 TO TRAIN e LABEL y ;") ==
        "TO TRAIN needs the clause INTO |  | add `INTO model_name`");
  CHECK(error_of("SELECT 1 TO TRAIN e LABEL y ;").span == SourceSpan{27, 27});
  CHECK(story("SELECT 1 TO PREDICT t") ==
        "TO PREDICT needs the clause USING |  | add `USING model_name`");
  CHECK(story("TO TRAIN e INTO m") ==
        "a query is missing before `TO` | TO TRAIN | begin with the rows, for example `SELECT * "
        "FROM my_table`");
  const std::string text = "SELECT 1 TO TRAIN e LABEL y INTO m LABEL z";
  const auto error = error_of(text);
  CHECK(error.code == Code::repeated_clause);
  CHECK(error.message == "clause LABEL is given twice");
  CHECK(error.span.begin == text.rfind("LABEL"));
  CHECK(error.notes.at(0).span.begin == text.find("LABEL"));
}

TEST_CASE("what is not closed is shown at its opening") {
  CHECK(story("SELECT 'abc; x") == "string is not closed | ' | ");
  CHECK(story("SELECT \"abc") == "quoted name or string is not closed | \" | ");
  CHECK(story("SELECT `abc") == "quoted name is not closed | ` | ");
  CHECK(story("SELECT $q$abc$$") == "dollar-quoted string is not closed | $q$ | ");
  CHECK(story("SELECT E'abc") == "string is not closed | E' | ");
  CHECK(story("SELECT 1; /* a /* b */") == "comment is not closed | /* | ");
  CHECK(error_of("SELECT 'a").code == Code::unterminated);
}

TEST_CASE("invalid UTF-8 is an error at its byte, once a statement") {
  const std::string text = "SELECT 1; SELECT '\xC3\x28\xFF'; SELECT 3";
  const auto parsed = parse(text);
  REQUIRE(parsed.errors.size() == 1);
  CHECK(parsed.errors[0].code == Code::invalid_utf8);
  CHECK(parsed.errors[0].message == "byte 0xc3 is not valid UTF-8");
  CHECK(parsed.errors[0].span == SourceSpan{18, 19});
  CHECK(parsed.statements.size() == 2);
  CHECK(error_of("\xED\xA0\x80").code == Code::invalid_utf8);  // a surrogate
  CHECK(error_of("\xC0\xAF").code == Code::invalid_utf8);      // an overlong slash
}

TEST_CASE("several errors of one statement come together, in the order of the text") {
  const auto parsed = parse("SELECT 1 TO TRAIN e WITH a = , b = [1,] LABLE y LABEL z");
  REQUIRE(parsed.errors.size() == 3);
  CHECK(parsed.errors[0].message == "expected an attribute value, found `,`");
  CHECK(parsed.errors[1].message == "expected a list item, found `]`");
  CHECK(parsed.errors[2].code == Code::unknown_clause);
}

TEST_CASE("at most ten errors are reported for a statement") {
  std::string text = "SELECT 1 TO TRAIN e WITH ";
  for (int i = 0; i < 30; ++i) text += "a = , ";
  CHECK(parse(text + "b = 1 INTO m").errors.size() == 10);
  std::string repeated = "SELECT 1 TO TRAIN e INTO m";
  for (int i = 0; i < 30; ++i) repeated += " LABLE y";
  CHECK(parse(repeated).errors.size() == 10);
}

TEST_CASE("after an error the reader goes on behind the next semicolon") {
  const auto parsed =
      parse("SELECT 1 TO TRAIN e COLUMN DENSE(a INTO m; SELECT 2; SELECT 1 TO TRAIN; SHOW MODELS;");
  CHECK(parsed.errors.size() == 3);
  REQUIRE(parsed.statements.size() == 2);
  CHECK(kind(parsed.statements[0]) == "plain");
  CHECK(kind(parsed.statements[1]) == "show_models");
}

TEST_CASE("near misses are told once the database has rejected the statement") {
  const auto miss = [](std::string_view sql) {
    const auto found = near_miss(sql, Dialect::duckdb);
    return found ? at(sql, found->span) + " | " + found->hint : "none";
  };
  CHECK(miss("SELECT 1 TO PREDIC m") == "PREDIC | did you mean `TO PREDICT`?");
  CHECK(miss("SELECT 1 TO TRIAN x") == "TRIAN | did you mean `TO TRAIN`?");
  CHECK(miss("SHOW MODLES") == "SHOW MODLES | did you mean `SHOW MODELS`?");
  CHECK(miss("DORP MODEL m") == "DORP MODEL | did you mean `DROP MODEL`?");
  CHECK(miss("EXPLAIN SHOW TRIAN m") == "SHOW TRIAN | did you mean `SHOW TRAIN`?");
  CHECK(miss("DESCRIBE MODLE m") == "DESCRIBE MODLE | did you mean `DESCRIBE MODEL`?");
  CHECK(miss("SET qern.threads = 1") == "SET qern | did you mean `SET quern`?");
  CHECK(miss("SELECT 1 FROM t TRAIN e LABEL y INTO m") == "TRAIN | did you mean `TO TRAIN`?");
  CHECK(miss("SELECT 1 FROM t predict a.b USING m") == "predict | did you mean `TO predict`?");
  CHECK(miss("SELECT 1 ANALYZE m USING e") == "ANALYZE | did you mean `TO EXPLAIN`?");
  CHECK(miss("SELECT 1 FROM t WHERE train x LABEL") == "none");
  CHECK(miss("SELECT 1 FROM t train") == "none");
  CHECK(miss("SELECT 1 FROM t") == "none");
  CHECK(miss("SELECT interval '1' YEAR TO MONTH") == "none");
  CHECK(miss("SELECT a SIMILAR TO trian") == "none");
  CHECK(miss("SELECT (1 TO TRIAN x)") == "none");
  CHECK(miss("ALTER TABLE a RENAME TO trian") == "none");
  CHECK(miss("SHOW TABLES") == "none");
  CHECK(miss("") == "none");
}

}  // namespace quern::test
