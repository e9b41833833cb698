#!/usr/bin/env python3
"""Predicting 1,000,000 rows with two networks, one over 28 numbers (64, 32, 1), one with four embeddings of
width 8 beside ten numbers: the kernel, in batches of 2,048 rows of columns, against LibTorch (through
PyTorch, without gradients, one thread) on tensors of rows at whichever batch size is best for it; and rows one
by one against a batch of 1. Processor time, which a busy machine changes little. The margins are compared
first: they must agree within 1e-5 of the margin plus 1e-6 for all but the sums that end near 0. Goals: no
longer than LibTorch for many rows, an eighth for one.

network_score.py PROGRAMS
"""

import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import time

import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from measuring import run_once, spread, verdict  # noqa: E402

ROWS = 1_000_000
ALONE = 3_000
RUNS = 5
LAYERS = (64, 32, 1)
BATCHES = (256, 1024, 4096, 16384, 65536)
NETWORKS = {"28 numbers": (28, ()), "10 numbers, 4 embeddings": (10, (1000, 100, 50, 10))}
WIDTH = 8


def weights(numbers, categories):
    """Tensors by name, in the order of the network."""
    random = numpy.random.default_rng(5)
    out = {}
    for i, size in enumerate(categories):
        out[f"dnn.block{i + 1}"] = random.standard_normal((size, WIDTH))
    inputs = numbers + WIDTH * len(categories)
    for i, outputs in enumerate(LAYERS):
        out[f"dnn.layer{2 * i}.weight"] = random.standard_normal((outputs, inputs)) / numpy.sqrt(inputs)
        out[f"dnn.layer{2 * i}.bias"] = random.standard_normal(outputs)
        inputs = outputs
    return {name: tensor.astype(numpy.float32) for name, tensor in out.items()}


def network(numbers, categories):
    blocks = [{"block": "dense", "first": 0, "count": numbers}]
    for i, size in enumerate(categories):
        blocks.append({"block": "embedding", "feature": numbers + i, "rows": size, "width": WIDTH})
    layers = []
    for outputs in LAYERS:
        layers += [{"layer": "linear", "outputs": outputs, "bias": True}, {"layer": "activation", "name": "relu"}]
    return {"format": 1, "features": numbers + len(categories), "groups": [], "outputs": 1,
            "towers": [{"name": "dnn", "blocks": blocks, "layers": layers[:-1]}]}


def write_model(path, numbers, categories):
    """The layout of safetensors, written here from its description."""
    header = {"__metadata__": {"network": json.dumps(network(numbers, categories))}}
    data = b""
    for name, tensor in weights(numbers, categories).items():
        begin, data = len(data), data + tensor.tobytes()
        header[name] = {"dtype": "F32", "shape": tensor.shape, "data_offsets": [begin, len(data)]}
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def make_columns(numbers, categories):
    random = numpy.random.default_rng(6)
    columns = [random.standard_normal(ROWS) for _ in range(numbers)]
    columns += [random.integers(0, size, ROWS) for size in categories]
    return numpy.array(columns, dtype=numpy.float32)


def peer(path, numbers, categories):
    """Prints nanoseconds a row: of each batch size, then of one row at a time. Leaves the margins."""
    import torch

    torch.set_num_threads(1)
    tensors = {name: torch.from_numpy(t) for name, t in weights(numbers, categories).items()}
    columns = torch.from_numpy(numpy.fromfile(path, numpy.float32).reshape(-1, ROWS))
    rows = columns[:numbers].T.contiguous()
    codes = columns[numbers:].T.long().contiguous()

    def forward(x, c):
        parts = [torch.nn.functional.embedding(c[:, i], tensors[f"dnn.block{i + 1}"]) for i in range(len(categories))]
        x = torch.cat([x, *parts], 1) if parts else x
        for i in range(len(LAYERS)):
            x = torch.nn.functional.linear(x, tensors[f"dnn.layer{2 * i}.weight"], tensors[f"dnn.layer{2 * i}.bias"])
            x = torch.relu(x) if i + 1 < len(LAYERS) else x
        return x

    with torch.inference_mode():
        times = []
        for batch in BATCHES:
            out = torch.empty(ROWS, 1)
            start = time.process_time()
            for at in range(0, ROWS, batch):
                out[at:at + batch] = forward(rows[at:at + batch], codes[at:at + batch])
            times.append((time.process_time() - start) / ROWS * 1e9)
        out.numpy().tofile(path + ".peer")
        start = time.process_time()
        for at in range(ALONE):
            forward(rows[at:at + 1], codes[at:at + 1])
        alone = (time.process_time() - start) / ALONE * 1e9
    print(*times, alone)


def compare(name, programs, folder):
    numbers, categories = NETWORKS[name]
    model, rows = folder / "model", str(folder / "rows")
    write_model(model, numbers, categories)
    make_columns(numbers, categories).tofile(rows)
    ours = [str(programs / "network_score"), str(model), rows, rows + ".ours"]
    theirs = [sys.executable, __file__, "--peer", rows, name]
    pairs = []
    for _ in range(RUNS):
        mine = [float(word) for word in run_once(ours, folder).output.split()]
        other = [float(word) for word in run_once(theirs, folder).output.split()]
        pairs.append((mine[0], mine[1], min(other[:-1]), other[-1]))
    found, wanted = (numpy.fromfile(rows + end, numpy.float32) for end in (".ours", ".peer"))
    apart = numpy.abs(found - wanted) > 1e-6 + 1e-5 * numpy.abs(wanted)
    worst = numpy.abs(found - wanted).max()
    print(f"{name}: {ROWS} margins, {apart.sum()} apart, the worst by {worst:.1e}")
    if apart.mean() > 1e-4 or worst > 1e-5:
        raise SystemExit("the margins differ")
    print(f"  many rows: kernel {spread([p[0] for p in pairs], 0)} ns a row, LibTorch {spread([p[2] for p in pairs], 0)}")
    ratios = [p[0] / p[2] for p in pairs]
    print(f"    ratio {spread(ratios)} ({verdict(sorted(ratios)[RUNS // 2], 1)})")
    print(f"  one row:   kernel {spread([p[1] for p in pairs], 0)} ns, LibTorch {spread([p[3] for p in pairs], 0)}")
    ratios = [p[1] / p[3] for p in pairs]
    print(f"    ratio {spread(ratios, 4)} ({verdict(sorted(ratios)[RUNS // 2], 0.125)})")


def main(programs):
    try:
        subprocess.run([sys.executable, "-c", "import torch"], check=True, capture_output=True)
    except subprocess.CalledProcessError:
        print("left out: python3-torch is not installed")
        return
    with tempfile.TemporaryDirectory() as folder:
        for name in NETWORKS:
            compare(name, programs, pathlib.Path(folder))


if __name__ == "__main__":
    if sys.argv[1] == "--peer":
        peer(sys.argv[2], *NETWORKS[sys.argv[3]])
    else:
        main(pathlib.Path(sys.argv[1]).absolute())
