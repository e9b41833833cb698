#!/usr/bin/env python3
"""Where statements come from, and the exit status: 0 all done, 1 a statement failed, 2 usage."""

from checking import TRAIN, main


def standard_input_is_a_script(check):
    for arguments in ((), ("-",), ("-f", "-")):
        done = check.run("--csv", *arguments, stdin=b"SELECT 1 AS a;\nSELECT 2 AS b")
        check.equal(f"stdin {arguments}", (done.returncode, done.stdout), (0, b"a\n1\nb\n2\n"))
    done = check.run("-", stdin=b"SELECT 1;\nselct 2")
    check.true("an error names <stdin>", b"<stdin>:2:1" in done.stderr, done.stderr)


def empty_script_is_nothing(check):
    (check.folder / "empty.sql").write_bytes(b"")
    for arguments, stdin in ((("empty.sql",), b""), (("-e", ""), b""), (("-",), b" \n-- nothing\n;;")):
        done = check.run(*arguments, stdin=stdin)
        check.equal(f"nothing {arguments}", (done.returncode, done.stdout, done.stderr), (0, b"", b""))


def order_of_sources(check):
    """-e texts, then -f files, then the others; the first failure ends it all."""
    (check.folder / "a.sql").write_text("SELECT 'a' AS f;")
    (check.folder / "b.sql").write_text("SELECT 'b' AS f;")
    done = check.run("--csv", "b.sql", "-f", "a.sql", "-e", "SELECT 'e' AS f")
    check.equal("status", done.returncode, 0)
    check.equal("-e, -f, others", done.stdout, b"f\ne\nf\na\nf\nb\n")
    (check.folder / "bad.sql").write_text("\n  selct 1;")
    done = check.run("--csv", "-f", "bad.sql", "-f", "a.sql")
    check.equal("a failing file ends it", (done.returncode, done.stdout), (1, b""))
    check.true("the place is in the file", b"bad.sql:2:3" in done.stderr, done.stderr)


def byte_order_mark_and_crlf(check):
    (check.folder / "bom.sql").write_bytes("\ufeffSELECT 1 AS a;\r\nSELECT 2 AS b;\r\n".encode())
    done = check.run("--csv", "bom.sql")
    check.equal("BOM and CRLF", (done.returncode, done.stdout), (0, b"a\n1\nb\n2\n"))


def unreadable_sources(check):
    for name in ("missing.sql", "."):
        done = check.run("-f", name)
        check.equal(f"status of -f {name}", done.returncode, 2)
        check.true(f"-f {name} is named", b"Q5007" in done.stderr and name.encode() in done.stderr, done.stderr)
    done = check.run("-e", "CREATE TABLE t AS SELECT 1 AS x", "-f", "missing.sql")
    check.equal("nothing runs when a file is missing", done.returncode, 2)
    check.true("nothing was created", not (check.folder / "quern.duckdb").exists())


def unusable_databases(check):
    for uri, code, words in (("duckdb:no/such/folder/x.duckdb", b"Q5002", b"no/such/folder"),
                             ("duckdb:not.duckdb", b"Q5002", b"not a DuckDB database"),
                             ("duckdb:", b"Q5002", b"names no file"),
                             ("oracle:x", b"Q5003", b"oracle"),
                             ("postgresql://user:secret@host/db", b"Q", b"")):
        (check.folder / "not.duckdb").write_text("a,b\n" + "1,2\n" * 5000)
        done = check.run("--db", uri, "-e", "SELECT 1")
        check.equal(f"status of --db {uri}", done.returncode, 1)
        check.true(f"--db {uri} gives {code}", code in done.stderr and words in done.stderr, done.stderr)
        check.true(f"--db {uri} shows no password", b"secret" not in done.stderr, done.stderr)


def text_that_is_not_utf8(check):
    """In the data as in the script: an error that points to where it comes from."""
    (check.folder / "latin.csv").write_bytes(b"x,name,y\n" + b"1,caf\xe9,0\n2,tea,1\n" * 20)
    done = check.run("-e", "SELECT * FROM 'latin.csv'\nTO TRAIN xgboost.gbtree LABEL y INTO m")
    check.equal("status of a Latin-1 file", done.returncode, 1)
    check.true("a Latin-1 file is pointed at", b"1 | SELECT * FROM 'latin.csv'\n    |               ^^^^^^^^^^^\n"
               in done.stderr and b"not utf-8" in done.stderr, done.stderr)
    done = check.run("--csv", "-e", "SELECT name FROM read_csv('latin.csv', encoding = 'latin-1') LIMIT 1")
    check.equal("its encoding can be given", done.stdout, "name\ncafé\n".encode())


def a_statement_of_a_megabyte(check):
    """Is parsed like any other, and an error in it shows the part that matters."""
    columns = ", ".join(f"x + {n:06} AS c{n:06}" for n in range(40))
    filler = "/* " + "all of this is a comment; " * 40000 + "*/"
    table = "CREATE TABLE t AS SELECT i AS x, i % 2 AS y FROM range(40) r(i); "
    statement = f"SELECT y, {columns} {filler} FROM t TO TRAIN xgboost.gbtree WITH num_round = 1 LABEL "
    done = check.run("--db", "duckdb::memory:", "-", stdin=(table + statement + "y INTO m").encode())
    check.equal("status of a long statement", (done.returncode, len(statement) > 1000000), (0, True))
    done = check.run("--db", "duckdb::memory:", "-", stdin=(table + statement + "z INTO m").encode())
    check.true("the error is short", b"unknown column: z" in done.stderr and b"LABEL z INTO m\n" in done.stderr
               and len(done.stderr) < 1000, done.stderr[:2000])


def rows_that_find_no_room(check):
    """Rows beyond memory_limit go to TMPDIR; where that is not there, nothing is trained."""
    columns = ", ".join(f"i % {n} AS x{n}" for n in range(2, 14))
    sql = f"SET memory_limit = '5MB'; SELECT {columns}, i % 2 AS y FROM range(600) r(i) " \
          "TO TRAIN xgboost.gbtree LABEL y INTO m"
    done = check.run("--db", "duckdb::memory:", "-e", sql, TMPDIR="no/such/folder")
    check.equal("status without TMPDIR", done.returncode, 1)
    check.true("Q4003 names the folder", b"error[Q4003]" in done.stderr and b"no/such/folder" in done.stderr,
               done.stderr)


def usage(check):
    for arguments in (("--nope",), ("--threads", "0"), ("--threads", "x"), ("--format", "xml"), ("-e",)):
        done = check.run(*arguments)
        check.equal(f"status of {arguments}", done.returncode, 2)
        check.true(f"{arguments} is explained", done.stderr, "")
    check.equal("--help", check.run("--help").returncode, 0)


def a_failed_statement_is_1(check):
    done = check.run("--db", "duckdb::memory:", "--csv", "-e",
                     f"{TRAIN}; SELECT 5 AS x TO PREDICT USING m; SELECT 1 AS x TO PREDICT USING mm; SELECT 7")
    check.equal("status", done.returncode, 1)
    check.equal("what ran before is there", done.stdout, b"x,predicted_y\n5,1\n")
    check.true("the error is there", b"error[Q2010]: unknown model: mm" in done.stderr, done.stderr)


if __name__ == "__main__":
    main(standard_input_is_a_script, empty_script_is_nothing, order_of_sources, byte_order_mark_and_crlf,
         unreadable_sources, unusable_databases, text_that_is_not_utf8, a_statement_of_a_megabyte, rows_that_find_no_room, usage, a_failed_statement_is_1)
