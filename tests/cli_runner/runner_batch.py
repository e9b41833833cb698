#!/usr/bin/env python3
"""A script as a nightly job: --keep-going, --dry-run, --log json."""

import json
import pathlib
import re

from checking import TRAIN, main

MEMORY = ("--db", "duckdb::memory:")


def keep_going(check):
    sql = "SELECT 1 AS a; SELECT nope; SELECT error('late'); SELECT 2 AS a"
    done = check.run(*MEMORY, "--csv", "--keep-going", "-e", sql)
    check.equal("status and rows", (done.returncode, done.stdout), (1, b"a\n1\na\n2\n"))
    check.true("both errors are told", b"nope" in done.stderr and b"late" in done.stderr, done.stderr)
    check.true("the closing line", done.stderr.endswith(b"\n4 statements, 2 failed\n"), done.stderr)
    done = check.run(*MEMORY, "--csv", "--keep-going", "-e", "SELECT 1 AS a")
    check.equal("nothing failed", (done.returncode, done.stderr), (0, b"1 statement, 0 failed\n"))
    done = check.run(*MEMORY, "--csv", "-e", sql)
    check.equal("without it the batch stops", done.stdout, b"a\n1\n")


def keep_going_and_files(check):
    """A script with a mistake in its text does not begin; the next one does."""
    (check.folder / "bad.sql").write_text("SELECT 1 AS a; SELECT 1 TO TRAIN xgboost.gbtre LABEL x INTO m;")
    (check.folder / "good.sql").write_text("SELECT 2 AS a;")
    done = check.run(*MEMORY, "--csv", "--keep-going", "bad.sql", "good.sql")
    check.equal("status and rows", (done.returncode, done.stdout), (1, b"a\n2\n"))
    check.true("the closing line", b"0 failed, 1 problem in the text" in done.stderr, done.stderr)


def dry_run(check):
    script = """CREATE TABLE t AS SELECT i AS x, i % 2 AS y FROM range(9) r(i);
SELECT 1 AS a, 'x' AS b;
SELECT * FROM t TO TRAIN xgboost.gbtree LABEL y INTO m;
SELECT 1 AS x TO TRAIN xgboost.gbtree LABEL x INTO m2;
SELECT 1.0 AS x, 2 AS y TO TRAIN xgboost.gbtree LABEL y INTO m;
SELECT 5 AS x TO PREDICT USING m;
SELECT 5 AS x TO PREDICT USING mm;
SELECT nope;
DROP TABLE t;
SELECT error('only when run')
"""
    (check.folder / "dry.sql").write_text(script)
    done = check.run("--dry-run", "dry.sql")
    said = done.stderr.decode()
    check.equal("status and rows", (done.returncode, done.stdout), (1, b""))
    for words in ("line 1: ok\n", "line 2: returns 2 columns: a INTEGER, b VARCHAR\n",
                  "line 3: not checked: depends on line 1\n",
                  "line 5: trains m: xgboost.gbtree, 1 input column\n",
                  "line 6: not checked: depends on line 5\n", "unknown model: mm", "dry.sql:8:8",
                  "line 9: not checked: depends on line 1\n",
                  "10 statements, 3 not checked, 3 failed\n"):
        check.true(f"dry run says {words!r}", words in said, said)
    check.true("nothing was created", not (check.folder / "quern.duckdb").exists())


def dry_run_of_models(check):
    """What EVALUATE and EXPLAIN would write is told, and what reads it later is not checked."""
    database = ("--db", "duckdb:dry.duckdb")
    check.equal("training", check.run(*database, "-e", TRAIN).returncode, 0)
    done = check.run(*database, "--dry-run", "-e",
                     "SELECT 1 AS x, 0 AS y TO EVALUATE m WITH metrics = [f1];\n"
                     "SELECT 1 AS x, 0 AS y TO EVALUATE m WITH metrics = [f1] INTO q;\n"
                     "SELECT * FROM q;\nSELECT 1 AS x TO EXPLAIN m INTO why;\nSELECT * FROM why")
    said = done.stderr.decode()
    for words in ("line 1: returns 2 columns: rows BIGINT, f1 DOUBLE\n",
                  "line 2: writes q: 2 columns: rows BIGINT, f1 DOUBLE\n",
                  "line 3: not checked: depends on line 2\n", "line 4: writes why: 1 column: x DOUBLE\n",
                  "line 5: not checked: depends on line 4\n"):
        check.true(f"dry run says {words!r}", words in said, said)


