#!/usr/bin/env python3
"""Variables and backslash commands: what a script becomes, and where its errors are."""

from checking import TRAIN, main

MEMORY = ("--db", "duckdb::memory:", "--csv")


def from_the_command_line(check):
    done = check.run(*MEMORY, "-v", "n=3", "-v", "who=O'Hara", "-v", "equal=a=b", "-e",
                     "SELECT :n AS n, :'who' AS who, :'equal' AS e, ${n} + 1 AS m")
    check.equal("values", (done.returncode, done.stdout), (0, b"n,who,e,m\n3,O'Hara,a=b,4\n"))
    done = check.run(*MEMORY, "-v", "col=my col", "-e", "SELECT 1 AS :\"col\"")
    check.equal("a name", done.stdout, b"my col\n1\n")
    done = check.run(*MEMORY, "-v", "1x=3", "-e", "SELECT 1")
    check.equal("status of a bad name", done.returncode, 2)


def quoting_is_safe(check):
    """Whatever the value, it stays one literal."""
    for value in ("'; DROP TABLE t; --", "\\", "\\'", '"', "''", "\n", "数据", "$$", ""):
        done = check.run(*MEMORY, "-v", f"v={value}", "-e", "SELECT :'v' = " + "chr(0)" + " AS z, length(:'v') AS n")
        check.equal(f"length of {value!r}", done.stdout, f"z,n\nfalse,{len(value)}\n".encode())
    done = check.run(*MEMORY, "-v", "v=1; DROP TABLE t", "-e", "SELECT :v")
    check.true("a bare value must be a number or a name", done.returncode == 1 and b"Q1008" in done.stderr, done.stderr)


def in_our_clauses(check):
    done = check.run(*MEMORY, "-v", "rounds=3", "-v", "model=m", "-v", "label=y", "-v", "kind=binary:logistic", "-e",
                     TRAIN.replace("num_round = 3", "num_round = :rounds, objective = :'kind'")
                     .replace("LABEL y", "LABEL :label").replace("INTO m", "INTO :model")
                     + "; SELECT 5 AS x TO PREDICT USING :model")
    check.equal(f"training {done.stderr}", (done.returncode, done.stdout), (0, b"x,predicted_y\n5,1\n"))


def errors_point_into_the_script(check):
    done = check.run(*MEMORY, "-v", "limit=10000", "-e", "SELECT :limit, nope FROM range(:limit)")
    check.true("the column behind a variable", b":1:16\n  1 | SELECT :limit, nope FROM" in done.stderr, done.stderr)
    done = check.run(*MEMORY, "-v", "column=nope", "-e", "SELECT 1 AS a;\nSELECT :column FROM range(3)")
    check.true("the variable itself", b":2:8\n  2 | SELECT :column FROM range(3)\n    |        ^^^^^^^\n" in done.stderr,
               done.stderr)
    done = check.run(*MEMORY, "-v", "column=nope", "-e", "SELECT :colum")
    check.true("an unknown one", b"error[Q1007]: unknown variable: colum" in done.stderr
               and b"did you mean `column`?" in done.stderr, done.stderr)
    check.equal("status", done.returncode, 1)


def commands(check):
    (check.folder / "sub").mkdir()
    (check.folder / "main.sql").write_text("\\set day 7\n\\echo day :day\nSELECT :day AS a;\n\\i sub/one.sql\n"
                                           "SELECT :other AS c;\n\\echo done\n")
    (check.folder / "sub" / "one.sql").write_text("\\set other 8\n\\i two.sql\n")
    (check.folder / "sub" / "two.sql").write_text("SELECT 'x' AS b;\n")
    done = check.run(*MEMORY, "main.sql")
    check.equal("in order", (done.returncode, done.stdout), (0, b"day 7\na\n7\nb\nx\nc\n8\ndone\n"))
    (check.folder / "sub" / "two.sql").write_text("\n\n  SELECT nope;\n")
    done = check.run(*MEMORY, "main.sql")
    check.true("an error names the file and line", b"--> sub/two.sql:3:10" in done.stderr, done.stderr)
    check.equal("nothing behind it is said", done.stdout, b"day 7\na\n7\n")
    (check.folder / "loop.sql").write_text("\\i loop.sql\n")
    done = check.run(*MEMORY, "loop.sql")
    check.true("a loop ends", done.returncode == 1 and b"Q1009" in done.stderr, done.stderr)
    done = check.run(*MEMORY, "-e", "\\i missing.sql")
    check.true("a missing file", done.returncode == 1 and b"Q5007" in done.stderr, done.stderr)


def a_dry_run_of_included_files(check):
    (check.folder / "ddl.sql").write_text("\nCREATE TABLE t AS SELECT 1 AS a;\n")
    done = check.run(*MEMORY, "--dry-run", "-e", "\\i ddl.sql\nSELECT * FROM t")
    check.true("the place is in the file", b"line 2: not checked: depends on ddl.sql:2\n" in done.stderr, done.stderr)


def at_the_prompt(check):
    """What was set stays set from one script to the next."""
    done = check.run(*MEMORY, "-e", "\\set a 5", "-e", "SELECT :a AS a")
    check.equal("across scripts", (done.returncode, done.stdout), (0, b"a\n5\n"))


if __name__ == "__main__":
    main(from_the_command_line, quoting_is_safe, in_our_clauses, errors_point_into_the_script, commands,
         a_dry_run_of_included_files, at_the_prompt)
