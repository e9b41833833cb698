#!/usr/bin/env python3
"""What is written: CSV, the table, and a place that takes no more."""

import csv
import io

from checking import main


def rows_of(check, sql):
    done = check.run("--csv", "-e", sql)
    check.equal(f"status of {sql}", done.returncode, 0)
    return done.stdout


def csv_quotes_what_needs_it(check):
    """RFC 4180: comma, quote and line break; the names too."""
    text = rows_of(check, """SELECT 'a,b' AS "x,y", 'say "hi"' AS "q""q", E'two\\nlines' AS plain, ' blank ' AS b""")
    check.equal("csv", text, b'"x,y","q""q",plain,b\n"a,b","say ""hi""","two\nlines", blank \n')
    read = list(csv.reader(io.StringIO(text.decode())))
    check.equal("csv read back", read[1], ["a,b", 'say "hi"', "two\nlines", " blank "])


def csv_tells_null_from_empty(check):
    check.equal("NULL and ''", rows_of(check, "SELECT NULL AS a, '' AS b, 'NULL' AS c"), b'a,b,c\n,"",NULL\n')


def csv_of_no_rows_is_a_header(check):
    check.equal("no rows", rows_of(check, "SELECT 1 AS a WHERE false"), b"a\n")


def csv_keeps_numbers_exact(check):
    check.equal("numbers", rows_of(check, "SELECT 0.1::DOUBLE AS a, 0.1::FLOAT AS b, 1.50 AS c, 9007199254740993 AS d"),
                b"a,b,c,d\n0.1,0.1,1.50,9007199254740993\n")


def only_rows_on_standard_output(check):
    done = check.run("--db", "duckdb::memory:", "--csv", "-e", "CREATE TABLE t AS SELECT 1 AS x; SELECT * FROM t")
    check.equal("standard output", done.stdout, b"x\n1\n")
    check.equal("standard error", done.stderr, b"1 row changed\n")


def table_aligns_wide_characters(check):
    """Chinese characters are two columns wide; numbers stand right, text left; NULL is shown."""
    done = check.run("-e", "SELECT * FROM (VALUES ('数据', 1), ('é', 22), (NULL, NULL)) v(名, n)")
    check.equal("table", done.stdout.decode(), (" 名   | n\n"
                                                "------+------\n"
                                                " 数据 |    1\n"
                                                " é    |   22\n"
                                                " NULL | NULL\n"
                                                "(3 rows)\n"))


def table_keeps_a_row_on_a_line(check):
    done = check.run("-e", "SELECT E'a\\nb\\tc' AS x")
    check.equal("escapes", done.stdout.decode(), " x\n---------\n a\\nb\\tc\n(1 row)\n")


def full_device_is_an_error(check):
    """Rows that could not be written are not "all done"."""
    with open("/dev/full", "wb") as full:
        process = check.start("--csv", "-e", "SELECT i FROM range(100000) r(i)", stdout=full, stderr=-1)
        said = process.communicate(timeout=300)[1]
    check.equal("status with /dev/full", process.returncode, 1)
    check.true("/dev/full is named", b"cannot write" in said, said)


if __name__ == "__main__":
    main(csv_quotes_what_needs_it, csv_tells_null_from_empty, csv_of_no_rows_is_a_header, csv_keeps_numbers_exact,
         only_rows_on_standard_output, table_aligns_wide_characters, table_keeps_a_row_on_a_line,
         full_device_is_an_error)