def dry_run_and_settings(check):
    """A failure behind SET, USE or ATTACH may come of it; a success is one all the same."""
    done = check.run(*MEMORY, "--dry-run", "-e",
                     "ATTACH ':memory:' AS side;\nSELECT * FROM side.t;\nSELECT 1 AS a; DROP TABLE IF EXISTS t; "
                     "CREATE TABLE t AS SELECT 1 AS a")
    said = done.stderr.decode()
    check.equal(f"status {said}", done.returncode, 0)
    check.true("ATTACH", "line 2: not checked: depends on line 1\nline 3: returns 1 column: a INTEGER\n" in said, said)
    check.true("DROP before CREATE", said.endswith("line 3: ok\nline 3: ok\n5 statements, 1 not checked, 0 failed\n"), said)


def events(done):
    return [json.loads(line) for line in done.stderr.decode().splitlines()]


def json_log(check):
    sql = f"SELECT 1 AS a;\n\n{TRAIN};\n/* 数据 */ SELECT * FROM range(3) TO PREDICT USING mm"
    done = check.run(*MEMORY, "--csv", "--log", "json", "-e", sql)
    check.equal("status and rows", (done.returncode, done.stdout), (1, b"a\n1\n"))
    heard = events(done)
    starts = [e for e in heard if e["event"] == "statement_start"]
    check.equal("starts", [(e["number"], e["line"], e["column"]) for e in starts], [(1, 1, 1), (2, 3, 1), (3, 4, 10)])
    ends = [e for e in heard if e["event"] == "statement_end"]
    check.equal("ends", [(e["number"], e["ok"]) for e in ends], [(1, True), (2, True), (3, False)])
    check.equal("rows", [e.get("rows") for e in ends[:2]], [1, 400])
    check.true("seconds", all(e["seconds"] >= 0 for e in ends))
    check.true("message", ends[1]["message"].startswith("trained m@1"), ends[1])
    problem = [e for e in heard if e.get("severity") == "error"][0]
    span = [sql.encode().index(b"mm"), len(sql.encode())]
    check.equal("problem", [problem[k] for k in ("code", "message", "source", "line", "column", "span", "hint")],
                ["Q2010", "unknown model: mm", "<command line>", 4, 50, span, problem["hint"]])
    check.equal("the end", heard[-1], {"event": "end", "ok": False, "statements": 3, "failed": 1, "problems": 0})


def json_log_before_a_session(check):
    done = check.run("--log", "json", "-f", "missing.sql")
    check.equal("status and code", (done.returncode, events(done)[0]["code"]), (2, "Q5007"))
    done = check.run("--log", "json", "--db", "oracle:x", "-e", "SELECT 1")
    check.equal("status and code", (done.returncode, events(done)[0]["code"]), (1, "Q5003"))


def json_log_of_progress(check):
    done = check.run(*MEMORY, "--log", "json", "-e", TRAIN.replace("num_round = 3", "num_round = 3000"))
    progress = [e for e in events(done) if e["event"] == "progress"]
    check.true("progress of rounds, if it took that long",
               all(e["stage"] in ("scan", "fit", "train") and e["number"] == 1 for e in progress), progress)


def every_option_is_documented(check):
    """--help and docs/cli.md name the same options."""
    page = (pathlib.Path(__file__).resolve().parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")
    table = page[page.index("## Options"):page.index("## Exit status")]
    shown = re.findall(r"--[a-z][a-z-]*", check.run("--help").stdout.decode())
    check.equal("options", sorted(set(shown)), sorted(set(re.findall(r"--[a-z][a-z-]*", table))))


if __name__ == "__main__":
    main(keep_going, keep_going_and_files, dry_run, dry_run_of_models, dry_run_and_settings, json_log,
         json_log_before_a_session, json_log_of_progress, every_option_is_documented)
