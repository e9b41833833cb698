#!/usr/bin/env python3
"""Backslash commands, at a prompt and, those that make sense there, in scripts."""

import subprocess

from person import ENTER, UP, ctrl, main

TABLES = "CREATE TABLE cats(name VARCHAR, age INTEGER); CREATE VIEW old AS SELECT * FROM cats; INSERT INTO cats VALUES ('Tom', 3);"


def script(check, text, *arguments):
    done = subprocess.run([check.program, "--db", "duckdb::memory:", *arguments], input=text.encode(), cwd=check.folder,
                          capture_output=True, timeout=120, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def tables_and_models(check):
    me = check.at_prompt(columns=100)
    me.run(TABLES)
    both, tables = "\n".join(me.run("\\d")), "\n".join(me.run("\\dt"))
    check.true("\\d has both", "cats" in both and "old" in both and "view" in both, both)
    check.true("\\dt has tables", "cats" in tables and "old" not in tables, tables)
    check.equal("\\dt by pattern", me.run("\\dt d*")[-1], "(0 rows)")
    one = "\n".join(me.run("\\d cats"))
    check.true("\\d of one", "age" in one and "INTEGER" in one, one)
    check.true("\\d of none", "error[Q" in "\n".join(me.run("\\d dogs")))
    me.run("SELECT i AS x, (i % 2)::INTEGER AS y FROM range(40) r(i) TO TRAIN xgboost.gbtree WITH num_round = 1 LABEL y INTO m;")
    check.true("\\dm", any(line.startswith(" m ") for line in me.run("\\dm")))
    check.true("\\dm of one", any("estimator" in line for line in me.run("\\dm m")))
    check.true("\\l", any("memory" in line for line in me.run("\\l")))
    check.equal("left", me.leave(), 0)


def how_rows_are_shown(check):
    me = check.at_prompt()
    me.run(TABLES)
    check.equal("\\x", me.run("\\x"), ["a line for each value is on"])
    check.equal("a row", me.run("TABLE cats;")[1:], ["name | Tom", "age  | 3", "(1 row)"])
    me.run("\\x off")
    check.equal("\\gx", me.run("TABLE cats \\gx")[1:], ["name | Tom", "age  | 3", "(1 row)"])
    check.equal("once", me.run("TABLE cats;")[0], " name | age")
    check.equal("\\g", me.run("\\g")[0], " name | age")
    check.equal("\\timing", me.run("\\timing on"), ["timing is on"])
    check.true("a time", me.run("SELECT 1;")[-1].startswith("Time: "))
    me.run("\\timing off")
    check.equal("\\format csv", me.run("\\format csv"), [])
    check.equal("csv", me.run("TABLE cats;"), ["name,age", "Tom,3"])
    me.run("\\format table")
    me.run("\\set null nothing")
    check.true("\\set null", any("nothing" in line for line in me.run("SELECT NULL AS n;")))
    check.equal("\\o", me.run("\\o rows.txt"), [])
    check.equal("no rows", me.run("TABLE cats;"), [])
    me.run("\\o")
    check.true("they are in the file", "Tom" in (check.folder / "rows.txt").read_text())
    check.true("and here again", any("Tom" in line for line in me.run("TABLE cats;")))
    check.true("a bad word", "takes on or off" in me.run("\\x maybe")[0])
    check.equal("left", me.leave(), 0)


def other_databases(check):
    me = check.at_prompt()
    check.equal("\\conninfo", me.run("\\conninfo"), ["duckdb::memory: on DuckDB 1.4.4"])
    check.equal("\\c", me.run("\\c sqlite:other.db"), [line for line in me.screen.text().split("\n") if line.startswith("sqlite:other.db on SQLite")])
    me.run("CREATE TABLE here(x INTEGER);")
    check.true("\\d there", any("here" in line for line in me.run("\\d")))
    failed = me.run("\\c postgresql://me:hush@localhost:1/nothing")
    check.equal("it stays", failed[-1], "the connection stays as it was")
    check.true("no password", "hush" not in "\n".join(failed), failed)
    check.true("still there", any("here" in line for line in me.run("\\d")))
    check.equal("left", me.leave(), 0)


def the_editor(check):
    edit = check.folder / "edit.sh"
    edit.write_text("#!/bin/sh\nsed -i 's/1/42/' \"$1\"\n")
    edit.chmod(0o755)
    me = check.at_prompt(EDITOR=str(edit))
    me.run("SELECT 1 AS a;")
    me.type("\\e" + ENTER)
    me.until("quern> SELECT 42 AS a;")
    me.type(ENTER)
    me.until(" 42").until_prompt()
    me.type("SELECT 1 AS b" + ENTER + "\\e" + ENTER)
    me.until("quern> SELECT 42 AS b")
    me.type(";" + ENTER)
    me.until(" b").until_prompt()
    check.equal("left", me.leave(), 0)
    none = check.at_prompt(EDITOR="false")
    none.type("\\e" + ENTER)
    none.until("the editor ended with status 1: false").until_prompt()
    check.equal("left", none.leave(), 0)


def watching(check):
    me = check.at_prompt()
    me.run("CREATE SEQUENCE s;")
    me.type("SELECT nextval('s') AS n \\watch 0.01" + ENTER)
    me.until("it runs again and again", lambda: me.screen.all_text().count("(1 row)") >= 3)
    me.type(ctrl("c"))
    me.until_prompt()
    me.type("SELECT nextvalue('s') \\watch 0.01" + ENTER)
    me.until("error[Q").until_prompt()  # a failure ends it
    check.true("a bad number", "not a number of seconds" in me.run("\\watch soon")[0])
    check.equal("left", me.leave(), 0)


def files(check):
    (check.folder / "some.sql").write_text("SELECT 'from a file' AS words;\n")
    me = check.at_prompt()
    check.true("\\i", any("from a file" in line for line in me.run("\\i some.sql")))
    check.true("\\i of none", "cannot read file" in me.run("\\i none.sql")[0])
    me.run("\\s typed.txt")
    check.equal("\\s", (check.folder / "typed.txt").read_text().split("\n")[0], "\\i some.sql")
    check.true("\\s here", "\\i some.sql" in me.run("\\s"))
    me.run("SELECT 9 AS nine;")
    me.run("\\g out.txt")
    check.true("\\g file", "nine" in (check.folder / "out.txt").read_text())
    check.true("rows are here again", me.run("SELECT 1 AS a;")[-1] == "(1 row)")
    check.equal("left", me.leave(), 0)


def help_is_there(check):
    me = check.at_prompt(rows=50)
    text = "\n".join(me.run("\\?"))
    check.true("\\?", "\\timing [on|off]" in text and "\\watch" in text, text)
    check.true("\\h", any("TO TRAIN" in line for line in me.run("\\h")))
    check.true("\\h train", any("LABEL column" in line for line in me.run("\\h train")))
    check.true("\\h of nothing", "no help for: nothing" in me.run("\\h nothing")[0])
    check.true("a mistyped one", "did you mean `\\timing`?" in "\n".join(me.run("\\timin")))
    check.true("an odd one", "unknown command `\\!`" in me.run("\\! ls")[0])
    me.type("SELECT 1" + ENTER + "\\r" + ENTER)
    me.until_prompt()
    me.type(UP)
    me.until("\\r")
    me.type(ctrl("c"))
    me.until_prompt()
    me.type("\\q" + ENTER)
    check.equal("\\q", me.end(), 0)


def scripts_take_them(check):
    status, out, _ = script(check, TABLES + "\n\\x\nTABLE cats;\n\\x\n\\format csv\nTABLE cats;\n\\o rows.csv\nTABLE cats;\n\\o\n\\dt\n")
    check.equal("status", status, 0)
    check.equal("rows", out.split("\n")[1:6], ["name | Tom", "age  | 3", "(1 row)", "name,age", "Tom,3"])
    check.true("\\dt", "main,cats,table,2" in out, out)
    check.equal("\\o", (check.folder / "rows.csv").read_text(), "name,age\nTom,3\n")
    status, out, _ = script(check, "SELECT 1 AS a;\n\\q\nSELECT 2 AS b;\n", "--csv")
    check.equal("\\q ends it", (status, out), (0, "a\n1\n"))
    status, _, err = script(check, "SELECT 1;\n\\timing on\nSELECT 2;\n", "--csv")
    check.equal("one time", (status, err.count("Time: ")), (0, 1))


def scripts_refuse_the_others(check):
    for command, words in (("\\e", "works at a prompt only"), ("\\c duckdb:x", "ATTACH 'uri' AS name"),
                           ("\\watch", "works at a prompt only"), ("\\timin", "did you mean `\\timing`?"),
                           ("\\x perhaps", "takes on or off"), ("\\format xml", "the formats are")):
        status, out, err = script(check, f"SELECT 1 AS a;\n{command}\nSELECT 2 AS b;\n", "--csv")
        check.equal(f"status of {command}", status, 1)
        check.true(f"{command} says why", "error[Q1009]" in err and words in err, err)
        check.true(f"{command} ends it", "b\n2" not in out, out)
    failed = script(check, "\\o rows.csv\nSELECT 1 AS a;\nSELECT nothing;\n", "--csv")
    check.equal("a failed run", failed[0], 1)
    check.true("leaves no file", not (check.folder / "rows.csv").exists())


if __name__ == "__main__":
    main(tables_and_models, how_rows_are_shown, other_databases, the_editor, watching, files, help_is_there,
         scripts_take_them, scripts_refuse_the_others)
