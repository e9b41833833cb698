#!/usr/bin/env python3
"""Predicts a million rows of a PostgreSQL table into another, from start to end, against two Python scripts.

The table has 28 numbers a row, the model is one of 100 trees; what is written is the row's number and its
prediction. Quern is a whole process that reads, scores and writes. The first script copies the columns out as
CSV, reads them with pandas, predicts with XGBoost and copies CSV back; the second one reads by read_sql and
writes by to_sql. The scripts' clocks start when their libraries are loaded and the model is. First the three
tables must be equal; then all run in turn. The last line is what the server and the transport take by themselves: two
psql drain the same columns by binary COPY, half of the table each, while a third one sends the rows of the answer; nobody
decodes, predicts or makes a table. The server is the one of QUERN_TEST_POSTGRES; QUERN_BENCH_PYTHON may name a Python
with newer packages than Debian's.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from measuring import run_once, spread  # noqa: E402

FEATURES = 28
COPY_GOAL = 8
SQL_GOAL = 20
COMMON = """
import io, os, sys, time
import pandas, psycopg2, sqlalchemy, xgboost
uri, columns = os.environ["QUERN_TEST_POSTGRES"], sys.argv[1].split()
model = xgboost.Booster(model_file="m.ubj")
def predict(rows):
    return model.inplace_predict(rows[columns].to_numpy(dtype="float32"))
begin = time.perf_counter()
"""
COPY_SCRIPT = COMMON + """
connection = psycopg2.connect(uri)
with connection, connection.cursor() as cursor:
    text = io.BytesIO()
    cursor.copy_expert(f"COPY (SELECT id, {', '.join(columns)} FROM bench_rows) TO STDOUT (FORMAT csv, HEADER)", text)
    text.seek(0)
    rows = pandas.read_csv(text)
    out = io.StringIO()
    pandas.DataFrame({"id": rows["id"], "guess": predict(rows)}).to_csv(out, index=False, header=False)
    out.seek(0)
    cursor.execute("DROP TABLE IF EXISTS by_copy")
    cursor.execute("CREATE TABLE by_copy (id integer, guess real)")
    cursor.copy_expert("COPY by_copy FROM STDIN (FORMAT csv)", out)
