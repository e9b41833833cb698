#!/usr/bin/env python3
"""Rows as JSON lines, as Markdown, and into a file."""

import json
import os
import stat

from checking import main

MEMORY = ("--db", "duckdb::memory:")


def rows_of(check, sql, form):
    done = check.run(*MEMORY, "--format", form, "-e", sql)
    check.equal(f"status of {sql}", (done.returncode, done.stderr), (0, b""))
    return done.stdout.decode()


def jsonl_is_json(check):
    """Read back by another implementation; numbers by their digits."""
    text = rows_of(check, """SELECT 9007199254740993 AS big, -1.50::DECIMAL(9,2) AS money, 170141183460469231731687303715884105727 AS huge,
        0.1::DOUBLE AS d, 1e300 AS far, 1e-7::FLOAT AS f, true AS b, NULL AS n, '' AS empty,
        E'q\"\\\\ \\n\\t\\x01 数据' AS "te\"\"xt", DATE '2024-02-29' AS day, [1, 2] AS list""", "jsonl")
    check.equal("one line", text.count("\n"), 1)
    row = json.loads(text, parse_float=str, parse_int=str)
    check.equal("integers and decimals keep their digits", (row["big"], row["money"], row["huge"]),
                ("9007199254740993", "-1.50", str(2**127 - 1)))
    check.equal("floats", (float(row["d"]), float(row["far"]), float(row["f"])), (0.1, 1e300, 1e-7))
    check.equal("others", (row["b"], row["n"], row["empty"], row["day"]), (True, None, "", "2024-02-29"))
    check.equal("text", row['te"xt'], 'q"\\ \n\t\x01 数据')
    check.equal("lists of numbers are lists", row["list"], ["1", "2"])


def jsonl_of_what_is_not_finite(check):
    text = rows_of(check, "SELECT 'nan'::DOUBLE AS a, '-inf'::DOUBLE AS b, 'inf'::FLOAT AS c", "jsonl")
    check.equal("NaN and infinity", text, '{"a":null,"b":null,"c":null}\n')


def jsonl_of_equal_names(check):
    text = rows_of(check, "SELECT 1 AS a, 2 AS a, 3 AS a_2, 4 AS a, 5 AS b", "jsonl")
    check.equal("names", text, '{"a":1,"a_3":2,"a_2":3,"a_4":4,"b":5}\n')


def jsonl_of_several_statements(check):
    text = rows_of(check, "SELECT 1 AS a; SELECT 1 AS x WHERE false; SELECT i AS b FROM range(3000) r(i)", "jsonl")
    check.equal("lines", [json.loads(line) for line in text.splitlines()],
                [{"a": 1}, *({"b": i} for i in range(3000))])


def markdown(check):
    text = rows_of(check, "SELECT 'a|b' AS name, 1 AS \"n|m\"; SELECT E'two\\r\\nlines <b> *x* `y` \\\\' AS t, NULL AS n",
                   "markdown")
    check.equal("markdown", text, ("| name | n\\|m |\n"
                                   "| --- | ---: |\n"
                                   "| a\\|b | 1 |\n"
                                   "\n"
                                   "| t | n |\n"
                                   "| --- | ---: |\n"
                                   "| two<br>lines \\<b> \\*x\\* \\`y\\` \\\\ | NULL |\n"))


def output_to_a_file(check):
    out = check.folder / "rows.csv"
    done = check.run(*MEMORY, "--csv", "--output", "rows.csv", "-e", "SELECT 1 AS a")
    check.equal("status and streams", (done.returncode, done.stdout, done.stderr), (0, b"", b""))
    check.equal("the file", out.read_bytes(), b"a\n1\n")
    out.chmod(0o640)
    (check.folder / "link.csv").symlink_to("rows.csv")
    check.run(*MEMORY, "--csv", "-o", "link.csv", "-e", "SELECT 2 AS a")
    check.equal("the file behind a link", out.read_bytes(), b"a\n2\n")
    check.true("the link is a link still", (check.folder / "link.csv").is_symlink())
    check.equal("the mode is kept", stat.S_IMODE(out.stat().st_mode), 0o640)


def output_of_a_failing_script(check):
    out = check.folder / "kept.csv"
    out.write_text("old\n")
    done = check.run(*MEMORY, "--csv", "--output", "kept.csv", "-e", "SELECT 1 AS a; SELECT error('no')")
    check.equal("status", done.returncode, 1)
    check.equal("the old file stays", out.read_text(), "old\n")
    check.equal("nothing lies beside it", [f for f in os.listdir(check.folder) if "quern-" in f], [])


def output_that_cannot_be(check):
    for path in ("no/such/folder.csv", "."):
        done = check.run(*MEMORY, "--output", path, "-e", "SELECT 1 AS a")
        check.equal(f"status of --output {path}", done.returncode, 2)
        check.true(f"--output {path} is named", b"Q5008" in done.stderr and path.encode() in done.stderr, done.stderr)
    done = check.run(*MEMORY, "--csv", "--output", "/dev/full", "-e", "SELECT 1 AS a")
    check.equal("status of a full device", done.returncode, 1)
    check.true("a full device is named", b"Q5008" in done.stderr, done.stderr)
    done = check.run(*MEMORY, "--csv", "--output", "-", "-e", "SELECT 1 AS a")
    check.equal("- is the standard output", done.stdout, b"a\n1\n")


if __name__ == "__main__":
    main(jsonl_is_json, jsonl_of_what_is_not_finite, jsonl_of_equal_names, jsonl_of_several_statements, markdown,
         output_to_a_file, output_of_a_failing_script, output_that_cannot_be)
