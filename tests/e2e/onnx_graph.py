"""Computes the ONNX graphs that Quern writes and reads, operator by operator, with numpy: the second opinion of
onnx_files.py and onnx_import.py where ONNX Runtime is not installed. Rules: ONNX's own operator documents, opset 15,
and ai.onnx.ml 3."""

import math

import numpy as np

TYPES = {1: np.float32, 6: np.int32, 7: np.int64, 8: np.str_, 9: np.bool_, 11: np.float64}


def attributes(node):
    import onnx.helper

    return {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}


def constant(tensor):
    import onnx.numpy_helper

    if tensor.data_type == 8:
        return np.array([s.decode() for s in tensor.string_data]).reshape(tensor.dims)
    return onnx.numpy_helper.to_array(tensor)


def texts_of(values):
    return [v.decode() if isinstance(v, bytes) else v for v in values]


def look_up(a, x):
    """LabelEncoder, of ai.onnx.ml 1 too, and CategoryMapper from texts to numbers."""
    keys = texts_of(a.get("keys_strings") or a.get("keys_int64s") or a.get("classes_strings") or a["cats_strings"])
    if "values_strings" in a:
        values, otherwise, kind = texts_of(a["values_strings"]), a.get("default_string", b"").decode(), np.str_
    elif "values_floats" in a:
        values, otherwise, kind = a["values_floats"], a.get("default_float", 0.0), np.float32
    else:
        values = a.get("values_int64s") or a.get("cats_int64s") or range(len(keys))
        otherwise, kind = a.get("default_int64", -1), np.int64
    table = dict(zip(keys, values))
    return np.array([table.get(k, otherwise) for k in x.ravel().tolist()], dtype=kind).reshape(x.shape)


def one_hot(a, x):
    if "cats_strings" in a:
        return np.stack([x == c for c in texts_of(a["cats_strings"])], axis=-1).astype(np.float32)
    return np.stack([x.astype(np.int64) == c for c in a["cats_int64s"]], axis=-1).astype(np.float32)


def numbers_in(a, name):
    """Of a list of floats, or of a tensor, as which doubles are written."""
    import onnx.numpy_helper

    if name + "_as_tensor" in a:
        return onnx.numpy_helper.to_array(a[name + "_as_tensor"])
    return np.array(a[name], dtype=np.float32)


def holds(mode, value, threshold):
    return {b"BRANCH_LT": value < threshold, b"BRANCH_LEQ": value <= threshold, b"BRANCH_GT": value > threshold,
            b"BRANCH_GTE": value >= threshold, b"BRANCH_EQ": value == threshold, b"BRANCH_NEQ": value != threshold}[mode]


def tree_sums(a, x, leaf, outputs):
    """Sums or means of leaves, in float64."""
    nodes = {}
    missing = a.get("nodes_missing_value_tracks_true") or [0] * len(a["nodes_treeids"])
    thresholds = numbers_in(a, "nodes_values")
    for i, key in enumerate(zip(a["nodes_treeids"], a["nodes_nodeids"])):
        nodes[key] = (a["nodes_modes"][i], a["nodes_featureids"][i], thresholds[i],
                      a["nodes_truenodeids"][i], a["nodes_falsenodeids"][i], missing[i])
    leaves = {}
    lists = [a[f"{leaf}_{part}"] for part in ("treeids", "nodeids", "ids")]
    for tree, node, target, weight in zip(*lists, numbers_in(a, f"{leaf}_weights")):
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
    has_base = "base_values" in a or "base_values_as_tensor" in a
    return out + (numbers_in(a, "base_values").astype(np.float64) if has_base else 0)


def post(a, scores):
    how = a.get("post_transform", b"NONE")
    if how == b"SOFTMAX":
        return softmax({"axis": 1}, scores).astype(np.float32)
    if how == b"LOGISTIC":
        scores = logistic(scores)
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


def logistic(x):
    return 1 / (1 + np.exp(-x))


def arg_max(a, x):
    return x.argmax(axis=a.get("axis", 0), keepdims=bool(a.get("keepdims", 1)))


def reshape(a, x, shape):
    return x.reshape([x.shape[i] if size == 0 else size for i, size in enumerate(shape)])


def impute(a, x):
    if "imputed_value_int64s" in a:
        return np.where(x == a["replaced_value_int64"], np.array(a["imputed_value_int64s"]), x)
    return np.where(np.isnan(x), np.array(a["imputed_value_floats"], dtype=np.float32), x)


def unsqueeze(a, x, axes):
    return np.expand_dims(x, tuple(int(axis) for axis in axes))


def rnn_step(a, x, h, c, w, r, wb, rb):
    return np.tanh(w @ x + r @ h + wb + rb), c


def lstm_step(a, x, h, c, w, r, wb, rb):
    i, o, f, fresh = np.split(w @ x + r @ h + wb + rb, 4)
    c = logistic(f) * c + logistic(i) * np.tanh(fresh)
    return logistic(o) * np.tanh(c), c


