#!/usr/bin/env python3
"""IMPORT MODEL from ONNX: what others' converters write predicts as another runtime computes it, files of ours come back
as they were, and what is not read or damaged ends in an error that names it.

onnx_import.py PROGRAM

The other runtime is ONNX Runtime where Python has it, else onnx_graph.py. Files are made here, node by node, in the
shapes that skl2onnx, onnxmltools and torch.onnx give them.
"""

import math
import pathlib
import random
import subprocess
import sys
import tempfile

from onnx_files import MODELS, NETWORKS, ROWS, Quern, compute

COLUMNS = ["f0", "f1", "f2"]


def make_rows(np):
    """Numbers that meet thresholds now and then, and some that are missing."""
    draw = random.Random(7)
    rows = [[draw.choice([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.5, draw.uniform(-3, 3)]) for _ in COLUMNS] for _ in range(200)]
    missing = [[math.nan if draw.random() < 0.15 else v for v in row] for row in rows]
    return np.array(rows, dtype=np.float32), np.array(missing, dtype=np.float32)


class Maker:
    """Makes files. `features`: columns of the one input."""

    def __init__(self, folder, np):
        import onnx

        self.onnx, self.folder, self.np = onnx, folder, np
        self.draw = random.Random(1)

    def node(self, op, inputs, outputs, domain="", **attributes):
        return self.onnx.helper.make_node(op, inputs, outputs, domain=domain, **attributes)

    def ml(self, op, inputs, outputs, **attributes):
        return self.node(op, inputs, outputs, "ai.onnx.ml", **attributes)

    def save(self, name, nodes, constants=(), outputs=("y",), inputs=(("x", 3),), text_label=False):
        h, types = self.onnx.helper, self.onnx.TensorProto
        ports = [h.make_tensor_value_info(n, getattr(types, *kind) if kind else types.FLOAT, [None, width])
                 for n, width, *kind in inputs]
        kinds = [types.STRING if o == "label" and text_label else types.INT64 if o == "label" else types.FLOAT for o in outputs]
        ends = [h.make_tensor_value_info(o, kind, None) for o, kind in zip(outputs, kinds)]
        held = [self.onnx.numpy_helper.from_array(self.np.asarray(v), n) for n, v in constants]
        graph = h.make_graph(nodes, name, ports, ends, held)
        model = h.make_model(graph, opset_imports=[h.make_opsetid("", 15), h.make_opsetid("ai.onnx.ml", 3)])
        model.ir_version = 8
        self.onnx.save(model, str(self.folder / f"{name}.onnx"))
        return model

    def numbers(self, *shape):
        return self.np.array([self.draw.uniform(-1, 1) for _ in range(math.prod(shape))], dtype=self.np.float32).reshape(shape)

    def trees(self, leaf, outputs, modes, count=5, depth=3, positive=False, shares=False, features=3):
        """Full trees whose nodes stand in no particular order behind the root, which ONNX Runtime takes the first to be."""
        lists = {k: [] for k in ("treeids", "nodeids", "featureids", "values", "modes", "truenodeids", "falsenodeids",
                                 "missing_value_tracks_true")}
        leaves = {k: [] for k in ("treeids", "nodeids", "ids", "weights")}
        for tree in range(count):
            size = 2 ** (depth + 1) - 1
            order = list(range(1, size))
            self.draw.shuffle(order)
            for n in [0, *order]:
                is_leaf = 2 * n + 1 >= size
                values = (tree, n, 0 if is_leaf else self.draw.randrange(features), 0.0 if is_leaf else self.draw.choice([-1.0, 0.0, 0.5, 1.0]),
                          "LEAF" if is_leaf else self.draw.choice(modes), 0 if is_leaf else 2 * n + 2, 0 if is_leaf else 2 * n + 1,
                          0 if is_leaf else self.draw.randrange(2))
                for key, value in zip(lists, values):
                    lists[key].append(value)
                if is_leaf:
                    weights = [self.draw.uniform(0 if positive or shares else -1, 1) for _ in range(outputs)]
                    if shares:
                        weights = [w / sum(weights) / count for w in weights]
                    for output, weight in enumerate(weights):
                        for key, value in zip(leaves, (tree, n, output, weight)):
                            leaves[key].append(value)
        return {**{f"nodes_{k}": v for k, v in lists.items()}, **{f"{leaf}_{k}": v for k, v in leaves.items()}}


