#!/usr/bin/env python3
"""Training a network of three layers (64, 32, 1) over ten numbers and four embeddings of width 8, on
200,000 rows, for four epochs of Adam: the engine, which reads the rows page by page from a file, against
a plain PyTorch loop over tensors in memory, with the same batch size, loss and optimizer, once as it
comes and once with one thread, whichever is faster. Neither side's time has the loading of the library in
it; the engine's has the reading of the rows. First the losses of the last epoch are compared, which must
agree within five in a hundred, for seeds alone move them by two. Goal: no longer than PyTorch's loop.

network_train.py PROGRAMS
"""

import pathlib
import subprocess
import sys
import tempfile
import time

import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from measuring import run_once, spread, verdict  # noqa: E402

ROWS = 200_000
NUMBERS = 10
CATEGORIES = (1000, 100, 50, 10)
EPOCHS = 4
RUNS = 5


def make_rows():
    """Rows [ROWS, features and label] whose label depends on products, categories and chance."""
    random = numpy.random.default_rng(7)
    numbers = random.standard_normal((ROWS, NUMBERS))
    codes = [random.integers(0, size, ROWS) for size in CATEGORIES]
    effects = [random.standard_normal(size)[code] for size, code in zip(CATEGORIES, codes)]
    margin = numbers[:, 0] * numbers[:, 1] + numpy.abs(numbers[:, 2]) - numbers[:, 3] + sum(effects)
    label = random.random(ROWS) < 1 / (1 + numpy.exp(-margin))
    return numpy.column_stack([numbers, *codes, label]).astype(numpy.float32)


def peer(path, batch, threads):
    """The loop as PyTorch's tutorials have it; prints the seconds and the loss of each epoch."""
    import torch

    if threads:
        torch.set_num_threads(threads)
    torch.manual_seed(0)
    rows = torch.from_numpy(numpy.fromfile(path, numpy.float32).reshape(ROWS, -1))
    numbers, label = rows[:, :NUMBERS].contiguous(), rows[:, -1].contiguous()
    codes = rows[:, NUMBERS:-1].long().contiguous()

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.tables = torch.nn.ModuleList(torch.nn.Embedding(size, 8) for size in CATEGORIES)
            self.layers = torch.nn.Sequential(
                torch.nn.Linear(NUMBERS + 8 * len(CATEGORIES), 64), torch.nn.ReLU(),
                torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 1))

        def forward(self, x, c):
            parts = [table(c[:, i]) for i, table in enumerate(self.tables)]
            return self.layers(torch.cat([x, *parts], 1)).squeeze(1)

    net = Net()
    optimizer = torch.optim.Adam(net.parameters())
    loss_of = torch.nn.BCEWithLogitsLoss()
    losses = []
    start = time.perf_counter()
    for _ in range(EPOCHS):
        total = 0.0
        order = torch.randperm(ROWS)
        for at in range(0, ROWS, batch):
            picked = order[at:at + batch]
            optimizer.zero_grad()
            loss = loss_of(net(numbers[picked], codes[picked]), label[picked])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(picked)
        losses.append(total / ROWS)
    print(f"{time.perf_counter() - start:.4f}", *(f"{loss:.6f}" for loss in losses))


def measure(command, folder):
    seconds, *losses = run_once(command, folder).output.split()
    return float(seconds), [float(loss) for loss in losses]


def compare(programs, path, folder, batch):
    ours = [str(programs / "network_train"), path, str(batch), str(EPOCHS)]
    loop = [sys.executable, __file__, "--peer", path, str(batch)]
    # Its products have a count of threads of their own.
    theirs = {0: [*loop, "0"], 1: ["env", "OPENBLAS_NUM_THREADS=1", *loop, "1"]}
    threads = min(theirs, key=lambda t: measure(theirs[t], folder)[0])
    times = [(measure(ours, folder), measure(theirs[threads], folder)) for _ in range(RUNS)]
    loss, other = times[0][0][1][-1], times[0][1][1][-1]
    print(f"batches of {batch}: loss of the last epoch {loss:.4f}, PyTorch {other:.4f}")
    if abs(loss - other) > 0.05 * other:
        raise SystemExit("the losses differ")
    words = "one thread" if threads else "its own number of threads"
    print(f"  engine  {spread([a[0] for a, _ in times])} s")
    print(f"  PyTorch {spread([b[0] for _, b in times])} s, with {words}")
    ratios = [a[0] / b[0] for a, b in times]
    print(f"  ratio   {spread(ratios)} ({verdict(sorted(ratios)[RUNS // 2], 1)})")


def main(programs):
    try:
        subprocess.run([sys.executable, "-c", "import torch"], check=True, capture_output=True)
    except subprocess.CalledProcessError:
        print("left out: python3-torch is not installed")
        return
    with tempfile.TemporaryDirectory() as folder:
        path = str(pathlib.Path(folder) / "rows")
        make_rows().tofile(path)
        for batch in (128, 1024):
            compare(programs, path, folder, batch)


if __name__ == "__main__":
    if sys.argv[1] == "--peer":
        peer(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    else:
        main(pathlib.Path(sys.argv[1]).absolute())
