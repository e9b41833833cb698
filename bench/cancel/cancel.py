#!/usr/bin/env python3
"""How long a statement goes on after Ctrl-C, at random moments of its run.

A table of two million rows and 22 columns is described, read, fitted, trained on, evaluated, scored into a table
and explained; each statement is run once whole and then interrupted at moments spread over its run. First the
answer: each interrupted run must say Q4001 and end with status 1, and afterwards the tables and models must be
those from before. Then the seconds from the signal to the end of the process are printed by the stage that was
last heard of, its own start-up and the time to close the database included.
"""

import json
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from measuring import spread, verdict  # noqa: E402  pylint: disable=wrong-import-position

ROWS, COLUMNS, MOMENTS, GOAL = 2_000_000, 20, 12, 1.0
SET_UP = ("CREATE TABLE t AS SELECT " +
          ", ".join(f"(hash(i * {COLUMNS} + {c}) % 100000)::FLOAT AS f{c}" for c in range(COLUMNS)) +
          f", chr(65 + (hash(i) % 26)::INTEGER) AS word, (hash(i + 7) % 2)::INTEGER AS y FROM range({ROWS}) r(i); "
          "FROM t LIMIT 100000 TO TRAIN xgboost.gbtree WITH num_round = 20 LABEL y INTO m;")
STATEMENTS = {
    "train": "FROM t TO TRAIN xgboost.gbtree WITH num_round = 10, class_weight = balanced LABEL y INTO m",
    "evaluate": "FROM t TO EVALUATE m",
    "predict": "FROM t TO PREDICT p.guess USING m",
    "explain": "FROM t LIMIT 200000 TO EXPLAIN m INTO why",
    "permute": "FROM t LIMIT 20000 TO EXPLAIN m USING permutation",
}
LOOK = "SELECT table_name FROM duckdb_tables() ORDER BY 1; SELECT name, version FROM quern_models ORDER BY ALL"


def start(program, folder, sql):
    command = [program, "--db", "duckdb:c.duckdb", "--log", "json", "--format", "csv", "-e", sql]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run(program, folder, sql):
    process = start(program, folder, sql)
    out, said = process.communicate()
    if process.returncode != 0:
        raise SystemExit(said)
    return out


def last_stage(said):
    """The stage of the last progress event; before the first one a statement is being described."""
    events = [json.loads(line) for line in said.splitlines()]
    stages = [event["stage"] for event in events if event["event"] == "progress"]
    return stages[-1] if stages else "begin"


def interrupt(program, folder, sql, moment):
    """Seconds from the signal to the end, and the stage; None where the run was over before."""
    process = start(program, folder, sql)
    try:
        process.wait(moment)
    except subprocess.TimeoutExpired:
        pass
    sent = time.perf_counter()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    took = time.perf_counter() - sent
    ends = [json.loads(line) for line in said.splitlines() if '"statement_end"' in line]
    if any(end["ok"] for end in ends):  # the signal came too late for it
        return None
    if process.returncode in (130, -signal.SIGINT) and not said:  # nothing had begun yet
        return "start-up", took
    if process.returncode != 1 or "Q4001" not in said:
        raise SystemExit(f"status {process.returncode} after Ctrl-C:\n{said}")
    return last_stage(said), took


def main(program):
    dice = random.Random(7)
    took = {}
    with tempfile.TemporaryDirectory(prefix="quern-cancel-") as folder:
        run(program, folder, SET_UP)
        before = run(program, folder, LOOK)
        for name, sql in STATEMENTS.items():
            begun = time.perf_counter()
            run(program, folder, sql + ("; DROP TABLE IF EXISTS p; DROP TABLE IF EXISTS why; DROP MODEL m@2"
                                        if name == "train" else "; DROP TABLE IF EXISTS p; DROP TABLE IF EXISTS why"))
            whole = time.perf_counter() - begun
            for i in range(MOMENTS):
                found = interrupt(program, folder, sql, whole * (i + dice.random()) / MOMENTS)
                if found is None:
                    run(program, folder, "DROP TABLE IF EXISTS p; DROP TABLE IF EXISTS why; DROP MODEL IF EXISTS m@2")
                    continue
                took.setdefault((name, found[0]), []).append(found[1])
        if run(program, folder, LOOK) != before:
            raise SystemExit("an interrupted statement left something behind")
    print(f"{ROWS} rows x {COLUMNS + 2}; seconds to the end, median [least, largest]; nothing was left behind")
    for (name, stage), seconds in took.items():
        print(f"{name:9}in {stage:9} {spread(seconds)}  of {len(seconds)}")
    print(f"slowest                {max(max(s) for s in took.values()):.2f}  "
          f"{verdict(max(max(s) for s in took.values()), GOAL)}")


if __name__ == "__main__":
    main(str(pathlib.Path(sys.argv[1]).resolve()))
