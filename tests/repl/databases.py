#!/usr/bin/env python3
"""\\d and its kin, and completion, on each database: those whose server is up, and SQLite."""

import os
import subprocess

from person import TAB, ctrl, main

TABLES = ("CREATE TABLE repl_cats(name VARCHAR(20), age INTEGER); CREATE VIEW repl_old AS SELECT * FROM repl_cats; "
          "INSERT INTO repl_cats VALUES ('Tom', 3);")
GONE = "DROP VIEW IF EXISTS repl_old; DROP TABLE IF EXISTS repl_cats;"


def script(check, uri, text):
    done = subprocess.run([check.program, "--db", uri, "--csv"], input=text.encode(), cwd=check.folder,
                          capture_output=True, timeout=120, check=False)
    check.equal(f"status on {uri.split(':')[0]}: {done.stderr.decode()}", done.returncode, 0)
    return done.stdout.decode()


def on(check, uri):
    try:
        script(check, uri, GONE + TABLES)
        both, tables = script(check, uri, "\\d repl_cats\n\\d\n\\l\n"), script(check, uri, "\\dt repl_c*\n")
        check.true("\\d", "age" in both and "repl_old" in both and "view" in both, both)
        check.true("\\dt", "repl_cats" in tables and "repl_old" not in tables, tables)
        me = check.at_prompt("--db", uri, columns=120)
        me.type("SELECT * FROM repl_c" + TAB)
        me.until("quern> SELECT * FROM repl_cats")
        me.type(" WHERE ag" + TAB)
        me.until("quern> SELECT * FROM repl_cats WHERE age")
        me.type(ctrl("c"))
        me.until_prompt()
        me.run("BEGIN;")
        me.type("SELECT * FROM nothing TO TRAIN xgboost.gbtree LABEL x" + TAB)
        me.until("LABEL x")
        me.type(ctrl("c"))
        me.until_prompt()
        check.true("the transaction lives", any("Tom" in line for line in me.run("SELECT * FROM repl_cats;")))
        me.run("COMMIT;")
        check.equal("left", me.leave(), 0)
    finally:
        script(check, uri, GONE)


def sqlite(check):
    on(check, "sqlite:cats.db")


def postgres(check):
    if "QUERN_TEST_POSTGRES" in os.environ:
        on(check, os.environ["QUERN_TEST_POSTGRES"])


def mysql(check):
    if "QUERN_TEST_MYSQL" in os.environ:
        on(check, os.environ["QUERN_TEST_MYSQL"])


if __name__ == "__main__":
    main(sqlite, postgres, mysql)
