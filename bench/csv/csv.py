#!/usr/bin/env python3
"""Writes a million rows as CSV to the standard output: from PostgreSQL against `psql --csv`, from a DuckDB file against DuckDB's own COPY.

A row is a number, a number that is NULL in every seventh row, a float with all its digits, a date, and a text of which every
tenth needs quotes. All are whole processes, from start to end, into a file. DuckDB's COPY runs in quern too, which then
hands no row on. First both outputs must be the same, byte by byte; then both run in turn. Prints medians by
the clock and of the processor time (least and largest), their ratio, and the largest memory of the process.
"""

import hashlib
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from measuring import run_once, spread, verdict  # noqa: E402

RUNS = 7
GOAL = 1
TEXTS = "CASE WHEN i % 10 = 0 THEN 'say \"' || i || '\", or not' ELSE 'word ' || i END"
SELECT = "SELECT * FROM csv_rows ORDER BY id"


def table(series, double):
    return (f"CREATE TABLE csv_rows AS SELECT i AS id, CASE WHEN i % 7 = 0 THEN NULL ELSE i * 31 % 1009 END AS n, "
            f"sin(CAST(i AS {double})) AS x, CAST('2020-01-01' AS DATE) + CAST(i % 1000 AS INTEGER) AS day, {TEXTS} AS word FROM {series}")


def into_file(command, folder):
    """One run, its output in a file: held here, it would count as memory of the next process."""
    return run_once(["/bin/sh", "-c", 'exec "$@" > rows.csv', "sh", *command], folder)


def digest(command, folder):
    into_file(command, folder)
    with (folder / "rows.csv").open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def compare(names, commands, folder, goal=None):
    """Runs both in turn, the same work first checked to be the same."""
    if len({digest(command, folder) for command in commands}) != 1:
        raise SystemExit(f"{names[0]} and {names[1]} do not print the same")
    runs = [[into_file(command, folder) for command in commands] for _ in range(RUNS)]
    for i, name in enumerate(names):
        ours = [pair[i] for pair in runs]
        print(f"{name:22s} s {spread([r.seconds for r in ours])}  processor s {spread([r.processor_seconds for r in ours])}  "
              f"memory MiB {max(r.peak_mib for r in ours):.0f}")
    clock = statistics.median(pair[0].seconds / pair[1].seconds for pair in runs)
    work = statistics.median(pair[0].processor_seconds / pair[1].processor_seconds for pair in runs)
    print(f"{'ratio':22s}   {clock:.2f}  processor {work:.2f}  {verdict(clock, goal) if goal else ''}".rstrip(), flush=True)


def main():
    quern = str((pathlib.Path(sys.argv[1]) / "quern").resolve())
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    print(f"{rows} rows, {RUNS} runs in turn; the same bytes")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        uri, psql = os.environ.get("QUERN_TEST_POSTGRES"), shutil.which("psql")
        if uri and psql:
            series = f"generate_series(1, {rows}) AS r(i)"
            subprocess.run([psql, uri, "-qc", "SET client_min_messages = warning; DROP TABLE IF EXISTS csv_rows; " + table(series, "double precision")], check=True)
            compare(["quern, PostgreSQL", "psql --csv"],
                    [[quern, "--db", uri, "--csv", "-e", SELECT], [psql, uri, "--csv", "-c", SELECT]], folder, GOAL)
        at_file = [quern, "--db", "duckdb:rows.duckdb"]
        run_once([*at_file, "-e", table(f"range(1, {rows} + 1) AS r(i)", "DOUBLE")], folder)
        compare(["quern, DuckDB", "DuckDB's COPY"],
                [[*at_file, "--csv", "-e", SELECT],
                 [*at_file, "-e", f"COPY ({SELECT}) TO '/dev/stdout' (FORMAT csv, HEADER)"]], folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
