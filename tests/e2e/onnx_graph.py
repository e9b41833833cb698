"""Computes the ONNX graphs that Quern writes and reads, operator by operator, with numpy: the second opinion of
onnx_files.py and onnx_import.py where ONNX Runtime is not installed. Rules: ONNX's own operator documents, opset 15,
and ai.onnx.ml 3."""

import math

import numpy as np

TYPES = {1: np.float32, 7: np.int64, 8: np.str_, 9: np.bool_, 11: np.float64}


def attributes(node):
    import onnx.helper

    return {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}


def constant(tensor):
    import onnx.numpy_helper

    if tensor.data_type == 8:
        return np.array([s.decode() for s in tensor.string_data]).reshape(tensor.dims)
    return onnx.numpy_helper.to_array(tensor)


def look_up(a, x):
    keys = a.get("keys_strings") or a.get("keys_int64s")
    keys = [k.decode() if isinstance(k, bytes) else k for k in keys]
    if "values_strings" in a:
        values, otherwise = [v.decode() for v in a["values_strings"]], a.get("default_string", b"").decode()
    else:
        values, otherwise = a["values_floats"], a.get("default_float", 0.0)
    table = dict(zip(keys, values))
    found = [table.get(k, otherwise) for k in x.ravel().tolist()]
    return np.array(found, dtype=np.float32 if "values_floats" in a else np.str_).reshape(x.shape)


def holds(mode, value, threshold):
    return {b"BRANCH_LT": value < threshold, b"BRANCH_LEQ": value <= threshold, b"BRANCH_GT": value > threshold,
            b"BRANCH_GTE": value >= threshold, b"BRANCH_EQ": value == threshold, b"BRANCH_NEQ": value != threshold}[mode]


def tree_sums(a, x, leaf, outputs):
    """Sums or means of leaves, in float64."""
    nodes = {}
    missing = a.get("nodes_missing_value_tracks_true") or [0] * len(a["nodes_treeids"])
    for i, key in enumerate(zip(a["nodes_treeids"], a["nodes_nodeids"])):
        nodes[key] = (a["nodes_modes"][i], a["nodes_featureids"][i], np.float32(a["nodes_values"][i]),
                      a["nodes_truenodeids"][i], a["nodes_falsenodeids"][i], missing[i])
    leaves = {}
    names = [f"{leaf}_{part}" for part in ("treeids", "nodeids", "ids", "weights")]
    for tree, node, target, weight in zip(*(a[name] for name in names)):
        leaves.setdefault((tree, node), []).append((target, weight))
    out = np.zeros((len(x), outputs))
    trees = sorted(set(a["nodes_treeids"]))
    for tree in trees:
        for row, values in enumerate(x):
            at = 0
            while nodes[tree, at][0] != b"LEAF":
                mode, feature, value, yes, no, missing_yes = nodes[tree, at]
                at = yes if holds(mode, values[feature], value) or (missing_yes and math.isnan(values[feature])) else no
            for target, weight in leaves.get((tree, at), []):
                out[row, target] += weight
    if a.get("aggregate_function") == b"AVERAGE":
        out /= len(trees)
    return out + np.array(a.get("base_values", [0.0] * outputs), dtype=np.float64)


def post(a, scores):
    how = a.get("post_transform", b"NONE")
    if how == b"SOFTMAX":
        return softmax({"axis": 1}, scores).astype(np.float32)
    if how == b"LOGISTIC":
        scores = 1 / (1 + np.exp(-scores))
    return scores.astype(np.float32)


def trees(a, x):
    return post(a, tree_sums(a, x, "target", a.get("n_targets", 1)))


def class_names(a):
    texts = a.get("classlabels_strings")
    return np.array([t.decode() for t in texts] if texts else a.get("classlabels_int64s") or a["classlabels_ints"])


def tree_classes(a, x):
    """The label and the scores. Two classes of which the leaves score one: ONNX Runtime's rule."""
    labels = class_names(a)
    if len(labels) == 2 and len(set(a["class_ids"])) == 1:
        scores = tree_sums(dict(a, class_ids=[0] * len(a["class_ids"])), x, "class", 1)
        if a.get("post_transform") == b"LOGISTIC":
            scores = post(a, scores)
            scores = np.concatenate([1 - scores, scores], axis=1)
            return labels[(scores[:, 1] > 0.5).astype(int)], scores
        if min(a["class_weights"]) >= 0:
            return labels[(scores[:, 0] > 0.5).astype(int)], np.concatenate([1 - scores, scores], axis=1)
        return labels[(scores[:, 0] > 0).astype(int)], np.concatenate([-scores, scores], axis=1)
    scores = tree_sums(a, x, "class", len(labels))
    return labels[scores.argmax(axis=1)], post(a, scores)


