#!/usr/bin/env python3
"""EXPORT MODEL to ONNX: ONNX's checker accepts the file, and another runtime gives the predictions that Quern gives.

onnx_files.py PROGRAM

The other runtime is ONNX Runtime where Python has it, else onnx_graph.py.
"""

import csv
import datetime
import io
import math
import pathlib
import subprocess
import sys
import tempfile

ROWS = """
CREATE TABLE t AS SELECT i AS id, CASE WHEN i % 11 = 0 THEN NULL ELSE sin(i) * 3 END AS x, i % 13 - 4 AS k, i % 6 AS step, i % 3 = 0 AS flag,
  CASE WHEN i % 17 = 0 THEN NULL ELSE ['red', 'green', 'blüe', 'a longer name'][1 + i % 4] END AS colour,
  CASE WHEN i % 19 <> 0 THEN DATE '1895-12-20' + (i * 331)::INTEGER END AS day,
  TIMESTAMP '1969-02-25 23:59:59.999999' + i * INTERVAL '40 days 3 hours 17 minutes 1.5 seconds' AS moment, [i % 5, i % 7 * 0.5]::DOUBLE[] AS pair,
  CASE WHEN i % 13 <> 1 THEN array_to_string([(i * 3 + j * 7) % 10 FOR j IN range(i % 6)], ',') END AS ids,
  (i % 5) || ', ' || (i % 3 * 0.5) AS vector, CASE WHEN i % 7 > 0 THEN (i % 6) || ':' || (i % 4 * 0.25) || ' 9:1' END AS entries,
  i % 4 * 0.1 AS share, (i % 5 * 0.75)::DECIMAL(6, 2) AS fee, NULL::INTEGER AS nothing, [sin(i), cos(i)]::DOUBLE[] AS ahead,
  sin(i) > 0 AS yes, ['c', 'a', 'b'][1 + (i + i % 5) % 3] AS kind, 2 * sin(i) + i % 13 AS amount, i % 3 * 10 AS grade
FROM range(300) r(i);
"""

