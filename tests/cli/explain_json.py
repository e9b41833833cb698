#!/usr/bin/env python3
"""EXPLAIN (FORMAT JSON) says what EXPLAIN PLAN says, as one object that programs can read.

explain_json.py PROGRAM
"""

import csv
import json
import subprocess
import sys

SETUP = """CREATE TABLE t AS SELECT i AS x, 'c' || i % 3 AS c, i % 2 AS y, 1.5 AS w FROM range(4000) r(i);
SELECT x, c, y FROM t TO TRAIN xgboost.gbtree WITH num_round = 2, tree_method = hist LABEL y INTO m;"""
STATEMENTS = {
    "train": """SELECT x, c, w, y FROM t TO TRAIN xgboost.gbtree WITH max_depth = 3, nthread = 2, weight = w,
      train.order_by = 'x' COLUMN STANDARDIZE(x), c LABEL y INTO main.n""",
    "predict": "SELECT x, c FROM t ORDER BY w TO PREDICT p.guess USING m",
    "evaluate": "SELECT x, c, y FROM t TO EVALUATE m WITH metrics = [auc, accuracy] LABEL y",
    "explain": "SELECT x, c, y FROM t TO EXPLAIN m USING TreeExplainer",
}


def rows_of(program, sql):
    done = subprocess.run([program, "--db", "duckdb::memory:", "--csv", "-e", f"{SETUP} {sql}"], capture_output=True,
                          text=True, check=False, timeout=120)
    if done.returncode != 0:
        raise SystemExit(f"FAILED: {sql}\n{done.stderr}")
    return [row[0] for row in csv.reader(done.stdout.splitlines()) if row][1:]


def lines_of(text):
    """The lines of the text form by their label; lines within one are left out."""
    return {line[2:12].strip(): line[13:] for line in text[1:] if not line.startswith("    ")}


def expect(name, found, expected):
    if found != expected:
        raise SystemExit(f"FAILED {name}: {found!r}, expected {expected!r}")


def check_both(name, plan, text):
    """What every statement has, and both forms alike."""
    expect(f"{name}, statement", plan["statement"], name)
    for key in ("database", "label", "report", "held", "write", "into", "mode"):
        if key in plan:
            expect(f"{name}, {key}", plan[key], text[key])
    expect(f"{name}, rows", text["rows"], f"about {plan['estimated_rows']:,}")
    fetched = f"{len(plan['columns'])} columns"
    if "fetched_columns" in plan:
        names = [column["name"] for column in plan["fetched_columns"]]
        fetched = f"{len(names)} of {fetched}: {', '.join(names)}"
    expect(f"{name}, columns", text["fetched"], fetched)
    # The explanation alone does not look at y.
    expect(f"{name}, some columns", "fetched_columns" in plan, name == "explain")


def check_train(plan):
    features = 2
    columns = features + 1 + 1 + 1 + 2  # label, weight, mark of the split, a double that waits to be standardized
    memory = plan["memory"]
    expect("bytes of a row", memory["page_bytes_per_row"], 4 * columns)
    expect("bytes of pages", memory["page_bytes"], 4000 * 4 * columns)
    expect("bytes of the engine", memory["engine_bytes"], 4000 * (2 * features + 40 + 16))
    expect("threads", plan["threads"], 2)
    expect("writes", plan["writes"], ["main.quern_models", "main.quern_model_chunks"])
    expect("features", [f["name"] for f in plan["features"]], ["standardize(x)", "c"])
    expect("parameters", {p["name"]: p["value"] for p in plan["engine"]["parameters"]},
           {"booster": "gbtree", "max_depth": "3", "nthread": "2", "tree_method": "hist", "seed": "0"})
    if not plan["query"].endswith("ORDER BY x"):
        raise SystemExit(f"FAILED: the query as the database gets it: {plan['query']}")


def main(program):
    for name, statement in STATEMENTS.items():
        answer = rows_of(program, f"EXPLAIN (FORMAT JSON) {statement}")
        expect(f"{name}, rows of the answer", len(answer), 1)
        plan = json.loads(answer[0])
        check_both(name, plan, lines_of(rows_of(program, f"EXPLAIN PLAN {statement}")))
        expect(f"{name}, rows", plan["estimated_rows"], 4000)
        expect(f"{name}, MySQL's form", rows_of(program, f"EXPLAIN FORMAT = JSON {statement}"), answer)
        if name == "train":
            check_train(plan)
    expect("a statement of one step", json.loads(rows_of(program, "EXPLAIN (FORMAT JSON) SHOW MODELS")[0]),
           {"statement": "show models"})
    print("the JSON of 4 plans says what their text says")


if __name__ == "__main__":
    main(sys.argv[1])
