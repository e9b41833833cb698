#!/usr/bin/env python3
"""From a stored model to its first prediction: a process that predicts one row, less one that only reads it.

Models have 100 and 1,000 trees of depth 6 over 28 numbers, in a DuckDB file. First the prediction must be what Debian's XGBoost
says of the exported model; then both processes run in turn. The difference is the time to find and read the model, to make its
kernel and to score.
"""

import pathlib
import statistics
import sys
import tempfile

import numpy
import xgboost

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from measuring import run_once, spread  # noqa: E402

FEATURES = 28
RUNS = 15
GOALS = {100: 60, 1000: 200}  # milliseconds


def main(programs):
    with tempfile.TemporaryDirectory(prefix="quern-bench-") as name:
        folder = pathlib.Path(name)

        def sql(text):
            return run_once([str(programs / "quern"), "--db", "duckdb:rows.duckdb", "--csv", "-e", text], folder)

        columns = ", ".join(f"sin(i * {f + 1} * 0.37) + cos(i * 0.{f + 11}) AS c{f}" for f in range(FEATURES))
        sql(f"CREATE TABLE t AS SELECT {columns}, sin(i * 0.7) + i % 5 AS y FROM range(20000) r(i)")
        row = "SELECT * EXCLUDE (y) FROM t LIMIT 1"
        values = [float(v) for v in sql(row).output.splitlines()[1].split(",")]
        for trees, goal in GOALS.items():
            sql(f"SELECT * FROM t TO TRAIN xgboost.gbtree WITH num_round = {trees}, max_depth = 6, split.method = none LABEL y INTO m{trees}")
            sql(f"EXPORT MODEL m{trees} TO 'm{trees}.ubj'")
            ours = float(sql(f"{row} TO PREDICT USING m{trees}").output.split(",")[-1])
            booster = xgboost.Booster(model_file=str(folder / f"m{trees}.ubj"))
            theirs = float(booster.inplace_predict(numpy.array([values], numpy.float32))[0])
            if abs(ours - theirs) > 1e-5 * abs(theirs):
                raise SystemExit(f"predicted {ours}, XGBoost says {theirs}")
            times = []
            for _ in range(RUNS):
                alone = sql(row).seconds
                times.append(1000 * (sql(f"{row} TO PREDICT USING m{trees}").seconds - alone))
            met = "met" if statistics.median(times) <= goal else "NOT met"
            print(f"{trees:5} trees: {spread(times, 0)} ms (goal: at most {goal}, {met})")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]).resolve())
