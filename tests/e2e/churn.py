#!/usr/bin/env python3
"""Runs examples/sql/churn.sql, from a CSV to scored customers, and works its metrics out again from the scores."""

import csv
import io
import math
import shutil
import subprocess
import sys

from quern_cli import ROOT, Failures, Workplace

DATA = ROOT / "examples/data/churn.csv"
DATABASE = ("--db", "duckdb:churn.duckdb")


def table(place, sql):
    done = place.run(*DATABASE, "--format", "csv", "-e", sql)
    return list(csv.DictReader(io.StringIO(done.stdout)))


def share(parts, whole):
    return sum(parts) / len(whole)


def roc_auc(scored):
    """The share of pairs of one who left and one who did not that the scores order rightly."""
    left = [p for p, y in scored if y]
    stayed = [p for p, y in scored if not y]
    return sum((a > b) + (a == b) / 2 for a in left for b in stayed) / len(left) / len(stayed)


def metrics(scored):
    """By the definitions: accuracy at one half, precision, recall, log loss, Brier score, area under the curve."""
    right = sum((p > 0.5) == y for p, y in scored)
    called = [y for p, y in scored if p > 0.5]
    left = [p for p, y in scored if y]
    return {
        "rows": len(scored),
        "accuracy": right / len(scored),
        "precision": share(called, called),
        "recall": sum(p > 0.5 for p in left) / len(left),
        "log_loss": share([-math.log(p if y else 1 - p) for p, y in scored], scored),
        "brier_score": share([(p - y) ** 2 for p, y in scored], scored),
        "roc_auc": roc_auc(scored),
    }


def check_metrics(place, failures):
    found = table(place, "SELECT * FROM churn_quality")[0]
    rows = table(place, "SELECT leaves_prob_true AS p, churned FROM churn_scored WHERE customer % 4 = 0")
    scored = [(float(row["p"]), row["churned"] == "true") for row in rows]
    for name, value in metrics(scored).items():
        failures.expect(abs(float(found[name]) - value) < 1e-6,
                        f"{name} is {found[name]}, but worked out from the scores {value}")
    # A model that knew nothing would have an area of one half and call nobody.
    failures.expect(float(found["roc_auc"]) > 0.75, f"the model has learned too little: {found}")


def check_scores(place, failures):
    rows = table(place, "SELECT * FROM churn_scored")
    failures.expect(len(rows) == 600, f"{len(rows)} customers are scored")
    names = ["customer", "plan", "months", "churned", "leaves", "leaves_prob", "leaves_prob_false", "leaves_prob_true"]
    failures.expect(list(rows[0]) == names, f"the scores have the columns {list(rows[0])}")
    wrong = [row for row in rows if (float(row["leaves_prob_true"]) >= 0.3) != (row["leaves"] == "true")]
    failures.expect(not wrong, f"the threshold is not kept: {wrong[:3]}")


def main(program):
    failures = Failures()
    made = subprocess.run([sys.executable, ROOT / "examples/data/make_churn.py"], capture_output=True, text=True,
                          timeout=60, check=True).stdout
    failures.expect(made == DATA.read_text(encoding="utf-8"), "make_churn.py prints another churn.csv")
    with Workplace(program) as place:
        shutil.copy(DATA, place.path)
        shutil.copy(ROOT / "examples/sql/churn.sql", place.path)
        done = place.run(*DATABASE, "-f", "churn.sql")
        failures.expect(done.returncode == 0, f"churn.sql ends with {done.returncode}:\n{done.stdout}{done.stderr}")
        if done.returncode == 0:
            check_metrics(place, failures)
            check_scores(place, failures)
    return failures.report("churn")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
