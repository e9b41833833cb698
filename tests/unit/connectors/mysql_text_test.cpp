// What the MySQL connector makes of text without a server: URIs, and the tables that a query names.

#include <catch2/catch.hpp>

#include "connectors/mysql/fewer_columns.h"
#include "connectors/mysql/names.h"
#include "connectors/mysql/target.h"

namespace quern::mysql {
namespace {

Target read(const std::string& uri) {
  auto target = read_target(uri);
  INFO(uri);
  if (!target.ok()) FAIL(target.errors()[0].message);
  return *std::move(target);
}

std::string refused(const std::string& uri) {
  const auto target = read_target(uri);
  INFO(uri);
  REQUIRE_FALSE(target.ok());
  CHECK(target.errors()[0].code == Code::cannot_open);
  return target.errors()[0].message;
}

/// "db.t, u"
std::string named(const std::string& sql) {
  std::string out;
  for (const auto& name : tables_named(sql)) {
    out += out.empty() ? "" : ", ";
    out += name.schema.empty() ? name.table : name.schema + "." + name.table;
  }
  return out;
}

}  // namespace

TEST_CASE("a MySQL URI has parts, any of which may be left out") {
  const auto whole = read("mysql://me:p%40ss%2fw%3A@db.example:3307/my%20shop?ssl-ca=/a/b.pem");
  CHECK(whole.host == "db.example");
  CHECK(whole.port == 3307);
  CHECK(whole.user == "me");
  CHECK(whole.password == "p@ss/w:");
  CHECK(whole.database == "my shop");
  CHECK(whole.options.at("ssl-ca") == "/a/b.pem");
  const auto bare = read("mariadb://");
  CHECK(bare.host.empty());
  CHECK_FALSE(bare.has_password);
  CHECK(bare.port == 0);
  CHECK(read("mysql://me@/shop?socket=/run/my.sock").socket == "/run/my.sock");
  CHECK(read("mysql://[::1]:3306/x").host == "::1");
  CHECK(read("mysql://[::1]:3306/x").port == 3306);
  CHECK(read("mysql://me:@h").has_password);
}

TEST_CASE("SQLFlow's DSN is read as Go's driver reads it") {
  const auto tcp = read("mysql://root:r@ot@tcp(127.0.0.1:3306)/iris?maxAllowedPacket=0");
  CHECK(tcp.password == "r@ot");
  CHECK(tcp.host == "127.0.0.1");
  CHECK(tcp.port == 3306);
  CHECK(tcp.database == "iris");
  CHECK(read("mysql://root@unix(/run/my.sock)/iris").socket == "/run/my.sock");
  CHECK(read("mysql://root@unix(/run/my.sock)/iris").database == "iris");
  CHECK(read("mysql://root@tcp(h)/?tls=true").options.at("ssl-mode") == "verify_identity");
  CHECK(read("mysql://root@tcp(h)/?timeout=7s").options.at("connect-timeout") == "7");
}

TEST_CASE("a wrong URI is refused without a word of its password") {
  CHECK(refused("mysql:shop") == "mysql: write mysql://user@host/database");
  CHECK(refused("mysql://me:secret@h:port/x").find("secret") == std::string::npos);
  CHECK(refused("mysql://h/x?ssl_mod=required") == "mysql: unknown option of the URI: ssl-mod");
  CHECK(read_target("mysql://h/x?ssl_mod=required").errors()[0].hint == "did you mean `ssl-mode`?");
  refused("mysql://h/x?ssl-mode=maybe");
  refused("mysql://h/x?connect-timeout=soon");
  refused("mysql://h/x?parseTime=false");
  refused("mysql://h/x?charset=latin1");
  refused("mysql://h:99999/x");
}

TEST_CASE("tables that a query names") {
  CHECK(named("SELECT 1").empty());
  CHECK(named("SELECT a FROM t") == "t");
  CHECK(named("select `a` from `my db`.`t` x, u AS y, (v JOIN w ON v.a = w.a)") ==
        "my db.t, u, v, w");
  CHECK(
      named("SELECT * FROM a LEFT JOIN b USING (c) STRAIGHT_JOIN d ON d.x = f(1, 2) WHERE e = 1") ==
      "a, b, d");
  CHECK(named("SELECT (SELECT max(x) FROM inner_one), EXTRACT(DAY FROM d) FROM t") ==
        "inner_one, t");
  CHECK(named("SELECT TRIM(LEADING 'x' FROM y), SUBSTRING(z FROM 2) FROM t -- FROM u") == "t");
  CHECK(named("SELECT a FROM t UNION SELECT b FROM u ORDER BY c, d") == "t, u");
  CHECK(named("SELECT a FROM t GROUP BY x, y WITH ROLLUP") == "t");
  CHECK(named("SELECT 'FROM x', \"FROM y\" FROM dual") == "");
  CHECK(named("SELECT * FROM (SELECT * FROM t LIMIT 1) AS q, u") == "t, u");
  CHECK(named("SELECT * FROM t FORCE INDEX (a, b), u PARTITION (p0, p1)") == "t, u");
  CHECK(named("(SELECT a FROM t) UNION (SELECT b FROM u)") == "t, u");
  CHECK(named("SELECT a FROM t WHERE a IN (SELECT b FROM u, v)") == "t, u, v");
  CHECK(named("SELECT * FROM t, JSON_TABLE('[1, 2]', '$[*]' COLUMNS (x INT PATH '$')) AS j, u") ==
        "t, u");
}

TEST_CASE("common table expressions are no tables where they are meant") {
  CHECK(named("WITH c AS (SELECT a FROM v) SELECT * FROM c, t") == "v, t");
  CHECK(named("WITH t AS (SELECT a FROM t) SELECT * FROM t") == "t");
  CHECK(named("WITH RECURSIVE t AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT * FROM t")
            .empty());
  CHECK(named("WITH a (x, y) AS (SELECT 1, 2), b AS (SELECT * FROM a, u) SELECT * FROM b") == "u");
  CHECK(named("SELECT * FROM (WITH c AS (SELECT 1) SELECT * FROM c) AS q, c") == "c");
  CHECK(named("WITH c AS (SELECT 1) SELECT * FROM db.c") == "db.c");
}

TEST_CASE("MySQL: columns are left out of queries that the server merges, and of no others") {
  CHECK(with_fewer_columns("SELECT a, b, c FROM t -- all\n;", {0, 2}, 3) ==
        "WITH q(c0, c1, c2) AS (SELECT a, b, c FROM t\n) SELECT c0, c2 FROM q");
  const auto left_out = [](const std::string& sql) {
    UNSCOPED_INFO(sql);
    return with_fewer_columns(sql, {0}, 2).has_value();
  };
  for (const auto* sql :
       {"select a, b from t join u using (a) where b in (select b from v order by b limit 1)",
        "SELECT group_concat(a ORDER BY a), b FROM t", "SELECT `order`, 'limit' FROM t",
        "SELECT * FROM (SELECT * FROM t ORDER BY a LIMIT 3) AS s"})
    CHECK(left_out(sql));
  for (const auto* sql :
       {"SELECT a, b FROM t ORDER BY a", "SELECT a, b FROM t LIMIT 3",
        "SELECT DISTINCT a, b FROM t", "SELECT a, count(*) FROM t GROUP BY a",
        "SELECT a, b FROM t UNION ALL SELECT a, b FROM t", "SELECT a, (sum(a) OVER ()) FROM t",
        "SELECT a, @n := @n + 1 FROM t", "SELECT a, b FROM t FOR UPDATE",
        "SELECT a, b FROM t /*!50000 ORDER BY a */", "SELECT a, b FROM t /*M! LIMIT 1 */",
        "(SELECT a, b FROM t ORDER BY a)", "WITH t AS (SELECT 1 AS a, 2 AS b) SELECT * FROM t",
        "SHOW TABLES", "CALL p()", "TABLE t", "INSERT INTO t VALUES (1, 2) RETURNING a, b", ""})
    CHECK_FALSE(left_out(sql));
  CHECK_FALSE(with_fewer_columns("SELECT a, b FROM t", {0, 1}, 2));
  CHECK_FALSE(with_fewer_columns("SELECT a, b FROM t", {}, 2));
}

}  // namespace quern::mysql
