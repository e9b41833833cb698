// Diagnostics and their drawing: base/diagnostic.

#include <catch2/catch.hpp>
#include <set>

#include "base/diagnostic.h"

using namespace quern;

namespace {

/// Draws a diagnostic whose span is the first occurrence of `token` in `text`.
std::string drawn(const std::string& text, const std::string& token) {
  const auto at = text.find(token);
  return render({Code::unknown_column, "m", {at, at + token.size()}}, text, "q.sql");
}

}  // namespace

TEST_CASE("a diagnostic is drawn as the language reference shows it") {
  const std::string text = "SELECT *\nFROM t TO TRAIN x\nLABEL klass\n";
  const auto at = text.find("klass");
  const Diagnostic d{
      Code::unknown_column, "unknown column: klass", {at, at + 5}, "did you mean `class`?"};
  CHECK(render(d, text, "churn.sql") ==
        "error[Q2003]: unknown column: klass\n"
        "  --> churn.sql:3:7\n"
        "  3 | LABEL klass\n"
        "    |       ^^^^^\n"
        "help: did you mean `class`?\n");
}

TEST_CASE("carets stand under the word as a terminal draws it; columns count code points") {
  CHECK(drawn("\ta\tbad", "bad") ==
        "error[Q2003]: m\n  --> q.sql:1:4\n  1 | \ta\tbad\n    | \t \t^^^\n");
  CHECK(drawn("'é漢🙂' bäd x", "bäd") ==
        "error[Q2003]: m\n  --> q.sql:1:7\n  1 | 'é漢🙂' bäd x\n    |         ^^^\n");
  CHECK(drawn("a 標籤\tx", "標籤") ==
        "error[Q2003]: m\n  --> q.sql:1:3\n  1 | a 標籤\tx\n    |   ^^^^\n");
  CHECK(drawn("漢\t漢 x", "x") ==
        "error[Q2003]: m\n  --> q.sql:1:5\n  1 | 漢\t漢 x\n    |   \t   ^\n");
}

TEST_CASE("a combining mark takes no column, and alone still gets a caret") {
  CHECK(drawn("e\u0301 cafe\u0301 x", "cafe\u0301") ==
        "error[Q2003]: m\n  --> q.sql:1:4\n  1 | e\u0301 cafe\u0301 x\n    |   ^^^^\n");
  CHECK(drawn("x \u0301", "\u0301") ==
        "error[Q2003]: m\n  --> q.sql:1:3\n  1 | x \u0301\n    |   ^\n");
}

TEST_CASE("a span over several lines is drawn on its first") {
  CHECK(drawn("ab cd\nef", "cd\nef") ==
        "error[Q2003]: m\n  --> q.sql:1:4\n  1 | ab cd\n    |    ^^\n");
}

TEST_CASE("CRLF is no part of the line") {
  CHECK(drawn("one\r\ntwo bad\r\nthree", "bad") ==
        "error[Q2003]: m\n  --> q.sql:2:5\n  2 | two bad\n    |     ^^^\n");
  CHECK(drawn("bad\r\nx", "bad\r\n") == "error[Q2003]: m\n  --> q.sql:1:1\n  1 | bad\n    | ^^^\n");
}

TEST_CASE("the end of the text can be pointed at") {
  const auto at = [](const std::string& text, std::size_t begin) {
    return render({Code::syntax_error, "m", {begin, begin}}, text, "q");
  };
  CHECK(at("SELECT", 6) == "error[Q1001]: m\n  --> q:1:7\n  1 | SELECT\n    |       ^\n");
  CHECK(at("a\n", 2) == "error[Q1001]: m\n  --> q:2:1\n  2 | \n    | ^\n");
  CHECK(at("", 0) == "error[Q1001]: m\n  --> q:1:1\n  1 | \n    | ^\n");
  CHECK(at("ab", 99) == "error[Q1001]: m\n  --> q:1:3\n  1 | ab\n    |   ^\n");
}

TEST_CASE("line numbers of several digits keep the bar straight") {
  const std::string text = std::string(11, '\n') + "x bad";
  CHECK(drawn(text, "bad") == "error[Q2003]: m\n  --> q.sql:12:3\n  12 | x bad\n     |   ^^^\n");
}

TEST_CASE("of a very long line the part around the span is shown") {
  const std::string lead(1000, 'a');
  const std::string tail(1000, 'z');
  CHECK(drawn(lead + " bad " + tail, "bad") ==
        "error[Q2003]: m\n  --> q.sql:1:1002\n  1 | ..." + lead.substr(0, 59) + " bad " +
            tail.substr(0, 96) + "...\n    | " + std::string(63, ' ') + "^^^\n");
  CHECK(drawn("bad " + tail, "bad") ==
        "error[Q2003]: m\n  --> q.sql:1:1\n  1 | bad " + tail.substr(0, 156) + "...\n    | ^^^\n");
  CHECK(drawn("x " + tail, tail) == "error[Q2003]: m\n  --> q.sql:1:3\n  1 | x " +
                                        tail.substr(0, 158) + "...\n    |   " +
                                        std::string(158, '^') + "\n");
}

TEST_CASE("a password in a long line is masked before the line is cut") {
  const auto text = "x '" + std::string(200, ' ') + "pg://u:" + std::string(100, 'P') + "@h' bad";
  CHECK(drawn(text, "bad").find('P') == std::string::npos);
}

TEST_CASE("notes have their own place, severities their own word") {
  const std::string text = "a b";
  Diagnostic d{Code::repeated_clause,
               "twice",
               {2, 3},
               "",
               {{{0, 1}, "first here"}, {SourceSpan::none(), "and so"}}};
  CHECK(render(d, text, "q") ==
        "error[Q1004]: twice\n  --> q:1:3\n  1 | a b\n    |   ^\n"
        "note: first here\n  --> q:1:1\n  1 | a b\n    | ^\n"
        "note: and so\n");
  d = {Code::no_rows, "w"};
  d.severity = Severity::warning;
  CHECK(render(d, text, "q") == "warning[Q3001]: w\n");
  d.severity = Severity::note;
  CHECK(render(d, text, "q") == "note: w\n");
}

TEST_CASE("spans are moved, unknown ones stay unknown") {
  Diagnostic d{Code::internal, "m", {1, 2}, "", {{{0, 1}, "n"}, {SourceSpan::none(), "n"}}};
  shift_spans(d, 10);
  CHECK(d.span == SourceSpan{11, 12});
  CHECK(d.notes[0].span == SourceSpan{10, 11});
  CHECK_FALSE(d.notes[1].span.known());
  CHECK(SourceSpan{3, 5}.joined({1, 4}) == SourceSpan{1, 5});
  CHECK(SourceSpan::none().joined({1, 4}) == SourceSpan{1, 4});
}

TEST_CASE("every code has its own number and a title in our manner") {
  std::set<std::string_view> numbers;
  for (const auto code : {
#define QUERN_ERROR(number, name, title) Code::name,
#include "base/error_codes.def"
#undef QUERN_ERROR
       }) {
    CHECK(numbers.insert(code_number(code)).second);
    CHECK(code_number(code).size() == 5);
    CHECK_FALSE(code_title(code).empty());
    CHECK_FALSE(code_title(code).ends_with('.'));
  }
}
