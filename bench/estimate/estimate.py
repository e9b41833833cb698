#!/usr/bin/env python3
"""The memory of the engine that EXPLAIN PLAN guesses, against what a training takes.

A training of 5 million rows of ten features and one of 2 million run under a small memory limit, so that the
database and the pages take the same in both; the difference of their peaks, by row, is the engine's. First the
trained models must be there. The guess should be right within a fifth.
"""

import csv
import json
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from measuring import run_once  # noqa: E402

FEW, MANY = 2_000_000, 5_000_000
COLUMNS = ", ".join(f"((hash(i * {k + 3}) % 100000) / 1000.0)::FLOAT AS f{k}" for k in range(10))
TABLE = (f"CREATE TABLE t AS SELECT {COLUMNS}, hash(i) % 2 AS two, hash(i) % 10 AS ten, i "
         f"FROM range({MANY}) r(i)")
#: Estimator, attributes, label.
TRAININGS = {"hist": ("XGBClassifier", "tree_method = hist", "two"),
             "hist, 1024 bins": ("XGBClassifier", "tree_method = hist, max_bin = 1024", "two"),
             "hist, 10 classes": ("XGBClassifier", "tree_method = hist, num_class = 10", "ten"),
             "approx": ("XGBClassifier", "tree_method = approx", "two"),
             "exact": ("XGBClassifier", "tree_method = exact", "two"),
             "gblinear": ("gblinear", "objective = 'binary:logistic'", "two")}


def main(program):
    with tempfile.TemporaryDirectory(prefix="quern-bench-") as name:
        folder = pathlib.Path(name)

        def sql(text):
            return run_once([program, "--db", "duckdb:t.duckdb", "--csv", "-e", text], folder)

        sql(TABLE)
        print(f"bytes of the engine by row, {FEW} to {MANY} rows of 10 features")
        for words, (estimator, attributes, label) in TRAININGS.items():
            statement = ("SELECT {columns} FROM t WHERE i < {rows} TO TRAIN xgboost.{estimator} WITH num_round = 2, "
                         "split.method = none, {attributes} LABEL {label} INTO m")
            fields = {"columns": f"COLUMNS('f[0-9]'), {label}", "estimator": estimator, "attributes": attributes,
                      "label": label}
            plan = sql("EXPLAIN (FORMAT JSON) " + statement.format(rows=MANY, **fields)).output
            guess = json.loads(list(csv.reader(plan.splitlines()))[1][0])["memory"]["engine_bytes_per_row"]
            peaks = []
            for rows in (FEW, MANY):
                run = sql(f"SET memory_limit = '96MB'; {statement.format(rows=rows, **fields)}; DESCRIBE MODEL m; "
                          "DROP MODEL m")
                if f"model,rows,{rows}" not in run.output:
                    print(f"wrong answer: no model of {rows} rows\n{run.output}")
                    return 1
                peaks.append(run.peak_mib)
            measured = (peaks[1] - peaks[0]) * 2**20 / (MANY - FEW)
            within = abs(guess / measured - 1) <= 0.2
            print(f"{words:<17} guessed {guess:4d}, measured {measured:4.0f}: {guess / measured:.2f}  "
                  f"goal: 0.8 to 1.2, {'met' if within else 'NOT met'}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