def linear_scores(a, x, outputs):
    weights = np.array(a["coefficients"], dtype=np.float32).reshape(outputs, -1)
    return x @ weights.T + np.array(a.get("intercepts", [0.0] * outputs), dtype=np.float32)


def linear_classes(a, x):
    labels = class_names(a)
    scores = linear_scores(a, x, len(labels))
    return labels[scores.argmax(axis=1)], post(a, scores)


def batch_norm(a, x, scale, bias, mean, variance):
    return (x - mean) / np.sqrt(variance + a.get("epsilon", 1e-5)) * scale + bias


def softmax(a, x):
    e = np.exp(x - x.max(axis=a["axis"], keepdims=True))
    return e / e.sum(axis=a["axis"], keepdims=True)


def gemm(a, x, w, b=0):
    return a.get("alpha", 1) * (x @ (w.T if a.get("transB") else w)) + a.get("beta", 1) * b


def cast(a, x):
    return np.vectorize(str)(x) if a["to"] == 8 else x.astype(TYPES[a["to"]])


OPERATORS = {
    "Add": lambda a, x, y: x + y,
    "And": lambda a, x, y: x & y,
    "ArrayFeatureExtractor": lambda a, x, at: x[..., at.ravel()],
    "ArgMax": lambda a, x: x.argmax(axis=a["axis"]),
    "BatchNormalization": batch_norm,
    "Cast": cast,
    "Clip": lambda a, x, low, high: np.clip(x, low, high),
    "Concat": lambda a, *x: np.concatenate(x, axis=a["axis"]),
    "Div": lambda a, x, y: x / y,
    "Elu": lambda a, x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    "Equal": lambda a, x, y: x == y,
    "Erf": lambda a, x: np.vectorize(math.erf)(x).astype(x.dtype),
    "Exp": lambda a, x: np.exp(x),
    "Flatten": lambda a, x: x.reshape(len(x), -1),
    "Floor": lambda a, x: np.floor(x),
    "Gather": lambda a, x, at: np.take(x, at, axis=a.get("axis", 0)),
    "Gemm": gemm,
    "Greater": lambda a, x, y: x > y,
    "GreaterOrEqual": lambda a, x, y: x >= y,
    "Identity": lambda a, x: x,
    "Imputer": lambda a, x: np.where(np.isnan(x), np.array(a["imputed_value_floats"], dtype=np.float32), x),
    "IsNaN": lambda a, x: np.isnan(x),
    "LabelEncoder": look_up,
    "LeakyRelu": lambda a, x: np.where(x > 0, x, np.float32(a["alpha"]) * x),
    "Less": lambda a, x, y: x < y,
    "LinearClassifier": linear_classes,
    "LinearRegressor": lambda a, x: post(a, linear_scores(a, x, a.get("targets", 1))),
    "Log": lambda a, x: np.log(x),
    "MatMul": lambda a, x, y: x @ y,
    "Min": lambda a, x, y: np.minimum(x, y),
    "Mul": lambda a, x, y: x * y,
    "Normalizer": lambda a, x: x / np.abs(x).sum(axis=1, keepdims=True),
    "Not": lambda a, x: ~x,
    "ReduceSum": lambda a, x, axes: x.sum(axis=tuple(axes), keepdims=bool(a["keepdims"])),
    "Relu": lambda a, x: np.maximum(x, 0),
    "Reshape": lambda a, x, shape: x.reshape(shape),
    "Scaler": lambda a, x: (x - np.array(a["offset"], dtype=np.float32)) * np.array(a["scale"], dtype=np.float32),
    "Selu": lambda a, x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(np.minimum(x, 0))),
    "Sigmoid": lambda a, x: 1 / (1 + np.exp(-x)),
    "Slice": lambda a, x, begin, end, axis: np.take(x, range(begin[0], end[0]), axis=axis[0]),
    "Softmax": softmax,
    "Softplus": lambda a, x: np.logaddexp(x, 0),
    "Softsign": lambda a, x: x / (1 + np.abs(x)),
    "Sqrt": lambda a, x: np.sqrt(x),
    "Squeeze": lambda a, x, axes: np.squeeze(x, axis=tuple(axes)),
    "Sub": lambda a, x, y: x - y,
    "Tanh": lambda a, x: np.tanh(x),
    "TreeEnsembleClassifier": tree_classes,
    "TreeEnsembleRegressor": trees,
    "Where": lambda a, c, x, y: np.where(c, x, y),
    "ZipMap": lambda a, x: x,
}


def run(model, inputs):
    """The outputs of a model, by name. Names that ZipMap gives to scores are left out."""
    values = {t.name: constant(t) for t in model.graph.initializer}
    values.update(inputs)
    with np.errstate(all="ignore"):
        for node in model.graph.node:
            made = OPERATORS[node.op_type](attributes(node), *(values[i] for i in node.input))
            values.update(zip(node.output, made if isinstance(made, tuple) else [made]))
    return {port.name: values[port.name] for port in model.graph.output}
