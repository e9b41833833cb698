#!/usr/bin/env python3
"""KMeans, PCA and their evaluation against scikit-learn, on tables made up anew for each seed.

clusters.py PROGRAM

What must be equal: silhouettes, inertia and the Rand index of the clusters that we predict, components, their
shares of the variance, what they give back. What must be as good: the inertia that k-means ends with.
"""

import csv
import io
import sys

from quern_cli import Failures, Workplace

try:
    import numpy
    from sklearn.cluster import KMeans
    from sklearn.decomposition import PCA
    from sklearn.metrics import adjusted_rand_score, mean_squared_error, r2_score, silhouette_samples
except ImportError:
    print("SKIPPED: Python has no scikit-learn")
    sys.exit(0)

SEEDS = range(6)


def made_up(seed):
    """Rows about a few centres, columns of different size, and the centre that each row came from."""
    random = numpy.random.default_rng(seed)
    rows, columns, parts = int(random.integers(40, 400)), int(random.integers(2, 9)), int(random.integers(2, 7))
    centres = random.normal(0, 3, (parts, columns))
    origin = random.integers(0, parts, rows)
    table = (centres[origin] + random.normal(0, 1, (rows, columns))) * random.uniform(0.1, 50, columns) + random.normal(0, 9, columns)
    return table, origin, parts


class Table:
    def __init__(self, place, failures):
        self.place = place
        self.failures = failures

    def query(self, text):
        done = self.place.run("--db", "duckdb:t.duckdb", "--csv", "-e", text)
        self.failures.expect(done.returncode == 0, f"{text}\n{done.stderr}")
        return list(csv.DictReader(io.StringIO(done.stdout)))

    def write(self, rows, origin):
        with open(self.place.path / "t.csv", "w", newline="", encoding="utf-8") as file:
            out = csv.writer(file)
            out.writerow(["id", "origin", *(f"c{i}" for i in range(rows.shape[1]))])
            for number, (row, part) in enumerate(zip(rows, origin)):
                out.writerow([number, part, *map(repr, map(float, row))])
        self.query("CREATE OR REPLACE TABLE t AS SELECT * FROM 't.csv' ORDER BY id")


def close(a, b, tolerance=1e-5):
    return numpy.allclose(numpy.asarray(a, float), numpy.asarray(b, float), rtol=tolerance, atol=tolerance)


def check_clusters(table, seed, points, origin, parts, expect):
    table.query(f"SELECT * EXCLUDE (id, origin) FROM t TO TRAIN KMeans WITH n_clusters = {parts}, seed = {seed} INTO m")
    rows = table.query("SELECT * FROM t TO PREDICT WITH predict.distance = true USING m")
    found = numpy.array([int(r["cluster"]) for r in sorted(rows, key=lambda r: int(r["id"]))])
    centres = numpy.array([points[found == c].mean(axis=0) for c in range(parts)])
    distances = numpy.linalg.norm(points - centres[found], axis=1)
    judged = table.query("SELECT * FROM t TO EVALUATE m LABEL origin")[0]
    theirs = KMeans(parts, n_init=10, random_state=seed).fit(points).inertia_
    samples = silhouette_samples(points, found)
    expect(float(judged["inertia"]) <= theirs * 1.01, f"inertia {judged['inertia']}, scikit-learn's {theirs}")
    expect(close(judged["inertia"], (distances**2).sum(), 1e-3), f"inertia {judged['inertia']} of {(distances**2).sum()}")
    expect(close(judged["silhouette"], samples.mean()), f"silhouette {judged['silhouette']} of {samples.mean()}")
    rand = adjusted_rand_score(origin, found)
    expect(close(judged["adjusted_rand"], rand), f"adjusted_rand {judged['adjusted_rand']} of {rand}")
    for row in table.query("SELECT * FROM t TO EVALUATE m WITH evaluate.report = per_cluster"):
        inside = found == int(row["cluster"])
        expect(int(row["rows"]) == inside.sum(), f"rows of {row}")
        expect(close(row["silhouette"], samples[inside].mean()), f"silhouette of {row}")


def check_components(table, seed, points, expect):
    count = 1 + seed % points.shape[1]
    table.query(f"SELECT * EXCLUDE (id, origin) FROM t TO TRAIN PCA WITH n_components = {count} INTO p")
    model = PCA(count).fit(points)
    for row in table.query("SELECT * FROM t TO EXPLAIN p"):
        component = int(row["component"]) - 1
        theirs = model.components_[component]
        sign = 1 if theirs[abs(theirs).argmax()] > 0 else -1
        expect(close(row["loading"], sign * theirs[int(row["feature"][1:])], 1e-4), f"loading of {row}")
        expect(close(row["explained_variance_ratio"], model.explained_variance_ratio_[component]), f"share of {row}")
    judged = table.query("SELECT * FROM t TO EVALUATE p")[0]
    back = model.inverse_transform(model.transform(points))
    expect(close(judged["reconstruction_error"], mean_squared_error(points, back)), f"{judged}")
    expect(close(judged["explained_variance_ratio"], r2_score(points, back, multioutput="variance_weighted")), f"{judged}")


def main():
    failures = Failures()
    for seed in SEEDS:
        rows, origin, parts = made_up(seed)
        points = (rows - rows.mean(axis=0)) / rows.std(axis=0)
        expect = lambda condition, text, seed=seed: failures.expect(condition, f"seed {seed}: {text}")  # noqa: E731
        with Workplace(sys.argv[1]) as place:
            table = Table(place, failures)
            table.write(rows, origin)
            check_clusters(table, seed, points, origin, parts, expect)
            check_components(table, seed, points, expect)
    return failures.report("clusters")


if __name__ == "__main__":
    sys.exit(main())