# name, label, what the model reads, the training.
MODELS = [
    ("two", "yes", "x, k, flag, colour", "xgboost.gbtree WITH num_round = 8, max_depth = 3"),
    ("many", "kind", "x, k, colour, pair", "xgboost.gbtree WITH num_round = 6, max_depth = 4"),
    ("grades", "grade", "x, k, colour", "xgboost.XGBClassifier WITH num_round = 6, max_depth = 4"),
    ("number", "amount", "x, k, flag, colour, pair", "xgboost.gbtree WITH num_round = 8"),
    ("counts", "k", "x, flag", "xgboost.gbtree WITH objective = 'count:poisson', num_round = 4"),
    ("hinge", "yes", "x, k", "xgboost.gbtree WITH objective = 'binary:hinge', num_round = 4"),
    ("dart", "amount", "x, k", "xgboost.dart WITH num_round = 6, rate_drop = 0.5, seed = 3"),
    ("linear", "amount", "x, k, flag", "xgboost.gblinear WITH num_round = 20"),
    ("functions", "amount", "x, k, step, colour",
     "xgboost.gbtree WITH num_round = 6 COLUMN BUCKET(LOG(IMPUTE(x, 2)), [-1, 0, 0.5]), STANDARDIZE(k), MINMAX(x), "
     "INDICATOR(CATEGORY_ID(step, 6)), QUANTILE_BUCKET(x, 4), colour"),
    ("dates", "amount", "x, day, moment", "xgboost.gbtree WITH num_round = 8, max_depth = 5"),
    ("date_line", "amount", "x, day, moment", "xgboost.gblinear WITH num_round = 5"),
    ("codes", "amount", "x, k, flag", "xgboost.gbtree WITH num_round = 6 COLUMN VOCABULARY(k, 12), VOCABULARY(flag, 2), x"),
    ("fractions", "amount", "share, fee, x", "xgboost.gbtree WITH num_round = 6 COLUMN VOCABULARY(share, 3), VOCABULARY(fee), x"),
    ("emptiness", "amount", "nothing, x", "xgboost.gbtree WITH num_round = 4 COLUMN VOCABULARY(nothing), x"),
    ("vectors", "amount", "vector, entries, x", "xgboost.gbtree WITH num_round = 6 COLUMN DENSE(vector, 2), SPARSE(entries, 10), x"),
    ("keys", "amount", "entries, x", "xgboost.gblinear WITH num_round = 8 COLUMN CATEGORY_ID(SPARSE(entries), 10), x"),
    ("margins", "amount", "x, k, step", "xgboost.gbtree WITH num_round = 4, base_margin = step COLUMN x, k"),
    ("line_margins", "amount", "x, k, step", "xgboost.gblinear WITH num_round = 10, base_margin = step COLUMN x, k"),
]
NETWORKS = [
    ("dnn", "kind", "x, k, flag, colour",
     "DNNClassifier WITH model.hidden_units = [8, 4], model.batch_norm = true, train.epoch = 3"),
    ("deep_number", "amount", "x, k, colour", "DNNRegressor WITH model.hidden_units = [8], train.epoch = 3"),
    ("bags", "kind", "vector, entries, x",
     "DNNClassifier WITH model.hidden_units = [6], train.epoch = 3 COLUMN vector, EMBEDDING(SPARSE(entries, 10), 3, mean), x"),
    ("plain_steps", "yes", "ids",
     "StackedRNNClassifier WITH model.model_type = rnn, model.stack_units = [6], train.epoch = 3 COLUMN SEQ_CATEGORY_ID(ids, 10, COMMA, 6)"),
    ("both_ways", "kind", "ids, x, colour, entries",
     "StackedRNNClassifier WITH model.model_type = lstm, model.stack_units = [6, 5], model.bidirectional = true, train.epoch = 3 "
     "COLUMN SEQ_CATEGORY_ID(ids, 10, COMMA, 6), x, colour, EMBEDDING(SPARSE(entries, 10), 2)"),
    ("gates", "kind", "ids",
     "StackedRNNClassifier WITH model.model_type = gru, model.stack_units = [5, 4, 3], train.epoch = 3 COLUMN SEQ_CATEGORY_ID(ids, 10, COMMA, 6)"),
    ("gates_both", "yes", "ids",
     "StackedRNNClassifier WITH model.model_type = gru, model.stack_units = [4], model.bidirectional = true, train.epoch = 3 "
     "COLUMN EMBEDDING(SEQ_CATEGORY_ID(ids, 10, COMMA, 8), 3)"),
    ("series", "amount", "x, k, step, share",
     "RNNBasedTimeSeriesModel WITH model.model_type = lstm, model.stack_units = [6, 4], model.n_features = 2, train.epoch = 3"),
    ("open_series", "amount", "k, x, x AS y, step",
     "RNNBasedTimeSeriesModel WITH model.model_type = gru, model.stack_units = [6], model.n_features = 2, standardize = false, train.epoch = 3"),
    ("two_ahead", "ahead", "x, k, step",
     "RNNBasedTimeSeriesModel WITH model.model_type = rnn, model.stack_units = [5], model.n_out = 2, train.epoch = 3"),
    ("flat", "yes", "x, k, colour", "LinearClassifier WITH train.epoch = 3"),
]
# name, what the model reads, the training: without a label.
UNLABELLED = [
    ("clusters", "x, k, colour", "KMeans WITH n_clusters = 4"),
    ("components", "x, k, flag, colour", "PCA WITH n_components = 3"),
]
UNLABELLED_NETWORKS = [
    ("encoding", "x, k, flag, colour", "AutoEncoder WITH hidden_units = [8], encoding_size = 2, train.epoch = 3"),
    ("deep_clusters", "x, k, colour", "DeepEmbeddingClusterModel WITH n_clusters = 3, pretrain_dims = [8, 2], pretrain_epochs = 3"),
]
# What has no operator in ONNX, and what the error says to do instead.
REFUSED = [
    ("crossed", "k, colour", "CROSS([colour, k], 16)", "make one text of the columns"),
    ("hashed", "colour", "CATEGORY_HASH(colour, 16)", "VOCABULARY"),
    ("words", "colour", "NGRAMS(colour, 1, 16)", "count them in the query"),
    ("two_ways", "vector", "DENSE(vector, 2), VOCABULARY(vector)", "under two names"),
]


