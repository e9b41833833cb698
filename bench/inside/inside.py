#!/usr/bin/env python3
"""Predicts four million rows of a DuckDB table into another, from start to end, against a Python script.

The table has 26 numbers, of which the model reads one standardized and one in buckets, and a text as a category; the model is
one of 100 trees. What is written is the row's number and its prediction. Quern is a whole process: DuckDB reads, calls the model
and writes, on all cores. The script's clock starts when its libraries are loaded and the model is: it fetches a pandas frame with
DuckDB's own module, makes the features, predicts with XGBoost on all cores and gives the frame back to DuckDB. First the two
tables must be equal; then both run in turn. QUERN_BENCH_PYTHON names a Python that has duckdb, pandas and xgboost. Then the same with
Quern's own thread between reading and writing, as in a transaction, and with quern_predict() in plain SQL.
"""

import argparse
import os
import pathlib
import statistics
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from measuring import run_once, spread  # noqa: E402

NUMBERS = 26
GOAL = 10
SCRIPT = """
import json, os, sys, time
import duckdb, numpy, pandas, xgboost
model = xgboost.Booster(model_file="m.ubj")
numbers, standard, cuts, words = json.loads(sys.argv[1])
connection = duckdb.connect("rows.duckdb")
begin = time.perf_counter()
rows = connection.execute("SELECT * FROM rows").df()
columns = {name: rows[name] for name in numbers}
columns["standardize(c0)"] = (rows["c0"] - standard[0]) / standard[1]
columns["bucket(c1, [-0.5, 0, 0.5])"] = numpy.searchsorted(cuts, rows["c1"], side="right")
columns["k"] = pandas.Categorical(rows["k"], words).codes
matrix = numpy.column_stack([numpy.asarray(columns[name], "float32") for name in numbers + list(columns)[len(numbers):]])
guesses = pandas.DataFrame({"id": rows["id"], "guess": model.inplace_predict(matrix)})
connection.execute("CREATE OR REPLACE TABLE by_script AS SELECT * FROM guesses")
print(time.perf_counter() - begin)
"""


class Contest:
    """The table, the model, and the ways from the one through the other."""

    def __init__(self, programs, folder, rows):
        self.quern, self.folder = str(programs / "quern"), folder
        self.python = os.environ.get("QUERN_BENCH_PYTHON", "/usr/bin/python3")
        numbers = [f"c{i}" for i in range(NUMBERS)]
        made = ", ".join(f"sin(i * {i + 1} * 0.37) + cos(i * 0.{i + 11}) AS c{i}" for i in range(NUMBERS))
        label = " + ".join(f"{i % 5 - 2} * c{i}" for i in range(NUMBERS)) + " + c0 * c1 + i % 4"
        self.sql(f"CREATE TABLE rows AS SELECT i AS id, {made}, 'word ' || (i % 4) AS k FROM range({rows}) r(i)")
        plain = numbers[2:]
        self.sql(f"SELECT * EXCLUDE (id), {label.replace('i %', 'id %')} AS y FROM rows WHERE id < 50000 TO TRAIN xgboost.gbtree WITH "
                 f"num_round = 100, max_depth = 6, seed = 1, split.method = none COLUMN {', '.join(plain)}, "
                 "STANDARDIZE(c0), BUCKET(c1, [-0.5, 0, 0.5]), k LABEL y INTO m")
        self.sql("EXPORT MODEL m TO 'm.ubj'")
        mean = self.sql("SELECT avg(c0) FROM rows WHERE id < 50000").output.split()[-1]
        deviation = self.sql("SELECT stddev_pop(c0) FROM rows WHERE id < 50000").output.split()[-1]
        words = ", ".join(f'"word {i}"' for i in range(4))
        names = ", ".join(f'"{name}"' for name in plain)
        self.facts = f"[[{names}], [{mean}, {deviation}], [-0.5, 0, 0.5], [{words}]]"
        (folder / "by_script.py").write_text(SCRIPT)

    def sql(self, text):
        return run_once([self.quern, "--db", "duckdb:rows.duckdb", "--csv", "-e", text], self.folder)

    def inside(self):
        return self.sql("SELECT * FROM rows TO PREDICT inside AS guess WITH predict.columns = id USING m").seconds

    def outside(self):
        return self.sql("BEGIN; SELECT * FROM rows TO PREDICT outside AS guess WITH predict.columns = id USING m; COMMIT").seconds

    def plain(self):
        return self.sql("CREATE OR REPLACE TABLE plain AS SELECT id, quern_predict('m', r) AS guess FROM rows AS r").seconds

    def script(self):
        return float(run_once([self.python, "by_script.py", self.facts], self.folder).output)

    def check(self, rows):
        """The tables of ours have the same bits; float32 sums of the same trees differ in their last digits elsewhere."""
        for table, condition in (("outside", "="), ("plain", "="), ("by_script", "")):
            equal = "inside.guess = t.guess" if condition else "abs(inside.guess - t.guess) < 1e-3"
            same = self.sql(f"SELECT count(*) FROM inside JOIN {table} AS t USING (id) WHERE {equal}").output.split()[-1]
            # A standardized value next to a threshold may fall on its other side.
            if int(same) < rows * (1 if condition else 0.999):
                raise SystemExit(f"{table} has {same} of {rows} rows in common with inside")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("programs", type=pathlib.Path, help="folder of quern")
    parser.add_argument("--rows", type=int, default=4000000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="quern-bench-") as name:
        contest = Contest(options.programs.resolve(), pathlib.Path(name), options.rows)
        ways = {"inside DuckDB": contest.inside, "through one thread": contest.outside, "quern_predict()": contest.plain,
                "pandas, XGBoost": contest.script}
        for way in ways.values():
            way()
        contest.check(options.rows)
        times = {words: [] for words in ways}
        for _ in range(options.runs):
            for words, way in ways.items():
                times[words].append(way())
    for words, seconds in times.items():
        ratios = [theirs / ours for ours, theirs in zip(times["inside DuckDB"], seconds)]
        goal = ""
        if words == "pandas, XGBoost":
            goal = f"  goal: at least {GOAL}, {'met' if statistics.median(ratios) >= GOAL else 'NOT met'}"
        print(f"{words:<20} {spread(seconds)} s, {spread(ratios, 1)} times the first{goal}")


if __name__ == "__main__":
    main()
