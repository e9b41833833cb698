#!/usr/bin/env python3
"""How good networks with default settings are, which is no matter of time: the accuracy of DNNClassifier on
the iris data of the tests, seven tenths of the rows to learn from, and its area under the curve on 5,000 rows
of 20 numbers whose classes no line parts, against scikit-learn's MLPClassifier with its defaults on the same
rows, standardized. Medians over five seeds, of the rows and of the trainings. Goals: 0.95; at most 0.02 below
scikit-learn.

network_quality.py QUERN IRIS.CSV
"""

import csv
import pathlib
import statistics
import subprocess
import sys
import tempfile
import warnings

SEEDS = range(5)
ROWS = 5000


def quern(program, folder, sql):
    """The last column of the only row that the last statement gives."""
    done = subprocess.run([program, "--db", "duckdb::memory:", "--format", "csv", "-e", sql], cwd=folder,
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    return float(done.stdout.strip().split("\n")[-1].split(",")[-1])


def iris_accuracy(program, folder, path, seed):
    import numpy

    with open(path, newline="", encoding="utf-8") as file:
        header, *rows = list(csv.reader(file))
    order = numpy.random.default_rng(seed).permutation(len(rows))
    cut = len(rows) * 7 // 10
    for name, part in (("learn", order[:cut]), ("judge", order[cut:])):
        with open(folder / f"{name}.csv", "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([header, *(rows[i] for i in part)])
    return quern(program, folder,
                 f"SELECT * FROM 'learn.csv' TO TRAIN DNNClassifier WITH seed = {seed} LABEL species INTO m;"
                 "SELECT * FROM 'judge.csv' TO EVALUATE m WITH evaluate.metrics = [accuracy]")


def area(program, folder, seed):
    """Ours and scikit-learn's."""
    import numpy
    from sklearn.datasets import make_classification
    from sklearn.metrics import roc_auc_score
    from sklearn.neural_network import MLPClassifier
    from sklearn.preprocessing import StandardScaler

    x, y = make_classification(ROWS, 20, n_informative=10, n_redundant=4, n_clusters_per_class=4, flip_y=0.05,
                               class_sep=0.8, random_state=seed)
    cut = ROWS * 7 // 10
    for name, part in (("learn", slice(0, cut)), ("judge", slice(cut, ROWS))):
        table = numpy.column_stack([x[part], y[part]])
        head = ",".join([f"x{i}" for i in range(20)] + ["y"])
        numpy.savetxt(folder / f"{name}.csv", table, delimiter=",", header=head, comments="", fmt="%.9g")
    ours = quern(program, folder,
                 f"SELECT * FROM 'learn.csv' TO TRAIN DNNClassifier WITH seed = {seed} LABEL y INTO m;"
                 "SELECT * FROM 'judge.csv' TO EVALUATE m WITH evaluate.metrics = [roc_auc]")
    scaler = StandardScaler().fit(x[:cut])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = MLPClassifier(random_state=seed).fit(scaler.transform(x[:cut]), y[:cut])
    theirs = roc_auc_score(y[cut:], model.predict_proba(scaler.transform(x[cut:]))[:, 1])
    return ours, theirs


def main(program, iris):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        accuracies = [iris_accuracy(program, folder, iris, seed) for seed in SEEDS]
        median = statistics.median(accuracies)
        print(f"iris, accuracy: median {median:.3f}, least {min(accuracies):.3f} "
              f"(goal: at least 0.95, {'met' if median >= 0.95 else 'NOT met'})")
        pairs = [area(program, folder, seed) for seed in SEEDS]
        ours, theirs = (statistics.median(p[i] for p in pairs) for i in (0, 1))
        print(f"20 numbers, area under the curve: median {ours:.4f}, scikit-learn {theirs:.4f} "
              f"(goal: at most 0.02 below, {'met' if ours >= theirs - 0.02 else 'NOT met'})")


if __name__ == "__main__":
    main(str(pathlib.Path(sys.argv[1]).absolute()), pathlib.Path(sys.argv[2]).absolute())
