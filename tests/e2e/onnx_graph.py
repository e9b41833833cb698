"""Computes the ONNX graphs that Quern writes, operator by operator, with numpy: the second opinion of onnx_files.py where
ONNX Runtime is not installed. Rules: ONNX's own operator documents, opset 15, and ai.onnx.ml 3."""

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


def trees(a, x):
    """TreeEnsembleRegressor: the sum of leaves, in float64."""
    nodes = {}
    for i, key in enumerate(zip(a["nodes_treeids"], a["nodes_nodeids"])):
        nodes[key] = (a["nodes_modes"][i], a["nodes_featureids"][i], np.float32(a["nodes_values"][i]),
                      a["nodes_truenodeids"][i], a["nodes_falsenodeids"][i], a["nodes_missing_value_tracks_true"][i])
    leaves = {}
    for tree, node, target, weight in zip(a["target_treeids"], a["target_nodeids"], a["target_ids"], a["target_weights"]):
        leaves.setdefault((tree, node), []).append((target, weight))
    out = np.tile(np.array(a["base_values"], dtype=np.float64), (len(x), 1))
    for tree in sorted(set(a["nodes_treeids"])):
        for row, values in enumerate(x):
            at = 0
            while nodes[tree, at][0] != b"LEAF":
                mode, feature, value, left, right, missing_left = nodes[tree, at]
                assert mode == b"BRANCH_LT", mode
                goes_left = bool(missing_left) if math.isnan(values[feature]) else values[feature] < value
                at = left if goes_left else right
            for target, weight in leaves[tree, at]:
                out[row, target] += weight
    return out.astype(np.float32)


def softmax(a, x):
    e = np.exp(x - x.max(axis=a["axis"], keepdims=True))
    return e / e.sum(axis=a["axis"], keepdims=True)


def gemm(a, x, w, b=0):
    return x @ (w.T if a.get("transB") else w) + b


def cast(a, x):
    return np.vectorize(str)(x) if a["to"] == 8 else x.astype(TYPES[a["to"]])


OPERATORS = {
    "Add": lambda a, x, y: x + y,
    "And": lambda a, x, y: x & y,
    "ArgMax": lambda a, x: x.argmax(axis=a["axis"]),
    "Cast": cast,
    "Concat": lambda a, *x: np.concatenate(x, axis=a["axis"]),
    "Div": lambda a, x, y: x / y,
    "Elu": lambda a, x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    "Equal": lambda a, x, y: x == y,
    "Erf": lambda a, x: np.vectorize(math.erf)(x).astype(x.dtype),
    "Exp": lambda a, x: np.exp(x),
    "Floor": lambda a, x: np.floor(x),
    "Gather": lambda a, x, at: np.take(x, at, axis=a["axis"]),
    "Gemm": gemm,
    "Greater": lambda a, x, y: x > y,
    "GreaterOrEqual": lambda a, x, y: x >= y,
    "Identity": lambda a, x: x,
    "IsNaN": lambda a, x: np.isnan(x),
    "LabelEncoder": look_up,
    "LeakyRelu": lambda a, x: np.where(x > 0, x, np.float32(a["alpha"]) * x),
    "Less": lambda a, x, y: x < y,
    "Log": lambda a, x: np.log(x),
    "MatMul": lambda a, x, y: x @ y,
    "Min": lambda a, x, y: np.minimum(x, y),
    "Mul": lambda a, x, y: x * y,
    "Not": lambda a, x: ~x,
    "ReduceSum": lambda a, x, axes: x.sum(axis=tuple(axes), keepdims=bool(a["keepdims"])),
    "Relu": lambda a, x: np.maximum(x, 0),
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
    "TreeEnsembleRegressor": trees,
    "Where": lambda a, c, x, y: np.where(c, x, y),
}


def run(model, inputs):
    """The outputs of a model, by name."""
    values = {t.name: constant(t) for t in model.graph.initializer}
    values.update(inputs)
    with np.errstate(all="ignore"):
        for node in model.graph.node:
            values[node.output[0]] = OPERATORS[node.op_type](attributes(node), *(values[i] for i in node.input))
    return {port.name: values[port.name] for port in model.graph.output}