def gru_step(a, x, h, c, w, r, wb, rb):
    n = len(h)
    z, reset = np.split(logistic(w[:2 * n] @ x + r[:2 * n] @ h + wb[:2 * n] + rb[:2 * n]), 2)
    of_state = r[2 * n:] @ (h if a.get("linear_before_reset") else reset * h) + rb[2 * n:]
    fresh = np.tanh(w[2 * n:] @ x + wb[2 * n:] + (reset * of_state if a.get("linear_before_reset") else of_state))
    return (1 - z) * fresh + z * h, c


def recurrent(step):
    """Y, Y_h and Y_c of a layer of cells, row by row in float64; behind its steps a row has zeros."""

    def layer(a, x, w, r, b, lengths):
        steps, rows, _ = x.shape
        size = a["hidden_size"]
        y, last = np.zeros((steps, len(w), rows, size)), np.zeros((2, len(w), rows, size))
        x, w, r, b = (v.astype(np.float64) for v in (x, w, r, b))
        for d in range(len(w)):
            backwards = d == 1 or a.get("direction") == b"reverse"
            for row in range(rows):
                h = c = np.zeros(size)
                order = range(lengths[row])
                for t in reversed(order) if backwards else order:
                    h, c = step(a, x[t, row], h, c, w[d], r[d], *np.split(b[d], 2))
                    y[t, d, row] = h
                last[:, d, row] = h, c
        return tuple(v.astype(np.float32) for v in (y, *last))

    return layer


OPERATORS = {
    "Add": lambda a, x, y: x + y,
    "And": lambda a, x, y: x & y,
    "ArrayFeatureExtractor": lambda a, x, at: x[..., at.ravel()],
    "ArgMax": arg_max,
    "BatchNormalization": batch_norm,
    "Binarizer": lambda a, x: (x > np.float32(a["threshold"])).astype(np.float32),
    "Cast": cast,
    "CategoryMapper": look_up,
    "Clip": lambda a, x, low, high: np.clip(x, low, high),
    "Concat": lambda a, *x: np.concatenate(x, axis=a["axis"]),
    "Div": lambda a, x, y: x / y,
    "Elu": lambda a, x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    "Equal": lambda a, x, y: x == y,
    "Erf": lambda a, x: np.vectorize(math.erf)(x).astype(x.dtype),
    "Exp": lambda a, x: np.exp(x),
    "Expand": lambda a, x, shape: x * np.ones(shape, dtype=x.dtype),
    "Flatten": lambda a, x: x.reshape(len(x), -1),
    "Floor": lambda a, x: np.floor(x),
    "GRU": recurrent(gru_step),
    "Gather": lambda a, x, at: np.take(x, at, axis=a.get("axis", 0)),
    "Gemm": gemm,
    "Greater": lambda a, x, y: x > y,
    "GreaterOrEqual": lambda a, x, y: x >= y,
    "Identity": lambda a, x: x,
    "Imputer": impute,
    "IsNaN": lambda a, x: np.isnan(x),
    "LSTM": recurrent(lstm_step),
    "LabelEncoder": look_up,
    "LeakyRelu": lambda a, x: np.where(x > 0, x, np.float32(a["alpha"]) * x),
    "Less": lambda a, x, y: x < y,
    "LinearClassifier": linear_classes,
    "LinearRegressor": lambda a, x: post(a, linear_scores(a, x, a.get("targets", 1))),
    "Log": lambda a, x: np.log(x),
    "MatMul": lambda a, x, y: x @ y,
    "Max": lambda a, x, y: np.maximum(x, y),
    "Min": lambda a, x, y: np.minimum(x, y),
    "Mul": lambda a, x, y: x * y,
    "Normalizer": lambda a, x: x / np.abs(x).sum(axis=1, keepdims=True),
    "Not": lambda a, x: ~x,
    "OneHotEncoder": one_hot,
    "RNN": recurrent(rnn_step),
    "ReduceMax": lambda a, x: x.max(axis=tuple(a["axes"]), keepdims=bool(a["keepdims"])),
    "ReduceSum": lambda a, x, axes: x.sum(axis=tuple(axes), keepdims=bool(a["keepdims"])),
    "Relu": lambda a, x: np.maximum(x, 0),
    "Reshape": reshape,
    "Scaler": lambda a, x: (x - np.array(a["offset"], dtype=np.float32)) * np.array(a["scale"], dtype=np.float32),
    "Selu": lambda a, x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(np.minimum(x, 0))),
    "Sigmoid": lambda a, x: logistic(x),
    "Slice": lambda a, x, begin, end, axis: np.take(x, range(begin[0], end[0]), axis=axis[0]),
    "Softmax": softmax,
    "Softplus": lambda a, x: np.logaddexp(x, 0),
    "Softsign": lambda a, x: x / (1 + np.abs(x)),
    "Sqrt": lambda a, x: np.sqrt(x),
    "Squeeze": lambda a, x, axes: np.squeeze(x, axis=tuple(axes)),
    "Sub": lambda a, x, y: x - y,
    "Tanh": lambda a, x: np.tanh(x),
    "Transpose": lambda a, x: x.transpose(a["perm"]),
    "TreeEnsembleClassifier": tree_classes,
    "TreeEnsembleRegressor": trees,
    "Unsqueeze": unsqueeze,
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