connection.close()
print(time.perf_counter() - begin)
"""
SQL_SCRIPT = COMMON + """
engine = sqlalchemy.create_engine("postgresql+psycopg2://", creator=lambda: psycopg2.connect(uri))
rows = pandas.read_sql(f"SELECT id, {', '.join(columns)} FROM bench_rows", engine)
out = pandas.DataFrame({"id": rows["id"], "guess": predict(rows)})
out.to_sql("by_sql", engine, if_exists="replace", index=False)
print(time.perf_counter() - begin)
"""


class Contest:
    """The table, the model, and three ways from the one through the other."""

    def __init__(self, programs, folder, rows):
        self.quern, self.folder = str(programs / "quern"), folder
        self.python = os.environ.get("QUERN_BENCH_PYTHON", "/usr/bin/python3")
        self.columns = [f"c{i}" for i in range(FEATURES)]
        made = "".join(f", random() AS {name}" for name in self.columns)
        self.sql(f"CREATE TABLE bench_rows AS SELECT i::integer AS id{made} FROM generate_series(1, {rows}) AS s(i)")
        self.sql("VACUUM ANALYZE bench_rows")
        label = " + ".join(f"{i % 5 - 2} * c{i}" for i in range(FEATURES)) + " + c0 * c1"
        features = ", ".join(self.columns)
        self.sql(f"SELECT {features}, {label} AS y FROM bench_rows WHERE id <= 50000 TO TRAIN xgboost.gbtree WITH "
                 "num_round = 100, max_depth = 6, seed = 1, split.method = none LABEL y INTO m")
        self.sql("EXPORT MODEL m TO 'm.ubj'")
        (folder / "by_copy.py").write_text(COPY_SCRIPT)
        (folder / "by_sql.py").write_text(SQL_SCRIPT)

    def sql(self, text):
        return run_once([self.quern, "--db", os.environ["QUERN_TEST_POSTGRES"], "--csv", "-e", text], self.folder)

    def ours(self):
        return self.sql("SELECT * FROM bench_rows TO PREDICT ours AS guess WITH predict.columns = id USING m").seconds

    def script(self, name):
        return float(run_once([self.python, name, " ".join(self.columns)], self.folder).output)

    def copy(self, text, **pipes):
        """A psql that copies and does nothing else."""
        return subprocess.Popen(["psql", "-Xqc", text, os.environ["QUERN_TEST_POSTGRES"]], **pipes)

    def prepare_floor(self):
        """The rows of the answer as a file of binary COPY, a table for them, and the page in the middle of the table."""
        self.sql("CREATE TABLE sent AS SELECT * FROM ours WHERE false")
        with open(self.folder / "answer", "wb") as out:
            if self.copy("COPY ours TO STDOUT (FORMAT binary)", stdout=out).wait() != 0:
                raise SystemExit("the answer could not be copied out")
        pages = self.sql("SELECT relpages FROM pg_class WHERE relname = 'bench_rows'").output.split()[-1]
        self.middle = f"'({int(pages) // 2},0)'"

    def floor(self):
        self.sql("TRUNCATE sent")
        columns = ", ".join(["id", *self.columns])
        begin = time.perf_counter()
        with open(self.folder / "answer", "rb") as answer:
            at_work = [self.copy(f"COPY (SELECT {columns} FROM bench_rows WHERE ctid {side} {self.middle}) TO STDOUT (FORMAT binary)",
                                 stdout=subprocess.DEVNULL) for side in ("<", ">=")]
            at_work.append(self.copy("COPY sent FROM STDIN (FORMAT binary)", stdin=answer))
            if any(process.wait() != 0 for process in at_work):
                raise SystemExit("a bare COPY failed")
        return time.perf_counter() - begin

    def check_floor(self, rows):
        """What was sent in arrived."""
        arrived = self.sql("SELECT count(*) FROM sent").output.split()[-1]
        if int(arrived) != rows:
            raise SystemExit(f"the bare COPY sent {arrived} of {rows} rows")

    def check(self, rows):
        """All three tables have the same rows; float32 sums of the same trees differ in their last digits."""
        for table in ("by_copy", "by_sql"):
            same = self.sql(f"SELECT count(*) FROM ours JOIN {table} AS t USING (id) WHERE abs(ours.guess - t.guess) "
                            "< 1e-4").output.split()[-1]
            if int(same) != rows:
                raise SystemExit(f"{table} has {same} of {rows} rows in common with ours")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("programs", type=pathlib.Path, help="folder of quern")
    parser.add_argument("--rows", type=int, default=1000000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="quern-bench-") as name:
        contest = Contest(options.programs.resolve(), pathlib.Path(name), options.rows)
        contest.ours(), contest.script("by_copy.py"), contest.script("by_sql.py")
        contest.check(options.rows)
        contest.prepare_floor()
        times = {"ours": [], "by_copy.py": [], "by_sql.py": [], "floor": []}
        for _ in range(options.runs):
            times["ours"].append(contest.ours())
            times["floor"].append(contest.floor())
            contest.check_floor(options.rows)
            for script in ("by_copy.py", "by_sql.py"):
                times[script].append(contest.script(script))
    print(f"{options.rows} rows into a table          {spread(times['ours'])} s")
    for script, words, goal in (("by_copy.py", "COPY, pandas, COPY", COPY_GOAL), ("by_sql.py", "read_sql, to_sql", SQL_GOAL)):
        ratios = [theirs / ours for ours, theirs in zip(times["ours"], times[script])]
        met = "met" if statistics.median(ratios) >= goal else "NOT met"
        print(f"{words:<32} {spread(times[script])} s, {spread(ratios, 1)} times ours (goal: at least {goal}, {met})")
    floor = [bare / ours for ours, bare in zip(times["ours"], times["floor"])]
    print(f"{'bare COPY out and in':<32} {spread(times['floor'])} s, {spread(floor)} times ours")


if __name__ == "__main__":
    main()