class Quern:
    def __init__(self, program, folder):
        self.command = [program, "--db", "duckdb:t.duckdb", "--csv"]
        self.folder = folder

    def run(self, text, check=True):
        done = subprocess.run([*self.command, "-e", text], cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0 or not check, done.stderr
        return done

    def rows(self, text):
        return list(csv.DictReader(io.StringIO(self.run(text).stdout)))


def number_of(text):
    """Booleans are 0 and 1, dates days and timestamps microseconds since 1970."""
    numbers = {"": math.nan, "true": 1.0, "false": 0.0}
    if text in numbers:
        return numbers[text]
    try:
        return float(text)
    except ValueError:
        since = datetime.datetime.fromisoformat(text) - datetime.datetime(1970, 1, 1)
        return since / datetime.timedelta(microseconds=1) if ":" in text else float(since.days)


def numbers_of(text, width):
    """Those of a list, or of a text that is a vector, with keys or without: NaN where there is none."""
    out = [math.nan] * width
    for place, part in enumerate(text.strip("[]").replace(",", " ").split()):
        key, _, value = part.rpartition(":")
        out[int(key or place)] = float(value)
    return out


def inputs_of(model, rows, np):
    """The columns as the graph wants them: NULL is NaN, and of text ""."""
    out = {}
    for port in model.graph.input:
        texts = [row[port.name] for row in rows]
        kind = port.type.tensor_type
        width = kind.shape.dim[1].dim_value
        if kind.elem_type == 8:
            out[port.name] = np.array(texts, dtype=np.str_).reshape(-1, 1)
        elif width > 1:
            out[port.name] = np.array([numbers_of(text, width) for text in texts])
        else:
            out[port.name] = np.array([[number_of(t)] for t in texts])
    return out


def compute(path, model, inputs):
    try:
        import onnxruntime
    except ImportError:
        import onnx_graph

        return onnx_graph.run(model, inputs)
    session = onnxruntime.InferenceSession(str(path))
    inputs = {name: value.astype(object) if value.dtype.kind == "U" else value for name, value in inputs.items()}
    names = [port.name for port in session.get_outputs()]
    return dict(zip(names, session.run(names, inputs)))


def checked(quern, name, columns, np):
    """What the file answers for the table's rows."""
    import onnx

    path = quern.folder / f"{name}.onnx"
    model = onnx.load(str(path))
    onnx.checker.check_model(model, full_check=True)
    rows = quern.rows(f"SELECT {columns}, id FROM t")  # csv leaves out empty lines
    return compute(path, model, inputs_of(model, rows, np))


def compare(quern, name, label, columns, np):
    found = checked(quern, name, columns, np)
    if "prediction" in found:
        answers = quern.rows(f"SELECT {columns} FROM t TO PREDICT USING {name}")
        expected = [numbers_of(r[f"predicted_{label}"], found["prediction"].shape[1]) for r in answers]
        np.testing.assert_allclose(found["prediction"], expected, rtol=2e-5, atol=2e-5, err_msg=name)
        return
    proba = "probabilities" in found
    words = "WITH predict.proba = true " if proba else ""
    expected = quern.rows(f"SELECT {columns} FROM t TO PREDICT {words}USING {name}")
    classes = {"true": 1, "false": 0}
    texts = [r[f"predicted_{label}"] for r in expected]
    labels = [str(classes.get(t, t)) for t in texts]
    if proba:
        prefix = f"predicted_{label}_prob_"
        columns = [c for c in expected[0] if c.startswith(prefix)]
        wanted = np.array([[float(r[c]) for c in columns] for r in expected])
        np.testing.assert_allclose(found["probabilities"], wanted, rtol=2e-5, atol=2e-6, err_msg=name)
        two = np.sort(wanted, axis=1)
        sure = two[:, -1] - two[:, -2] > 1e-4  # sums in another order may tip a draw
    else:
        sure = np.ones(len(labels), dtype=bool)
    differ = [i for i in np.flatnonzero(sure) if str(found["label"][i]) != labels[i]]
    assert not differ, (name, differ[:5])


def compare_unlabelled(quern, name, columns, np):
    """Clusters are equal; numbers are equal but for rounding."""
    found = checked(quern, name, columns, np)
    answers = quern.rows(f"SELECT {columns} FROM t TO PREDICT USING {name}")
    if "prediction" in found:
        column = "encoding" if name == "encoding" else "components"
        expected = [numbers_of(r[column], found["prediction"].shape[1]) for r in answers]
        np.testing.assert_allclose(found["prediction"], expected, rtol=2e-5, atol=2e-5, err_msg=name)
    else:
        assert [int(c) for c in found["label"]] == [int(r["cluster"]) for r in answers], name


def main(program):
    try:
        import numpy as np
        import onnx  # noqa: F401
    except ImportError:
        print("SKIPPED: python3-onnx is not installed")
        return
    with tempfile.TemporaryDirectory() as name:
        quern = Quern(program, pathlib.Path(name))
        quern.run(ROWS)
        models, unlabelled = list(MODELS), list(UNLABELLED)
        if (pathlib.Path(program).parent.parent / "lib" / "quern_torch.so").exists():
            models += NETWORKS
            unlabelled += UNLABELLED_NETWORKS
        for model, label, columns, how in models:
            where = "WHERE k >= 0" if model == "counts" else ""
            quern.run(f"SELECT {columns}, {label} FROM t {where} TO TRAIN {how} LABEL {label} INTO {model};"
                      f"EXPORT MODEL {model} TO '{model}.onnx'")
            compare(quern, model, label, columns, np)
        for model, columns, how in unlabelled:
            quern.run(f"SELECT {columns} FROM t TO TRAIN {how} INTO {model}; EXPORT MODEL {model} TO '{model}.onnx'")
            compare_unlabelled(quern, model, columns, np)
        for model, columns, features, instead in REFUSED:
            done = quern.run(f"SELECT {columns}, amount FROM t TO TRAIN xgboost.gbtree WITH num_round = 2 COLUMN {features} LABEL amount "
                             f"INTO {model}; EXPORT MODEL {model} TO '{model}.onnx'", check=False)
            assert done.returncode == 1 and "Q1090" in done.stderr and instead in done.stderr, done.stderr
            assert not (quern.folder / f"{model}.onnx").exists()
        again = quern.run("EXPORT MODEL two TO 'two.onnx'", check=False)
        assert "Q5011" in again.stderr, again.stderr
        print(f"{len(models) + len(unlabelled)} models: ok")


if __name__ == "__main__":
    main(sys.argv[1])
