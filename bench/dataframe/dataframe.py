#!/usr/bin/env python3
"""A million rows of six columns (two whole numbers, three fractions, a text of 1,000 values) to a pandas DataFrame:
Quern's Python package against row-wise fetches of Python's DB-API, `pandas.DataFrame(cursor.fetchall())`.

The same table lies in an SQLite file, on a private PostgreSQL of this machine and in a DuckDB file. The peers are
Python's own sqlite3 and psycopg2; DuckDB has no DB-API here, its frame is set against sqlite3's. First both frames must
be equal, in every value; then both run alternately, in this process, five times. The goal is ten times as fast. Exit
status 1 where the answer is wrong, never because of a figure.
"""

import gc
import os
import pathlib
import sqlite3
import statistics
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE.parents[1] / "notebooks"))
sys.path.insert(0, str(HERE.parents[1] / "tests" / "servers"))
from measuring import spread  # noqa: E402

ROWS, TIMES, GOAL = 1_000_000, 5, 10
COLUMNS = ["id", "n", "a", "b", "c", "t"]
MADE = ("SELECT i AS id, i * 7919 % 100003 AS n, (i * 7919 % 100003) / 8.0 AS a, (i % 1013) / 16.0 AS b, "
        "(i % 37) * 0.25 AS c, 'name ' || (i % 1000) AS t FROM {source}")
ASKED = "SELECT id, n, a, b, c, t FROM rows_to_fetch"


def seconds(call):
    """How long a call takes, by the clock and of this process's processors; what the one before left behind is not its
    fault."""
    gc.collect()
    start = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - start[0], time.process_time() - start[1]


def compare(name, ours, theirs):
    """Checks the answers, then times both."""
    frames = [call().sort_values("id").reset_index(drop=True) for call in (ours, theirs)]
    for column in COLUMNS:
        if len(frames[0]) != ROWS or frames[0][column].tolist() != frames[1][column].tolist():
            print(f"{name}: column {column} differs")
            return False
    times = [(seconds(ours), seconds(theirs)) for _ in range(TIMES)]
    ratios = [peer[0] / own[0] for own, peer in times]
    processor = [peer[1] / own[1] for own, peer in times]
    met = "met" if statistics.median(ratios) >= GOAL else "NOT met"
    print(f"{name}\n  quern {spread([own[0] for own, _ in times])} s, row-wise {spread([peer[0] for _, peer in times])} s\n"
          f"  {spread(ratios, 1)} times as fast by the clock (goal: {GOAL}, {met}), "
          f"{spread(processor, 1)} by this process's processor time", flush=True)
    return True


def row_wise(cursor_of):
    import pandas as pd

    def call():
        cursor = cursor_of()
        cursor.execute(ASKED)
        return pd.DataFrame(cursor.fetchall(), columns=COLUMNS)
    return call


def of_quern(uri):
    import quern

    session = quern.connect(uri)
    return session, lambda: session.query(ASKED).to_dataframe()


def files(folder):
    import quern

    duck, lite = f"{folder}/rows.duckdb", f"{folder}/rows.sqlite"
    with quern.connect(f"duckdb:{duck}") as session:
        session.execute("CREATE TABLE rows_to_fetch AS " + MADE.format(source=f"range({ROWS}) r(i)").replace("/ ", "::DOUBLE / ")
                        .replace("* 0.25", "* 0.25::DOUBLE"))
    peer = sqlite3.connect(lite)
    source = f"(WITH RECURSIVE r(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM r WHERE i + 1 < {ROWS}) SELECT i FROM r)"
    peer.execute("CREATE TABLE rows_to_fetch(id INTEGER, n INTEGER, a REAL, b REAL, c REAL, t TEXT)")
    peer.execute("INSERT INTO rows_to_fetch " + MADE.format(source=source))
    peer.commit()
    theirs = row_wise(peer.cursor)
    well = True
    for name, uri in (("SQLite", f"sqlite:{lite}"), ("DuckDB, against sqlite3", f"duckdb:{duck}")):
        session, ours = of_quern(uri)
        well = compare(name, ours, theirs) and well
        session.close()
    return well


def postgres():
    try:
        import psycopg2
        import servers
        running = servers.SERVERS["postgres"]()
    except ImportError as why:
        print(f"PostgreSQL is left out: {why}")
        return True
    try:
        with running as server:
            peer = psycopg2.connect(server.uri)
            peer.cursor().execute("CREATE TABLE rows_to_fetch AS "
                                  + MADE.format(source=f"generate_series(0::bigint, {ROWS - 1}) AS s(i)")
                                  .replace(") / 8.0", ")::float8 / 8.0").replace(") / 16.0", ")::float8 / 16.0")
                                  .replace(") * 0.25", ")::float8 * 0.25"))
            peer.commit()
            session, ours = of_quern(server.uri)
            well = compare("PostgreSQL, psycopg2", ours, row_wise(peer.cursor))
            session.close()
            peer.close()
            return well
    except servers.Missing as why:
        print(f"PostgreSQL is left out: {why}")
        return True


def main(programs):
    os.environ.setdefault("QUERN_LIBRARY", str(pathlib.Path(programs).resolve().parent / "lib"))
    with tempfile.TemporaryDirectory() as folder:
        return 0 if files(folder) and postgres() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
