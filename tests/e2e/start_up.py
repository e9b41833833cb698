#!/usr/bin/env python3
"""Asserts what is mapped when: nothing heavy before a statement needs it.

The loader's own log (LD_DEBUG=files) names every object it opens, those of dlopen included.
"""

import sys

from quern_cli import Failures, Workplace

HEAVY = ("libLLVM", "libtorch", "libxgboost", "libduckdb", "libpq", "quern_")
TRAIN = "SELECT * FROM 'iris.csv' TO TRAIN xgboost.gbtree WITH num_round = 2 LABEL species INTO m"
PREDICT = "SELECT * FROM 'iris.csv' TO PREDICT USING m"
TRAIN_NETWORK = "SELECT * FROM 'iris.csv' TO TRAIN DNNClassifier WITH train.epoch = 2 LABEL species INTO n"
PREDICT_NETWORK = "SELECT * FROM 'iris.csv' TO PREDICT USING n"


def heavy(names):
    return sorted(n for n in names if n.startswith(HEAVY))


def main(program):
    failures = Failures()
    with Workplace(program) as place:
        for option in ("--help", "--version"):
            done, names = place.mapped(option)
            failures.expect(done.returncode == 0, f"{option} ends with {done.returncode}")
            failures.expect(names, f"{option}: the loader's log is empty, so this test sees nothing")
            failures.expect(not heavy(names), f"{option} maps {heavy(names)}")

        # The statement that needs DuckDB maps it: the log would have shown it above, too.
        done, names = place.mapped("-e", "SELECT 1")
        failures.expect(done.returncode == 0, f"SELECT 1 fails: {done.stderr}")
        failures.expect(any(n.startswith("libduckdb") for n in names), "SELECT 1 without libduckdb?")
        others = [n for n in heavy(names) if not n.startswith(("libduckdb", "quern_duckdb"))]
        failures.expect(not others, f"SELECT 1 maps {others}")

        done, names = place.mapped("-e", TRAIN)
        failures.expect(done.returncode == 0, f"training fails: {done.stderr}")
        failures.expect(any(n.startswith("libxgboost") for n in names), "training without libxgboost?")
        torch = [n for n in heavy(names) if n.startswith(("libtorch", "quern_torch"))]
        failures.expect(not torch, f"training with XGBoost maps {torch}")

        done, names = place.mapped("-e", PREDICT)
        failures.expect(done.returncode == 0, f"prediction fails: {done.stderr}")
        others = [n for n in heavy(names) if not n.startswith(("libduckdb", "quern_duckdb"))]
        failures.expect(not others, f"prediction maps {others}")

        # A build without LibTorch lacks the plug-in; then there is nothing to map.
        done, names = place.mapped("-e", TRAIN_NETWORK)
        if "quern_torch" in done.stderr and done.returncode != 0:
            print("start-up: nothing to see of networks, for the plug-in that trains them was not built")
            return failures.report("start-up")
        failures.expect(done.returncode == 0, f"training a network fails: {done.stderr}")
        failures.expect(any(n.startswith("libtorch") for n in names), "a network without libtorch?")
        failures.expect(not any(n.startswith("libxgboost") for n in names), "a network maps libxgboost")

        done, names = place.mapped("-e", PREDICT_NETWORK)
        failures.expect(done.returncode == 0, f"predicting with a network fails: {done.stderr}")
        others = [n for n in heavy(names) if not n.startswith(("libduckdb", "quern_duckdb"))]
        failures.expect(not others, f"predicting with a network maps {others}")
    return failures.report("start-up")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
