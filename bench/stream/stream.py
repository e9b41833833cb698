#!/usr/bin/env python3
"""Predicts ten million rows of a server's table into another: how much memory Quern takes for it.

The server, PostgreSQL and then MariaDB, is a private one on the same machine. It makes a table of ten
million rows of four numbers; a small model of 20 trees predicts all of them into a new table. Then the
answer: as many rows as were read, the same ids, and for one row in ten thousand the number that a
prediction returned as rows gives. The peak is that of the program above one that is connected and asks
`SELECT 1`. There is no peer. Exit status 1 where the answer is wrong, never because of a figure.
"""

import argparse
import csv
import io
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests/servers"))
import servers  # noqa: E402
from measuring import run_once, verdict  # noqa: E402

GOAL = 256  # MiB
TRAINED = 20000
SAMPLED = "{id} % 9973 = 17"
#: Where a server's own rows of numbers come from, and what they are called.
NUMBERS = {"postgres": ("generate_series(1::bigint, {rows}) AS s(i)", "i"), "mariadb": ("seq_1_to_{rows}", "seq")}
TRAIN = (f"SELECT a, b, c, y FROM big WHERE id <= {TRAINED} TO TRAIN xgboost.gbtree "
         "WITH num_round = 20, max_depth = 4, seed = 7, split.method = none LABEL y INTO m;")
PREDICT = "SELECT {columns} FROM big {where} TO PREDICT {into} WITH predict.columns = [id] USING m;"


class Session:
    """Quern on one server, run anew for each text."""

    def __init__(self, quern, uri, folder):
        self.command = [quern, "--db", uri, "--csv", "-e"]
        self.folder = folder

    def run(self, sql):
        return run_once([*self.command, sql], self.folder)

    def rows(self, sql):
        return [tuple(float(v) for v in row) for row in list(csv.reader(io.StringIO(self.run(sql).output)))[1:]]


def make(session, name, rows):
    source, i = NUMBERS[name]
    fraction = "CAST({} AS DOUBLE PRECISION)" if name == "postgres" else "CAST({} AS DOUBLE)"
    a = fraction.format(f"{i} * 7919 % 100003")
    b = fraction.format(f"{i} % 1013")
    session.run(f"CREATE TABLE big AS SELECT CAST({i} AS {'INTEGER' if name == 'postgres' else 'SIGNED'}) AS id, {a} / 8 AS a, "
                f"{b} / 16 AS b, {i} % 37 AS c, {a} / 1000 + {b} / 100 - {i} % 37 AS y FROM {source.format(rows=rows)};")
    session.run(TRAIN)


def compare(session, rows):
    """How many predictions were compared, and what is wrong with their table; "" where nothing is."""
    totals = session.rows("SELECT count(*) AS n, count(p) AS p, min(id) AS a, max(id) AS b, count(DISTINCT id) AS d FROM scored")
    if totals != [(rows, rows, 1, rows, rows)]:
        return 0, f"{totals} rows, predictions, least, largest and distinct ids of {rows} rows"
    where = f"WHERE {SAMPLED.format(id='id')} ORDER BY id"
    written = session.rows(f"SELECT id, p FROM scored {where}")
    returned = session.rows(PREDICT.format(columns="*", where=where, into=""))
    if written != returned or len({p for _, p in written}) < 2:
        return 0, f"{len(written)} rows written differ from {len(returned)} returned: {written[:3]} {returned[:3]}"
    return len(written), ""


def measure(quern, name, rows):
    with servers.SERVERS[name]() as server, tempfile.TemporaryDirectory(prefix="quern-bench-") as folder:
        session = Session(quern, server.uri, folder)
        make(session, name, rows)
        idle = session.run("SELECT 1")
        done = session.run(PREDICT.format(columns="*", where="", into="scored AS p"))
        compared, wrong = compare(session, rows)
        if wrong:
            print(f"wrong answer on {name}: {wrong}")
            return 1
        above = done.peak_mib - idle.peak_mib
        print(f"{name:9} {rows} rows written, {compared} of them compared")
        print(f"{name:9} quern, above {idle.peak_mib:.0f} idle  MiB {above:.0f}  {verdict(above, GOAL)}")
        print(f"{name:9} wall time               s {done.seconds:.0f}  ({rows / done.seconds / 1000:.0f} thousand rows a second), "
              f"of quern's processor {done.processor_seconds:.0f}", flush=True)
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("programs", type=pathlib.Path, help="folder of quern")
    parser.add_argument("--rows", type=int, default=10000000)
    parser.add_argument("--engine", action="append", choices=sorted(NUMBERS))
    options = parser.parse_args()
    quern = str(options.programs.absolute() / "quern")
    status = 0
    for name in options.engine or NUMBERS:
        try:
            status |= measure(quern, name, options.rows)
        except servers.Missing as why:
            print(f"{name:9} not measured: {why}")
    return status


if __name__ == "__main__":
    sys.exit(main())
