#!/usr/bin/env python3
"""A model trained from rows that wait in files has the bytes of one trained from rows in memory, and so
have its predictions, those too that wait for the end of their query. How much memory that takes is measured by bench/memory.

memory.py PROGRAM
"""

import os
import pathlib
import subprocess
import sys
import tempfile

TABLE = """CREATE TABLE t AS SELECT hash(i) % 1000 AS a, CASE WHEN i % 7 = 0 THEN NULL ELSE hash(i + 1) % 977 / 8 END AS b,
  'c' || hash(i + 2) % 40 AS word, 'k' || i % 50 AS k, (hash(i + 5) % 30)::VARCHAR || ':' || i % 9 || ' ' || 40 + i % 20 AS kv, DATE '2024-01-01' + (hash(i + 3) % 900)::INTEGER AS day, 1 + i % 3 AS w,
  hash(i + 4) % 3 AS y FROM range(300000) r(i);"""
TRAININGS = {
    "split": "FROM t TO TRAIN xgboost.gbtree WITH num_round = 2, objective = 'multi:softprob', weight = w LABEL y INTO m;",
    "exact": "FROM t TO TRAIN xgboost.gbtree WITH num_round = 1, tree_method = approx, split.method = none LABEL y INTO m;",
    "sparse": "FROM t TO TRAIN xgboost.gbtree WITH num_round = 2, objective = 'multi:softprob' COLUMN a, SPARSE(kv, 60), INDICATOR(k) LABEL y INTO m;",
    "text": "FROM t TO TRAIN xgboost.XGBClassifier WITH num_round = 2, class_weight = balanced COLUMN word, day LABEL y INTO m;",
}
PREDICT = """FROM t TO PREDICT p.guess USING m;
  SELECT *, [a, NULL, w] AS list FROM t TO PREDICT q.guess USING m; FROM q
  TO PREDICT q.again WITH output.mode = replace USING m;"""
LOOK = ("SELECT md5(string_agg(hex(bytes), '' ORDER BY chunk)) AS model FROM quern_model_chunks; "
        "SELECT count(*) AS n, sum(hash(rowid, a, guess)) AS s FROM p; "
        "SELECT count(*) AS n, sum(hash(rowid, q)) AS s FROM q;")


def answer(program, folder, training, limit):
    """What is stored under a limit, as text."""
    path = folder / "m.duckdb"
    path.unlink(missing_ok=True)
    sql = f"{TABLE} SET memory_limit = '{limit}'; {training} {PREDICT} SET memory_limit = '4GB'; {LOOK}"
    done = subprocess.run([program, "--db", "duckdb:m.duckdb", "--threads", "1", "--csv", "-e", sql], cwd=folder,
                          capture_output=True, text=True, check=False, timeout=300,
                          env={**os.environ, "LC_ALL": "C.UTF-8", "OMP_WAIT_POLICY": "passive"})
    if done.returncode != 0:
        raise SystemExit(f"FAILED under {limit}: {training}\n{done.stderr}")
    return done.stdout


def main(program):
    failed = 0
    with tempfile.TemporaryDirectory(prefix="quern-memory-") as name:
        for what, training in TRAININGS.items():
            small, large = (answer(program, pathlib.Path(name), training, limit) for limit in ("12MB", "4GB"))
            if small != large or "300000" not in large:
                failed += 1
                print(f"FAILED {what}: in files\n{small}in memory\n{large}")
    print(f"{failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(str(pathlib.Path(sys.argv[1]).resolve())))
