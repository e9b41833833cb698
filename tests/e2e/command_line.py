#!/usr/bin/env python3
"""Asserts the command line's contract: where statements come from, formats, exit status."""

import sys

from quern_cli import Failures, Workplace

CSV = "n,t\n1,one\n2,two\n"
SELECT = "SELECT * FROM (VALUES (1, 'one'), (2, 'two')) AS v(n, t) ORDER BY n"


def check_sources(place, failures):
    """-e, -f and - read the same statements."""
    (place.path / "select.sql").write_text(SELECT + ";\n", encoding="utf-8")
    for arguments, stdin in (
        (("-e", SELECT), ""),
        (("-f", "select.sql"), ""),
        (("-",), SELECT),
    ):
        done = place.run("--format", "csv", *arguments, stdin=stdin)
        failures.expect(done.returncode == 0, f"{arguments}: status {done.returncode}, {done.stderr}")
        failures.expect(done.stdout == CSV, f"{arguments}: printed {done.stdout!r}, not {CSV!r}")
    table = place.run("--format", "table", "-e", SELECT)
    for word in ("n", "t", "one", "two"):
        failures.expect(word in table.stdout, f"the table lacks {word!r}: {table.stdout}")


def check_status(place, failures):
    """0 all done, 1 a statement failed, 2 usage; errors go to standard error."""
    for status, arguments in (
        (0, ("--help",)),
        (0, ("--version",)),
        (1, ("-e", "SELECT no_such_column")),
        (1, ("-e", "SELECT * FROM no_such_table")),
        (1, ("--db", "nonsense:x", "-e", "SELECT 1")),
        (2, ("--no-such-option",)),
        (2, ("--format", "no-such-format", "-e", "SELECT 1")),
    ):
        done = place.run(*arguments)
        failures.expect(done.returncode == status,
                        f"{arguments}: status {done.returncode}, expected {status}; {done.stderr}")
        if status:
            failures.expect(done.stderr, f"{arguments}: says nothing on standard error")
            failures.expect("terminate called" not in done.stderr, f"{arguments}: aborts")
    help_text = place.run("--help").stdout
    for option in ("--db", "--format", "-e", "-f"):
        failures.expect(option in help_text, f"--help does not name {option}")
    failures.expect("quern" in place.run("--version").stdout, "--version does not say quern")


def check_batch(place, failures):
    """The batch stops at the first failure; what went before stays."""
    done = place.run("--db", "duckdb:shop.duckdb", "-e",
                     "CREATE TABLE a (x INTEGER); SELECT nothing; CREATE TABLE b (x INTEGER)")
    failures.expect(done.returncode == 1, f"a failing batch ends with {done.returncode}")
    failures.expect((place.path / "shop.duckdb").exists(), "--db names the file that is written")
    failures.expect(place.run("--db", "duckdb:shop.duckdb", "-e", "SELECT * FROM a").returncode == 0,
                    "the statement before the failing one is lost")
    failures.expect(place.run("--db", "duckdb:shop.duckdb", "-e", "SELECT * FROM b").returncode == 1,
                    "a statement behind the failing one ran")


def main(program):
    failures = Failures()
    for check in (check_sources, check_status, check_batch):
        with Workplace(program) as place:
            check(place, failures)
    return failures.report("command line")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
