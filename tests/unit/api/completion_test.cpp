// What is offered at `|`, and what a word means: over a real session, without a terminal.

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "api/quern.hpp"
#include "api/rows.hpp"

namespace quern {
namespace {

class Silent : public Observer {
 public:
  void on_diagnostic(const Diagnostic& problem) override {
    if (problem.severity == Severity::error) FAIL_CHECK(problem.message);
  }
};

Session open() {
  auto session = Session::open({.uri = "duckdb::memory:"});
  REQUIRE(session.ok());
  Silent silent;
  REQUIRE(session->run(
      "CREATE TABLE iris(petal_length DOUBLE, petal_width DOUBLE, \"sepal length\" DOUBLE, species "
      "VARCHAR); CREATE VIEW small AS SELECT species FROM iris; CREATE SCHEMA lab; CREATE TABLE "
      "lab.samples(taken DATE); INSERT INTO iris SELECT i, i, i, CASE WHEN i % 2 = 0 THEN 'a' ELSE "
      "'b' "
      "END FROM range(40) r(i); SELECT * FROM iris TO TRAIN xgboost.gbtree WITH num_round = 1 "
      "LABEL "
      "species INTO flowers;",
      silent));
  return *std::move(session);
}

Completion at(Session& session, std::string text) {
  const auto cursor = text.find('|');
  REQUIRE(cursor != std::string::npos);
  text.erase(cursor, 1);
  return session.complete(text, cursor);
}

std::vector<std::string> texts(Session& session, const std::string& text) {
  std::vector<std::string> out;
  for (const auto& candidate : at(session, text).candidates) out.push_back(candidate.text);
  return out;
}

std::string joined(Session& session, const std::string& text) {
  std::string out;
  for (const auto& candidate : texts(session, text)) out += (out.empty() ? "" : " ") + candidate;
  return out;
}

bool offers(Session& session, const std::string& text, const std::string& wanted) {
  const auto all = texts(session, text);
  return std::find(all.begin(), all.end(), wanted) != all.end();
}

}  // namespace

TEST_CASE("completion knows where it is") {
  auto session = open();
  const auto one = [&](const std::string& text) {
    CAPTURE(text);
    return joined(session, text);
  };
  CHECK(one("SELECT * FROM ir|") == "iris");
  CHECK(one("SELECT * FROM sm|") == "small");
  CHECK(one("SELECT * FROM iris JOIN lab.s|") == "samples");
  CHECK(one("SELECT petal_l| FROM iris") == "petal_length");
  CHECK(one("SELECT i.pet| FROM iris i") == "petal_length petal_width");
  CHECK(one("SELECT sep| FROM iris") == "\"sepal length\"");
  CHECK(one("SELECT \"sep| FROM iris") == "\"sepal length\"");
  CHECK(one("WITH fresh AS (SELECT 1) SELECT * FROM fre|") == "fresh");
  CHECK(one("SELECT * FROM iris TO TR|") == "TRAIN");
  CHECK(one("SELECT * FROM iris to tr|") == "train");
  CHECK(one("SELECT * FROM iris TO TRAIN xgboost.gbt|") == "xgboost.gbtree");
  CHECK(one("SELECT * FROM iris TO TRAIN XGBC|") == "XGBClassifier");
  CHECK(one("SELECT * FROM iris TO TRAIN xgboost.gbtree |") == "WITH COLUMN LABEL USING INTO");
  CHECK(one("SELECT * FROM iris TO TRAIN xgboost.gbtree WITH max_d|") ==
        "max_depth max_delta_step");
  CHECK(one("SELECT * FROM iris TO TRAIN xgboost.gbtree WITH eta = 1, split.ev|") == "split.eval");
  CHECK(one("SELECT * FROM iris TO TRAIN xgboost.gbtree WITH booster = d|") == "dart");
  CHECK(one("SELECT * FROM iris TO TRAIN xgboost.gbtree WITH objective = multi:softp|") ==
        "multi:softprob");
  CHECK(one("SELECT * FROM iris TO TRAIN xgboost.gbtree WITH objective = 'multi:softp|") ==
        "'multi:softprob'");
  CHECK(one("SELECT * FROM iris TO TRAIN xgboost.gbtree WITH eta = 1 LABEL sp|") == "species");
  CHECK(one("SELECT species AS kind FROM iris TO TRAIN xgboost.gbtree LABEL |") == "kind");
  CHECK(one("SELECT * FROM iris TO TRAIN xgboost.gbtree COLUMN petal_w|") == "petal_width");
  CHECK(one("SELECT * FROM iris TO TRAIN xgboost.gbtree COLUMN BUC|") == "BUCKET(");
  CHECK(one("SELECT * FROM iris TO TRAIN xgboost.gbtree COLUMN LOG(petal_w|") == "petal_width");
  CHECK(one("SELECT * FROM iris TO PREDICT USING fl|") == "flowers");
  CHECK(one("SELECT * FROM iris TO PREDICT guess.kind WITH predict.pr|") == "predict.proba");
  CHECK(one("SELECT * FROM iris TO EVALUATE fl|") == "flowers");
  CHECK(one("SELECT * FROM iris TO EXPLAIN flowers USING perm|") == "permutation");
  CHECK(one("SHOW TRAIN f|") == "flowers");
  CHECK(one("SHOW ATTRIBUTES pred|") == "predict");
  CHECK(one("DROP MODEL IF EXISTS fl|") == "flowers");
  CHECK(one("EXPORT MODEL fl|") == "flowers");
  CHECK(one("EXPORT MODEL flowers |") == "TO");
  CHECK(one("SET quern.ker|") == "quern.kernel");
  CHECK(one("SET quern.kernel = int|") == "interpreted");
  CHECK(one("\\ti|") == "\\timing");
  CHECK(one("\\d ir|") == "iris");
  CHECK(one("\\dm fl|") == "flowers");
  CHECK(one("\\h to tr|").empty());
  CHECK(one("\\h des|") == "DESCRIBE MODEL");
  CHECK(one("SELECT 1; SELECT * FROM ir|; SELECT 2") == "iris");
}

TEST_CASE("completion is silent where nothing can be said") {
  auto session = open();
  for (const char* text :
       {"SELECT 'ir|", "SELECT 1 -- ir|", "SELECT /* ir|", "SELECT \"zz|",
        "SELECT * FROM iris TO TRAIN nothing WITH e|", "\xff\xfe|", "\\nothing x|"}) {
    CAPTURE(text);
    CHECK(texts(session, text).empty());
  }
}

TEST_CASE("what is typed is what is replaced") {
  auto session = open();
  const auto replaced = [&](const std::string& text) {
    const auto span = at(session, text).replaced;
    auto whole = text;
    whole.erase(whole.find('|'), 1);
    return whole.substr(span.begin, span.size());
  };
  CHECK(replaced("SELECT i.pet| FROM iris i") == "pet");
  CHECK(replaced("SELECT * FROM iris TO TRAIN xgboost.gbtree WITH split.ev|") == "split.ev");
  CHECK(replaced("SELECT * FROM iris TO TRAIN xgboost.gbtree WITH objective = multi:so|") ==
        "multi:so");
  CHECK(replaced("SELECT \"sep| FROM iris") == "\"sep");
  CHECK(replaced("SELECT |").empty());
}

TEST_CASE("completion follows the catalog") {
  auto session = open();
  CHECK(offers(session, "SELECT * FROM |", "iris"));
  Silent silent;
  REQUIRE(session.run("CREATE TABLE iron(x INT); DROP TABLE lab.samples", silent));
  CHECK(joined(session, "SELECT * FROM ir|") == "iris iron");
  CHECK(joined(session, "SELECT * FROM lab.|").empty());
  REQUIRE(session.run("DROP MODEL flowers", silent));
  CHECK(joined(session, "SHOW TRAIN |").empty());
}

TEST_CASE("a transaction of the user's is left alone") {
  auto session = open();
  Silent silent;
  CHECK(offers(session, "SELECT * FROM |", "iris"));
  REQUIRE(session.run("BEGIN; CREATE TABLE inside(x INT); INSERT INTO inside VALUES (1)", silent));
  CHECK(offers(session, "SELECT * FROM ir|", "iris"));
  CHECK(joined(session, "SELECT * FROM nothing TO TRAIN xgboost.gbtree LABEL |").empty());
  CHECK(joined(session, "SELECT x FROM nothing WHERE y|").empty());
  REQUIRE(session.run("COMMIT; SELECT * FROM inside", silent));
  CHECK(offers(session, "SELECT * FROM |", "inside"));
}

namespace {

/// As an editor asks, until there is no more to come.
Completion whole(Session& session, const std::string& text) {
  auto found = at(session, text);
  for (int i = 0; found.unfinished && i < 20000; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    found = at(session, text);
  }
  return found;
}

std::string first(const Completion& found) {
  return found.candidates.empty() ? "" : found.candidates.front().text;
}

}  // namespace

TEST_CASE("a prepared session keeps no key waiting and says what is to come") {
  auto session = open();
  Silent silent;
  session.prepare_completion();
  CHECK(first(whole(session, "SELECT * FROM sma|")) == "small");
  CHECK(first(whole(session, "SELECT * FROM iris TO PREDICT USING flo|")) == "flowers");
  // A query that takes long to describe: the key does not wait for it.
  REQUIRE(session.run("CREATE TABLE many AS SELECT 1 AS a;", silent));
  session.prepare_completion();
  const std::string query = "SELECT * FROM many TO TRAIN xgboost.gbtree LABEL |";
  CHECK(first(whole(session, query)) == "a");
  CHECK(first(at(session, query)) == "a");
  CHECK_FALSE(at(session, query).unfinished);
}

TEST_CASE("a statement ends what is being read, and loses none of it") {
  auto session = open();
  Silent silent;
  for (int i = 0; i < 50; ++i) {
    session.prepare_completion();
    REQUIRE(session.run("CREATE OR REPLACE TABLE t" + std::to_string(i) + " AS SELECT 1 AS a;",
                        silent));
  }
  session.prepare_completion();
  REQUIRE(session.run("SELECT 1;", silent));  // changes nothing; what was stopped is read again
  CHECK(first(whole(session, "SELECT * FROM t49|")) == "t49");
  session.prepare_completion();
  auto rows = session.query("SELECT 41 + 1");
  REQUIRE(rows.ok());
  session.prepare_completion();
}

TEST_CASE("a transaction is left alone by a prepared session, too") {
  auto session = open();
  Silent silent;
  session.prepare_completion();
  CHECK(first(whole(session, "SELECT * FROM sma|")) == "small");
  REQUIRE(session.run("BEGIN; CREATE TABLE later(x INTEGER);", silent));
  session.prepare_completion();
  CHECK(first(whole(session, "SELECT * FROM lat|")).empty());
  CHECK(first(whole(session, "SELECT * FROM sma|")) == "small");
  REQUIRE(session.run("COMMIT;", silent));
  session.prepare_completion();
  CHECK(first(whole(session, "SELECT * FROM lat|")) == "later");
}

TEST_CASE("attributes come with what they mean") {
  auto session = open();
  const auto found = at(session, "SELECT * FROM iris TO TRAIN xgboost.gbtree WITH max_depth|");
  REQUIRE(found.candidates.size() == 1);
  CHECK(found.candidates[0].kind == CandidateKind::attribute);
  CHECK(found.candidates[0].doc.find("default 6") != std::string::npos);
}

TEST_CASE("a word is explained") {
  auto session = open();
  const auto title = [&](std::string text) {
    const auto cursor = text.find('|');
    text.erase(cursor, 1);
    const auto found = session.inspect(text, cursor);
    return found.word.known() ? found.title : "";
  };
  CHECK(title("SELECT * FROM iris TO TRAIN xgboost.gbtree WITH max_|depth = 3") ==
        "attribute max_depth");
  CHECK(title("SELECT * FROM iris TO TRAIN xgboost.gb|tree") == "estimator xgboost.gbtree");
  CHECK(title("SELECT * FROM |iris") == "table iris");
  CHECK(title("SELECT petal_len|gth FROM iris") == "column petal_length");
  CHECK(title("SELECT * FROM iris TO PREDICT USING flow|ers") == "model flowers@1");
  CHECK(title("SELECT * FROM iris TO TR|AIN xgboost.gbtree") == "TO TRAIN");
  CHECK(title("SELECT 1 + |").empty());
  CHECK(title("|").empty());
}

TEST_CASE("pieces of a text are told apart") {
  auto session = open();
  const auto kinds = [&](std::string_view text) {
    std::string out;
    for (const auto& part : session.parts(text)) out += "wkcnsd-."[static_cast<int>(part.kind)];
    return out;
  };
  CHECK(kinds("SELECT a, \"b\", 'c', 1.5e-3 FROM t -- x") == "kw.n.s.dkw-");
  CHECK(kinds("SELECT a FROM t TO TRAIN x LABEL y") == "kwkwccwcw");
  CHECK(kinds("SELECT label FROM t") == "kwkw");
  CHECK(kinds("ALTER TABLE t RENAME TO train") == "kkwkww");
  CHECK(kinds("SHOW MODELS; SHOW TRAIN m") == "cc.ccw");
  CHECK(kinds("SELECT $$ ; $$; $t$ ' $t$") == "ks.s");
  CHECK(session.parts("SELECT 'open").back().closed == false);
  CHECK(session.parts("/* /* */").back().closed == false);
}

}  // namespace quern