LESS = ["BRANCH_LT", "BRANCH_LEQ"]
ANY = [*LESS, "BRANCH_GT", "BRANCH_GTE"]
TEXTS = ["low", "middle", "top"]


def tree_models(m):
    yield "sum", m.save("sum", [m.ml("TreeEnsembleRegressor", ["x"], ["y"], n_targets=1, base_values=[0.25],
                                     **m.trees("target", 1, ANY))]), ""
    yield "mean", m.save("mean", [m.ml("TreeEnsembleRegressor", ["x"], ["y"], n_targets=1, aggregate_function="AVERAGE",
                                       **m.trees("target", 1, LESS))]), ""
    yield "equal", m.save("equal", [m.ml("TreeEnsembleRegressor", ["whole"], ["y"], n_targets=1,
                                         **{**m.trees("target", 1, ["BRANCH_EQ", "BRANCH_NEQ", "BRANCH_LEQ"]),
                                            "nodes_values": [float(i % 4) for i in range(75)]})],
                          inputs=(("whole", 3),)), "WITH columns = [f0, f1, f2]"
    yield "exp", m.save("exp", [m.ml("TreeEnsembleRegressor", ["x"], ["m"], n_targets=1, **m.trees("target", 1, LESS)),
                                m.node("Exp", ["m"], ["y"])]), ""
    yield "two", m.save("two", [m.ml("TreeEnsembleClassifier", ["x"], ["label", "y"], classlabels_int64s=[0, 1],
                                     post_transform="LOGISTIC", base_values=[-0.5], **m.trees("class", 1, LESS))],
                        outputs=("label", "y")), ""
    yield "many", m.save("many", [m.ml("TreeEnsembleClassifier", ["x"], ["label", "p"], classlabels_strings=TEXTS,
                                       post_transform="SOFTMAX", base_values=[0.1, -0.2, 0.3], **m.trees("class", 3, ANY)),
                                  m.ml("ZipMap", ["p"], ["y"], classlabels_strings=TEXTS)],
                         outputs=("label", "p"), text_label=True), ""
    yield "shares", m.save("shares", [m.ml("TreeEnsembleClassifier", ["x"], ["label", "y"], classlabels_strings=TEXTS,
                                           post_transform="NONE", **m.trees("class", 3, LESS, shares=True))],
                           outputs=("label", "y"), text_label=True), ""
    # Without the label: where leaves score both of two classes, ONNX Runtime calls the second as soon as it has any share.
    yield "halves", m.save("halves", [m.ml("TreeEnsembleClassifier", ["x"], ["label", "y"], classlabels_int64s=[0, 1],
                                           post_transform="NONE", **m.trees("class", 2, LESS, shares=True))]), ""
    leaves = m.trees("class", 1, LESS, positive=True)
    leaves["class_weights"] = [weight / 5 for weight in leaves["class_weights"]]
    yield "half", m.save("half", [m.ml("TreeEnsembleClassifier", ["x"], ["label", "y"], classlabels_int64s=[0, 1],
                                       post_transform="NONE", **leaves)], outputs=("label", "y")), ""
    yield "scaled", m.save("scaled", [m.ml("Scaler", ["x"], ["s"], offset=[0.5, 0.0, -0.25], scale=[2.0, 0.5, 4.0]),
                                      m.ml("TreeEnsembleRegressor", ["s"], ["y"], n_targets=1, **m.trees("target", 1, LESS))]), ""


