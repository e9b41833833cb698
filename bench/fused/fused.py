#!/usr/bin/env python3
"""Features and a logistic regression over 400,000 rows: 20 numbers are standardized, 8 cut into buckets, two texts one-hot
(20 and 200 values). scikit-learn fits it as a ColumnTransformer and LogisticRegression over a pandas frame and scores it with
one thread; Quern's compiled code scores the same columns with the same weights. First the margins must agree within 1e-4,
which is what float32 leaves; then both run alternately.
"""

import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import warnings

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from sklearn.compose import ColumnTransformer  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import KBinsDiscretizer, OneHotEncoder, StandardScaler  # noqa: E402

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from measuring import spread  # noqa: E402

ROWS = 400_000
RUNS = 5
GOAL = 40


def make_rows(rows, seed):
    dice = np.random.default_rng(seed)
    columns = {f"scaled{i}": dice.normal(i, 1 + i / 3, rows) for i in range(20)}
    columns |= {f"cut{i}": dice.exponential(1 + i, rows) for i in range(8)}
    columns |= {"town": np.array([f"town-{c:02}" for c in range(20)], object)[dice.integers(0, 20, rows)],
                "product": np.array([f"product number {c:03}" for c in range(200)], object)[dice.integers(0, 200, rows)]}
    return pd.DataFrame(columns)


def fit(rows):
    scaled = [c for c in rows if c.startswith("scaled")]
    cut = [c for c in rows if c.startswith("cut")]
    columns = ColumnTransformer([("scale", StandardScaler(), scaled),
                                 ("bucket", KBinsDiscretizer(8, encode="ordinal", strategy="quantile"), cut),
                                 ("text", OneHotEncoder(), ["town", "product"])])
    dice = np.random.default_rng(3)
    label = (rows[scaled].to_numpy() @ dice.normal(size=20) + rows["cut0"] + (rows["town"] > "town-09")) > 3
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return make_pipeline(columns, LogisticRegression(max_iter=30)).fit(rows, label)


def write_pipeline(model, rows, folder):
    columns, regression = model.steps[0][1], model.steps[1][1]
    lines = []
    for (name, step, names) in columns.transformers_:
        for i, column in enumerate(names):
            if name == "scale":
                lines.append(f"scale {column} {step.mean_[i]!r} {step.scale_[i]!r}")
            elif name == "bucket":
                inner = " ".join(repr(float(edge)) for edge in step.bin_edges_[i][1:-1])
                lines.append(f"bucket {column} {inner}")
            else:
                lines.append(f"text {column} " + " ".join(v.replace(" ", "_") for v in step.categories_[i]))
    weights = [regression.intercept_[0], *regression.coef_[0]]
    lines.append("weights " + " ".join(repr(float(w)) for w in weights))
    (folder / "pipeline").write_text("\n".join(lines) + "\n")
    for column in rows:
        if rows[column].dtype == object:
            (folder / column).write_text("".join(v.replace(" ", "_") + "\n" for v in rows[column]))
        else:
            rows[column].to_numpy().tofile(folder / column)


def run_ours(program, folder, runs):
    out = subprocess.run([program, folder, str(runs)], check=True, capture_output=True, text=True).stdout
    return [float(line) for line in out.split()]


def main():
    program = pathlib.Path(sys.argv[1]) / "fused_speed"
    model = fit(make_rows(50_000, 1))
    rows = make_rows(ROWS, 2)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write_pipeline(model, rows, folder)
        run_ours(program, folder, 1)
        ours = np.fromfile(folder / "margins", np.float32)
        theirs = model.decision_function(rows)
        worst = np.max(np.abs(ours - theirs) / np.maximum(1, np.abs(theirs)))
        if worst > 1e-4:
            raise SystemExit(f"the margins differ by {worst}")
        ratios, times = [], []
        for _ in range(RUNS):
            start = time.perf_counter()
            model.decision_function(rows)
            peer = time.perf_counter() - start
            times.append(min(run_ours(program, folder, 3)))
            ratios.append(peer / times[-1])
    met = "met" if statistics.median(ratios) >= GOAL else "NOT met"
    print(f"compiled: {spread([t * 1e9 / ROWS for t in times], 1)} ns a row, times scikit-learn's speed: "
          f"{spread(ratios, 1)} (goal: at least {GOAL}, {met})")


if __name__ == "__main__":
    main()
