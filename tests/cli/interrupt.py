#!/usr/bin/env python3
"""Ctrl-C: a long statement ends within a second with Q4001 and leaves nothing behind."""

import signal
import subprocess
import time

from checking import TRAIN, main

#: How long a statement may go on after the signal. The rule is one second; a busy machine gets more.
PATIENCE = 5.0


def busy(pid):
    """Seconds of processor time that a process has used."""
    fields = open(f"/proc/{pid}/stat", encoding="utf-8").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def interrupted(check, name, sql, ready):
    """Runs sql, sends SIGINT once `ready` says that it is under way, and takes the time to its end."""
    process = check.start("--db", "duckdb:i.duckdb", "--csv", "-e", sql, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE)
    end = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < end and not ready(process):
        time.sleep(0.01)
    check.true(f"{name} is under way", process.poll() is None)
    sent = time.monotonic()
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=120)[1]
    took = time.monotonic() - sent
    check.equal(f"status of {name}", process.returncode, 1)
    check.true(f"{name} says Q4001", b"error[Q4001]" in said, said)
    check.true(f"{name} ends at once: {took:.2f} s", took < PATIENCE)


def a_long_query(check):
    interrupted(check, "a query", "SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b",
                lambda process: busy(process.pid) > 0.5)


def a_long_scan(check):
    interrupted(check, "reading training rows",
                "SELECT a.range AS x, b.range % 2 AS y FROM range(1000000) a, range(1000000) b "
                "TO TRAIN xgboost.gbtree LABEL y INTO m", lambda process: busy(process.pid) > 0.5)


def training(process):
    maps = open(f"/proc/{process.pid}/maps", encoding="utf-8").read()
    return "libxgboost" in maps and busy(process.pid) > 1


def a_long_search(check):
    interrupted(check, "a search", TRAIN.replace("num_round = 3", "num_round = 50, eta = RANGE(0.1, 0.3), tune.trials = 9000"),
                training)


def a_long_training(check):
    interrupted(check, "a training", TRAIN.replace("num_round = 3", "num_round = 1000000"), training)


def a_long_prediction(check):
    check.equal("training", check.run("--db", "duckdb:i.duckdb", "-e", TRAIN).returncode, 0)
    interrupted(check, "a prediction",
                "SELECT a.range AS x FROM range(1000000) a, range(1000000) b TO PREDICT p.guess USING m",
                lambda process: busy(process.pid) > 0.5)


def a_long_explanation(check):
    rows = "SELECT a.range AS x, b.range % 2 AS y FROM range(1000000) a, range(1000000) b "
    for name, explain in (("SHAP values", "TO EXPLAIN m INTO why"), ("a permutation", "TO EXPLAIN m USING permutation")):
        interrupted(check, name, rows + explain, lambda process: busy(process.pid) > 0.5)


def a_long_write(check):
    """Rows of the user's own transaction are held back until all are read, then written."""
    interrupted(check, "a transaction",
                "BEGIN; SELECT a.range AS x FROM range(1000000) a, range(1000000) b TO PREDICT p.guess USING m",
                lambda process: busy(process.pid) > 0.5)


def a_long_evaluation(check):
    interrupted(check, "an evaluation",
                "SELECT a.range AS x, 0 AS y FROM range(1000000) a, range(1000000) b TO EVALUATE m INTO q",
                lambda process: busy(process.pid) > 0.5)


def nothing_is_left(check):
    done = check.run("--db", "duckdb:i.duckdb", "--csv", "-e",
                     "SELECT table_name FROM duckdb_tables() ORDER BY 1; SELECT version FROM quern_models")
    check.equal("tables and versions", done.stdout,
                b"table_name\nquern_model_chunks\nquern_models\nversion\n1\n")


if __name__ == "__main__":
    main(a_long_query, a_long_scan, a_long_training, a_long_prediction, a_long_explanation, a_long_evaluation,
         a_long_write, nothing_is_left, a_long_search)