def linear_models(m):
    weights, bias = m.numbers(3, 3), m.numbers(3)
    yield "line", m.save("line", [m.ml("LinearRegressor", ["x"], ["y"], coefficients=weights[0], intercepts=[0.75])]), ""
    yield "filled", m.save("filled", [m.ml("Imputer", ["x"], ["i"], imputed_value_floats=[1.0, 2.0, 3.0],
                                           replaced_value_float=math.nan),
                                      m.ml("Scaler", ["i"], ["s"], offset=[0.5, 0.0, -0.25], scale=[2.0, 1.0, 4.0]),
                                      m.ml("LinearRegressor", ["s"], ["y"], coefficients=weights[0])]), ""
    yield "odds", m.save("odds", [m.ml("LinearClassifier", ["x"], ["label", "p"], coefficients=[*-weights[0], *weights[0]],
                                       intercepts=[-0.5, 0.5], classlabels_ints=[4, 7], post_transform="LOGISTIC"),
                                  m.ml("Normalizer", ["p"], ["y"], norm="L1")], outputs=("label", "y")), ""
    yield "logits", m.save("logits", [m.ml("LinearClassifier", ["x"], ["label", "y"], coefficients=weights.ravel(), intercepts=bias,
                                           classlabels_strings=TEXTS, post_transform="SOFTMAX")],
                           outputs=("label", "y"), text_label=True), ""


def network_models(m):
    a, b, c = m.numbers(3, 6), m.numbers(6), m.numbers(6, 1)
    three, bias = m.numbers(3, 6), m.numbers(3)
    yield "layers", m.save("layers", [m.node("MatMul", ["x", "a"], ["h"]), m.node("Add", ["h", "b"], ["g"]),
                                      m.node("Relu", ["g"], ["r"]), m.node("MatMul", ["r", "c"], ["y"])],
                           [("a", a), ("b", b), ("c", c)]), ""
    yield "norms", m.save("norms", [m.node("Flatten", ["x"], ["f"]), m.node("Gemm", ["f", "a", "b"], ["h"], alpha=0.5, beta=2.0),
                                    m.node("BatchNormalization", ["h", "s", "b", "m", "v"], ["n"], epsilon=0.01),
                                    m.node("Tanh", ["n"], ["t"]), m.node("Gemm", ["t", "three", "bias"], ["z"], transB=1),
                                    m.node("Softmax", ["z"], ["y"], axis=1)],
                          [("a", a), ("b", b), ("s", m.numbers(6)), ("m", m.numbers(6)), ("v", m.np.abs(m.numbers(6))),
                           ("three", three), ("bias", bias)]), ""
    yield "swish", m.save("swish", [m.node("MatMul", ["x", "a"], ["h"]), m.node("Sigmoid", ["h"], ["g"]), m.node("Mul", ["h", "g"], ["s"]),
                                    m.node("MatMul", ["s", "c"], ["z"]), m.node("Sigmoid", ["z"], ["y"])], [("a", a), ("c", c)]), ""
    yield "sums", m.save("sums", [m.node("MatMul", ["x", "a"], ["h"]), m.node("Elu", ["h"], ["g"]), m.node("MatMul", ["g", "c"], ["deep"]),
                                  m.node("MatMul", ["x", "w"], ["wide"]), m.node("Add", ["deep", "wide"], ["y"])],
                         [("a", a), ("c", c), ("w", m.numbers(3, 1))]), ""
    yield "scaled_net", m.save("scaled_net", [m.node("Sub", ["x", "mean"], ["d"]), m.node("Div", ["d", "by"], ["s"]),
                                              m.node("MatMul", ["s", "a"], ["h"]), m.node("Clip", ["h", "zero", "six"], ["g"]),
                                              m.node("Mul", ["g", "b"], ["k"]), m.node("MatMul", ["k", "c"], ["y"])],
                               [("mean", m.numbers(3)), ("by", m.np.abs(m.numbers(3)) + 0.5), ("a", 4 * a), ("b", b), ("c", c),
                                ("zero", m.np.float32(0)), ("six", m.np.float32(6))]), ""
    yield "apart", m.save("apart", [m.node("Concat", ["f2", "f0", "f1"], ["x"], axis=1), m.node("MatMul", ["x", "a"], ["h"]),
                                    m.node("Softplus", ["h"], ["g"]), m.node("MatMul", ["g", "c"], ["y"])],
                          [("a", a), ("c", c)], inputs=(("f0", 1), ("f1", 1), ("f2", 1))), ""
    yield "margins", m.save("margins", [m.node("Gemm", ["x", "a"], ["h"]), m.node("LeakyRelu", ["h"], ["g"], alpha=0.01),
                                        m.node("Gemm", ["g", "three", "bias"], ["y"], transB=1)],
                            [("a", a), ("three", three), ("bias", bias)]), "WITH label = kind, classes = ['low', 'middle', 'top']"


MIXED = (("f0", 1), ("f1", 1), ("city", 1, "STRING"), ("kind", 1, "STRING"), ("zone", 1, "INT64"), ("plz", 1, "INT64"))
CITIES = ["Wien", "Ulm", "Bern"]


def category_models(m):
    """Texts and whole numbers as categories, in the shapes that skl2onnx and torch.onnx give them."""
    def encoded(drop=None):
        nodes = [m.ml("OneHotEncoder", ["city"], ["city_1"], cats_strings=CITIES, zeros=1),
                 m.ml("OneHotEncoder", ["kind"], ["kind_1"], cats_strings=["b", "a"], zeros=1),
                 m.ml("OneHotEncoder", ["zone"], ["zone_1"], cats_int64s=[0, 1, 2, 3, 4], zeros=1),
                 m.ml("OneHotEncoder", ["plz"], ["plz_1"], cats_int64s=[80331, 10115], zeros=1)]
        if drop:
            nodes.append(m.node("Gather", ["city_1", "kept"], ["city_2"], axis=-1))
        texts = ["city_2" if drop else "city_1", "kind_1"]
        return [*nodes, m.node("Concat", texts, ["texts"], axis=-1), m.node("Reshape", ["texts", "wide"], ["t"]),
                m.node("Reshape", ["zone_1", "wide"], ["z"]), m.node("Reshape", ["plz_1", "wide"], ["p"]),
                m.node("Concat", ["f0", "f1"], ["n"], axis=1), m.node("Concat", ["n", "t", "z", "p"], ["x"], axis=1)]

    wide, scales = [("wide", m.np.array([0, -1]))], {"offset": m.numbers(14), "scale": m.np.abs(m.numbers(14)) + 0.5}
    a, b, c = m.numbers(14, 6), m.numbers(6), m.numbers(6, 1)
    weights = m.numbers(3, 14)
    yield "hot_line", m.save("hot_line", [*encoded(), m.ml("LinearClassifier", ["x"], ["label", "y"], coefficients=weights.ravel(),
                                                           intercepts=m.numbers(3), classlabels_strings=TEXTS, post_transform="SOFTMAX")],
                             wide, outputs=("label", "y"), inputs=MIXED, text_label=True)
    yield "hot_scaled_line", m.save("hot_scaled_line", [*encoded(), m.ml("Scaler", ["x"], ["s"], **scales),
                                                        m.ml("LinearRegressor", ["s"], ["y"], coefficients=weights[0], intercepts=[0.5])],
                                    wide, inputs=MIXED)
    yield "hot_trees", m.save("hot_trees", [*encoded(), m.ml("TreeEnsembleRegressor", ["x"], ["y"], n_targets=1,
                                                             **m.trees("target", 1, ANY, features=14, depth=4, count=9))],
                              wide, inputs=MIXED)
    yield "hot_scaled_trees", m.save("hot_scaled_trees", [
        *encoded(), m.ml("Scaler", ["x"], ["s"], **scales),
        m.ml("TreeEnsembleClassifier", ["s"], ["label", "y"], classlabels_strings=TEXTS, post_transform="SOFTMAX",
             **m.trees("class", 3, LESS, features=14, depth=4, count=6))], wide, outputs=("label", "y"), inputs=MIXED, text_label=True)
    yield "hot_net", m.save("hot_net", [*encoded(), m.node("Gemm", ["x", "a", "b"], ["h"]), m.node("Relu", ["h"], ["r"]),
                                        m.node("MatMul", ["r", "c"], ["y"])], [*wide, ("a", a), ("b", b), ("c", c)], inputs=MIXED)
    yield "hot_dropped_net", m.save("hot_dropped_net", [
        *encoded(drop=True), m.node("MatMul", ["x", "a"], ["h"]), m.node("Tanh", ["h"], ["r"]), m.node("MatMul", ["r", "c"], ["y"])],
        [*wide, ("kept", m.np.array([1, 2])), ("a", a[:13]), ("c", c)], inputs=MIXED)
    coded = [m.ml("LabelEncoder", ["city"], ["city_1"], keys_strings=CITIES, values_int64s=[2, 0, 1]),
             m.ml("CategoryMapper", ["kind"], ["kind_1"], cats_strings=["a", "b"], cats_int64s=[1, 0], default_int64=2),
             m.ml("LabelEncoder", ["plz"], ["plz_1"], keys_int64s=[80331, 10115], values_floats=[0.5, -0.25], default_float=0.75),
             m.node("Concat", ["city_1", "kind_1"], ["codes"], axis=1), m.node("Cast", ["codes"], ["t"], to=1),
             m.node("Concat", ["f0", "t", "plz_1"], ["x"], axis=1)]
    yield "coded_trees", m.save("coded_trees", [*coded, m.ml("TreeEnsembleRegressor", ["x"], ["y"], n_targets=1,
                                                             **m.trees("target", 1, ANY, features=4, depth=4))], inputs=MIXED)
    yield "coded_line", m.save("coded_line", [*coded, m.ml("LinearRegressor", ["x"], ["y"], coefficients=m.numbers(4))], inputs=MIXED)
    yield "coded_net", m.save("coded_net", [*coded, m.node("Sigmoid", ["x"], ["s"]), m.node("MatMul", ["s", "w"], ["y"])],
                              [("w", m.numbers(4, 1))], inputs=MIXED)
    yield "parted", m.save("parted", [
        m.ml("Imputer", ["zone"], ["zone_1"], imputed_value_int64s=[2], replaced_value_int64=-2**63),
        m.ml("OneHotEncoder", ["zone_1"], ["z"], cats_int64s=[0, 2, 5]), m.node("Squeeze", ["z", "one"], ["zones"]),
        m.node("Concat", ["f0", "f1"], ["n"], axis=1), m.ml("Binarizer", ["n"], ["b"], threshold=0.5),
        m.node("Concat", ["b", "zones"], ["x"], axis=1), m.ml("LinearRegressor", ["x"], ["y"], coefficients=m.numbers(5))],
        [("one", m.np.array([1]))], inputs=MIXED)
    learned = [("cities", m.numbers(4, 3)), ("zones", m.numbers(7, 2)), ("zero", m.np.int64(0)), ("a", a[:7]), ("c", c)]
    yield "embedded", m.save("embedded", [
        m.ml("LabelEncoder", ["city"], ["i"], keys_strings=CITIES, values_int64s=[0, 1, 2], default_int64=3),
        m.node("Gather", ["cities", "i"], ["e"]), m.node("Flatten", ["e"], ["v"]),
        m.node("Gather", ["zone", "zero"], ["k"], axis=1), m.node("Gather", ["zones", "k"], ["w"]),
        m.node("Concat", ["f0", "v", "w", "f1"], ["x"], axis=-1), m.node("MatMul", ["x", "a"], ["h"]), m.node("Elu", ["h"], ["r"]),
        m.node("MatMul", ["r", "c"], ["y"])], learned, inputs=MIXED)
    whole = m.trees("target", 1, ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GT"], features=2, depth=4)
    thresholds = m.np.array(whole.pop("nodes_values")) + 1e-12
    tensor = m.onnx.numpy_helper.from_array
    yield "doubles", m.save("doubles", [m.node("Concat", ["f0", "f1"], ["x"], axis=1), m.ml(
        "TreeEnsembleRegressor", ["x"], ["y"], n_targets=1, nodes_values_as_tensor=tensor(thresholds),
        target_weights_as_tensor=tensor(m.np.array(whole.pop("target_weights"))), **whole)],
        inputs=(("f0", 1, "DOUBLE"), ("f1", 1, "DOUBLE")))


def mixed_rows(np):
    """Categories that the models know, others, and none."""
    draw, count = random.Random(3), 240
    return {"f0": np.array([[draw.choice([-1.0, 0.0, 0.5, draw.uniform(-2, 2)])] for _ in range(count)], dtype=np.float32),
            "f1": np.array([[draw.uniform(-2, 2)] for _ in range(count)], dtype=np.float32),
            "city": np.array([[draw.choice([*CITIES, "Oslo", ""])] for _ in range(count)]),
            "kind": np.array([[draw.choice(["a", "b", "c"])] for _ in range(count)]),
            "zone": np.array([[draw.randrange(7)] for _ in range(count)]),
            "plz": np.array([[draw.choice([10115, 80331, 4020])] for _ in range(count)])}


def mixed_sql(rows):
    def literal(value):
        return ("NULL" if value == "" else f"'{value}'") if isinstance(value, str) else repr(value)

    columns = [rows[name][:, 0].tolist() for name in rows]
    values = ", ".join("(" + ", ".join(map(literal, row)) + ")" for row in zip(*columns))
    return "CREATE TABLE mixed AS SELECT i, f0::FLOAT AS f0, f1::FLOAT AS f1, city, kind, zone, plz " \
           f"FROM (SELECT row_number() OVER () AS i, * FROM (VALUES {values}) v({', '.join(rows)}))"


def table_sql(name, rows):
    values = ", ".join("(" + ", ".join("NULL" if math.isnan(v) else repr(float(v)) for v in row) + ")" for row in rows)
    return f"CREATE OR REPLACE TABLE {name} AS SELECT i, f0::FLOAT AS f0, f1::FLOAT AS f1, f2::FLOAT AS f2 " \
           f"FROM (SELECT row_number() OVER () AS i, * FROM (VALUES {values}) v(f0, f1, f2))"


def check_foreign(quern, name, model, options, rows, table, np):
    """Predictions of an imported file against another runtime's."""
    ports = [p.name for p in model.graph.input]
    if isinstance(rows, dict):
        inputs = {p.name: rows[p.name].astype(np.float64) if p.type.tensor_type.elem_type == 11 else rows[p.name] for p in model.graph.input}
    else:
        inputs = {ports[0]: rows} if len(ports) == 1 else {n: rows[:, [COLUMNS.index(n)]] for n in ports}
    found = compute(quern.folder / f"{name}.onnx", model, inputs)
    scores = np.asarray(found["p" if "p" in found else "y"], dtype=np.float64)
    quern.run(f"IMPORT MODEL '{name}.onnx' INTO {name} {options}")
    asked = f"SELECT * FROM {table} ORDER BY i TO PREDICT WITH predict.proba = true USING {name}"
    done = quern.run(asked, check=False)
    if done.returncode != 0:
        rows_out = quern.rows(f"SELECT * FROM {table} ORDER BY i TO PREDICT USING {name}")
        got = np.array([float(r["predicted_label"]) for r in rows_out])
        np.testing.assert_allclose(got, scores.ravel(), rtol=2e-5, atol=2e-6, err_msg=name)
        return
    out = quern.rows(asked)
    columns = [c for c in out[0] if "_prob_" in c]
    got = np.array([[float(r[c]) for c in columns] for r in out])
    if name == "margins":
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        scores = e / e.sum(axis=1, keepdims=True)
    if scores.shape[1] == 1:
        scores = np.concatenate([1 - scores, scores], axis=1)
    np.testing.assert_allclose(got, scores, rtol=2e-5, atol=2e-6, err_msg=name)
    if "label" in found:
        called = [r["predicted_label"] for r in out]
        two = np.sort(scores, axis=1)
        sure = np.flatnonzero(two[:, -1] - two[:, -2] > 1e-4)
        differ = [i for i in sure if str(np.asarray(found["label"])[i]) != called[i]]
        assert not differ, (name, differ[:5])


def check_own(quern, networks):
    """A file of ours is the model that it was, and says so."""
    quern.run(ROWS)
    for model, label, columns, how in [*MODELS, *(NETWORKS if networks else [])]:
        where = "WHERE k >= 0" if model == "counts" else ""
        mine = f"own_{model}"
        quern.run(f"SELECT {columns}, {label} FROM t {where} TO TRAIN {how} LABEL {label} INTO {mine};"
                  f"EXPORT MODEL {mine} TO '{mine}.onnx'; IMPORT MODEL '{mine}.onnx' INTO {mine}_again;")
        same = quern.rows(f"SELECT a.manifest = b.manifest AND a.payload_check = b.payload_check AS same FROM quern_models a, quern_models b "
                          f"WHERE a.name = '{mine}' AND b.name = '{mine}_again'")
        assert same == [{"same": "true"}], model
    # Whoever changes the graph gets what the graph says, not what the file carries.
    import onnx

    changed = onnx.load(str(quern.folder / "own_linear.onnx"))
    changed.graph.initializer[-1].float_data[0] += 1
    onnx.save(changed, str(quern.folder / "changed.onnx"))
    refused = quern.run("IMPORT MODEL 'changed.onnx' INTO changed", check=False).stderr
    assert "Q1090" in refused and "changed since" in refused, refused


def check_refusals(quern, m):
    """Each ends in one error, and the program goes on."""
    trees = m.trees("target", 1, LESS)

    def regressor(**changes):
        return [m.ml("TreeEnsembleRegressor", ["x"], ["y"], n_targets=1, **{**trees, **changes})]

    circle = [0] + [1] * (len(trees["nodes_nodeids"]) - 1)
    cases = {
        "conv": ([m.node("Conv", ["x", "w"], ["y"], name="first")], [("w", m.numbers(1, 1, 3))], "operator Conv (node first)"),
        "svm": ([m.ml("SVMRegressor", ["x"], ["y"])], [], "operator SVMRegressor"),
        "alien": ([m.node("Magic", ["x"], ["y"], "com.example")], [], "operator Magic"),
        "steep": ([m.node("Gemm", ["x", "w"], ["h"]), m.node("LeakyRelu", ["h"], ["y"], alpha=0.3)], [("w", m.numbers(3, 1))], "alpha 0.3"),
        "wide": ([m.node("Gemm", ["x", "w"], ["y"])], [("w", m.numbers(3, 2))], "2 numbers a row"),
        "shape": ([m.node("Gemm", ["x", "w"], ["y"])], [("w", m.numbers(4, 1))], "3 columns by a matrix of 4 rows"),
        "lacks": ([m.node("Gemm", ["x", "w"], ["y"])], [], "reads w"),
        "later": ([m.node("Relu", ["h"], ["y"]), m.node("Gemm", ["x", "w"], ["h"])], [("w", m.numbers(3, 1))], "reads h"),
        "twice": ([m.node("Relu", ["x"], ["y"]), m.node("Relu", ["x"], ["y"])], [], "two values have the name y"),
        "median": (regressor(aggregate_function="MIN"), [], "by MIN"),
        "nan": (regressor(nodes_values=[math.nan] * len(circle)), [], "threshold that is not a number"),
        "leaf": (regressor(target_weights=[math.inf] * len(trees["target_weights"])), [], "leaf that is not finite"),
        "beyond": (regressor(nodes_featureids=[3] * len(circle)), [], "splits by column 3 of 3"),
        "circle": (regressor(nodes_truenodeids=circle), [], "two parents"),
        "short": (regressor(nodes_modes=["LEAF"]), [], "differ in length"),
        "mode": (regressor(nodes_modes=["BRANCH_UP"] * len(circle)), [], "BRANCH_UP"),
        "stray": (regressor(target_ids=[1] * len(trees["target_ids"])), [], "output that is not there"),
        "each": ([m.ml("LinearClassifier", ["x"], ["label", "y"], coefficients=m.numbers(9), intercepts=m.numbers(3),
                       classlabels_strings=TEXTS, post_transform="LOGISTIC")], [], "logistic of its own"),
        "nothing": ([m.node("Identity", ["x"], ["y"])], [], "comes of no model"),
    }
    texts, keys = [("x", 1, "STRING")], {"keys_strings": ["a", "b"]}
    of_texts = {
        "text_scaler": ([m.ml("Scaler", ["x"], ["y"], offset=[0.0], scale=[1.0])], "operator Scaler (node y) reads texts"),
        "text_number": ([m.node("Cast", ["x"], ["y"], to=1)], "makes numbers of texts"),
        "twice_hot": ([m.ml("OneHotEncoder", ["x"], ["y"], cats_strings=["a", "b", "a"])], "has a category twice"),
        "deep": ([m.ml("OneHotEncoder", ["x"], ["h"], cats_strings=["a", "b"]), m.node("Relu", ["h"], ["y"])], "three dimensions"),
        "uneven": ([m.ml("LabelEncoder", ["x"], ["y"], values_int64s=[1], **keys)], "keys and values of different numbers"),
        "renamed": ([m.ml("LabelEncoder", ["x"], ["y"], values_strings=["c", "d"], **keys)], "gives no numbers"),
        "too_fine": ([m.ml("LabelEncoder", ["x"], ["y"], values_int64s=[1, 2**24 + 1], **keys)], "float32 does not hold"),
    }
    for name, (nodes, words) in of_texts.items():
        cases[name] = (nodes, [], words, texts)
    for name, (nodes, constants, words, *inputs) in cases.items():
        m.save(name, nodes, constants, inputs=inputs[0] if inputs else (("x", 3),))
        done = quern.run(f"IMPORT MODEL '{name}.onnx' INTO refused", check=False)
        assert done.returncode == 1 and words in done.stderr, (name, done.stderr)
        assert "Q1090" in done.stderr or "Q6001" in done.stderr, (name, done.stderr)
    whole = (quern.folder / "sum.onnx").read_bytes()
    for end in range(1, len(whole), max(1, len(whole) // 12)):
        (quern.folder / "cut.onnx").write_bytes(whole[:end])
        done = quern.run("IMPORT MODEL 'cut.onnx' INTO refused", check=False)
        assert done.returncode == 1 and "Q6001" in done.stderr, (end, done.stderr)
    held = m.onnx.load(str(quern.folder / "layers.onnx"))
    tensor = held.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = m.onnx.TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "../secret"
    (quern.folder / "elsewhere.onnx").write_bytes(held.SerializeToString())
    refused = quern.run("IMPORT MODEL 'elsewhere.onnx' INTO refused", check=False).stderr
    assert "kept in other files" in refused, refused
    tensor.ClearField("external_data")
    tensor.ClearField("data_location")
    tensor.dims[0] = 2**40
    (quern.folder / "huge.onnx").write_bytes(held.SerializeToString())
    refused = quern.run("IMPORT MODEL 'huge.onnx' INTO refused", check=False).stderr
    assert "Q6001" in refused and "than its shape says" in refused, refused


def main(program):
    try:
        import numpy as np
        import onnx.numpy_helper  # noqa: F401
    except ImportError:
        print("SKIPPED: python3-onnx is not installed")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        quern, maker = Quern(program, folder), Maker(folder, np)
        whole, missing = make_rows(np)
        quern.run(";".join(table_sql(*table) for table in (("whole", whole), ("missing", missing), ("codes", np.abs(np.floor(whole))))))
        count = 0
        for model in tree_models(maker):
            rows, table = (np.abs(np.floor(whole)), "codes") if model[0] == "equal" else (missing, "missing")
            check_foreign(quern, *model, rows, table, np)
            count += 1
        for model in [*linear_models(maker), *network_models(maker)]:
            rows, table = (missing, "missing") if model[0] == "filled" else (whole, "whole")
            check_foreign(quern, *model, rows, table, np)
            count += 1
        mixed = mixed_rows(np)
        quern.run(mixed_sql(mixed))
        for name, model in category_models(maker):
            check_foreign(quern, name, model, "", mixed, "mixed", np)
            count += 1
        check_refusals(quern, maker)
        plugins = pathlib.Path(program).parent.parent / "lib"
        if (plugins / "quern_onnx.so").exists():
            check_own(quern, (plugins / "quern_torch.so").exists())
        print(f"{count} models: ok")


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except subprocess.SubprocessError as error:
        sys.exit(str(error))
