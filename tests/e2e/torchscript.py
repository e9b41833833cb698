#!/usr/bin/env python3
"""TO TRAIN 'model.pt': modules that PyTorch saved are read as what they compute, are trained as PyTorch would train them,
and what cannot be read ends in an error that names it.

torchscript.py PROGRAM
"""

import csv
import io
import pathlib
import sys
import zipfile

from quern_cli import Failures, Workplace

try:
    import numpy
    import torch
    from torch import nn
    from torch.nn import functional
except ImportError:
    print("SKIPPED: Python has no torch")
    sys.exit(0)

ROWS = 240
ALLOW = "SET quern.allow_torchscript = true;"
# Steps that change nothing, so that predictions are the module's own.
RESTING = "train.epoch = 1, model.optimizer = 'SGD', optimizer.learning_rate = 1e-30, split.method = none"


def stack(*layers, outputs=1, **linear):
    return nn.Sequential(nn.Linear(4, 8), *layers, nn.Linear(8, outputs, **linear))


class Own(nn.Module):
    """Functions, submodules and a branch that no row decides."""

    def __init__(self, outputs=1):
        super().__init__()
        self.first = nn.Linear(4, 8)
        self.block = nn.Sequential(nn.Linear(8, 8), nn.ReLU6())
        self.last = nn.Linear(8, outputs, bias=False)
        self.register_buffer("mean", torch.tensor([0.5, -1.0, 2.0, 0.0]))
        self.register_buffer("deviation", torch.tensor([2.0, 1.0, 0.5, 3.0]))
        self.wide = False

    def forward(self, x, doubled: bool = False):
        if self.wide or doubled:
            x = torch.cat([x, x], 1)
        x = (x - self.mean) / self.deviation
        x = functional.leaky_relu(self.first(x))
        x = functional.dropout(x, 0.25, self.training)
        x = torch.tanh(self.block(x)) * 2.0 + 0.5
        return self.last(x)


class Branches(nn.Module):
    """A wide and a deep part, whose margins are added up; one number for each row."""

    def __init__(self):
        super().__init__()
        self.wide = nn.Linear(4, 1)
        self.deep = stack(nn.Softplus())

    def forward(self, x):
        return (self.wide(x) + self.deep(x)).squeeze(1)


class Chances(Branches):
    def forward(self, x):
        return torch.sigmoid(self.wide(x) + self.deep(x))


class Plain(nn.Module):
    """Matrices without a module around them."""

    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.randn(4, 6))
        self.b = nn.Parameter(torch.randn(6))
        self.v = nn.Parameter(torch.randn(6))

    def forward(self, x):
        rows = x.size(0)
        return functional.silu((x.matmul(self.w) + self.b).view(rows, -1)).matmul(self.v).view(rows, 1)


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(4, 4)
        self.last = nn.Linear(4, 1)

    def forward(self, x):
        return self.last(x + functional.relu(self.inner(x)))


class Peeking(nn.Module):
    def __init__(self):
        super().__init__()
        self.last = nn.Linear(4, 1)

    def forward(self, x):
        return self.last(x) if bool(x.sum() > 0) else self.last(-x)


class Normed(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(4)
        self.last = nn.Linear(4, 1)

    def forward(self, x):
        return self.last(self.norm(x))


def filled(module):
    """Batch norms that have seen something."""
    torch.manual_seed(len(list(module.parameters())))
    for part in module.modules():
        if isinstance(part, nn.BatchNorm1d):
            part.running_mean.uniform_(-1, 1)
            part.running_var.uniform_(0.5, 2)
            nn.init.uniform_(part.weight, 0.5, 2)
            nn.init.uniform_(part.bias, -1, 1)
    return module.eval()


# name, module, label, what its numbers are: margins of numbers or classes.
NUMBERS = [
    *((name, stack(layer)) for name, layer in [
        ("relu", nn.ReLU()), ("relu6", nn.ReLU6()), ("leaky", nn.LeakyReLU()), ("elu", nn.ELU()), ("selu", nn.SELU()), ("gelu", nn.GELU()),
        ("sigmoid", nn.Sigmoid()), ("tanh", nn.Tanh()), ("softplus", nn.Softplus()), ("softsign", nn.Softsign()), ("silu", nn.SiLU()),
        ("dropout", nn.Dropout(0.3)), ("hardtanh", nn.Hardtanh(0.0, 6.0)), ("identity", nn.Identity())]),
    ("own", Own()),
    ("branches", Branches()),
    ("plain", Plain()),
    ("flat", nn.Sequential(nn.Linear(4, 1), nn.Flatten(0))),
    ("line", nn.Linear(4, 1)),
    ("double", stack(nn.ReLU()).double()),
    ("squashed", nn.Sequential(stack(nn.ReLU()), nn.Sigmoid())),
]
CLASSES = [
    ("two", stack(nn.ReLU()), "yes", torch.sigmoid),
    ("two_probabilities", nn.Sequential(stack(nn.ReLU()), nn.Sigmoid()), "yes", None),
    ("two_branches", Chances(), "yes", None),
    ("two_margins", stack(nn.ReLU(), outputs=2), "yes", lambda m: torch.softmax(m, 1)),
    ("two_softmax", nn.Sequential(stack(nn.ReLU(), outputs=2), nn.Softmax(1)), "yes", None),
    ("three", stack(nn.ReLU(), outputs=3, bias=False), "kind", lambda m: torch.softmax(m, 1)),
    ("three_softmax", nn.Sequential(stack(nn.ReLU(), outputs=3), nn.Softmax(-1)), "kind", None),
    ("three_logs", nn.Sequential(stack(nn.ReLU(), outputs=3), nn.LogSoftmax(1)), "kind", torch.exp),
]
# name, module, the label, words of the error.
REFUSED = [
    ("residual", Residual(), "amount", ["Q1090", "adds what goes in to what comes out"]),
    ("peeking", Peeking(), "amount", ["Q1090", "aten::sum has no counterpart here"]),
    ("normed", Normed(), "amount", ["Q1090", "(in norm) has no counterpart here"]),
    ("prelu", nn.Sequential(nn.Linear(4, 3), nn.PReLU(), nn.Linear(3, 1)), "amount", ["Q1090", "prelu (in 1)"]),
    ("steep", stack(nn.LeakyReLU(0.2)), "amount", ["Q1090", "leaky_relu", "other numbers"]),
    ("four", stack(nn.ReLU(), outputs=4), "kind", ["Q3011", "gives 4 numbers for a row, the label needs 3"]),
    ("pair", stack(nn.ReLU(), outputs=2), "amount", ["Q3011", "gives 2 numbers for a row, the label needs 1"]),
    ("apart", nn.Sequential(stack(nn.ReLU(), outputs=3), nn.Sigmoid()), "kind", ["Q3011", "sigmoid for each class"]),
    ("wide", nn.Linear(5, 1), "amount", ["reads 5 numbers, the features give 4"]),
    ("softsign_frozen", stack(nn.Softsign()), "amount", ["Q1090", "aten::abs has no counterpart here"]),
    ("nothing", nn.Sequential(nn.ReLU()), "amount", ["Q1090", "has no linear layer"]),
]


class Table:
    def __init__(self, place, failures):
        self.place, self.failures = place, failures
        self.points = numpy.random.default_rng(5).normal(0, 1.5, (ROWS, 4)).astype(numpy.float32)
        score = self.points @ numpy.array([1.0, -2.0, 0.5, 0.25])
        self.yes, self.kind, self.amount = score > 0, numpy.digitize(score, [-1.5, 1.5]), 3 * score + 10
        with open(place.path / "t.csv", "w", newline="", encoding="utf-8") as file:
            out = csv.writer(file)
            out.writerow(["id", "a", "b", "c", "d", "yes", "kind", "amount"])
            for i, point in enumerate(self.points):
                out.writerow([i, *map(repr, map(float, point)), self.yes[i], "abc"[self.kind[i]], repr(float(self.amount[i]))])
        self.query("CREATE TABLE t AS SELECT * FROM 't.csv' ORDER BY id")

    def run(self, text):
        return self.place.run("--db", "duckdb:t.duckdb", "--csv", "-e", text)

    def query(self, text):
        done = self.run(text)
        if done.returncode != 0:
            raise AssertionError(done.stderr[-2000:])
        return list(csv.DictReader(io.StringIO(done.stdout)))

    def train(self, file, how, label, model="m"):
        self.query(f"{ALLOW} SELECT a, b, c, d, {label} FROM t TO TRAIN '{file}' WITH {how} LABEL {label} INTO {model}")

    def predictions(self, label, model="m"):
        rows = self.query(f"SELECT a, b, c, d FROM t ORDER BY id TO PREDICT USING {model}")
        return numpy.array([float(r[f"predicted_{label}"]) for r in rows])

    def probabilities(self, label, model="m"):
        rows = self.query(f"SELECT a, b, c, d FROM t ORDER BY id TO PREDICT WITH predict.proba = true USING {model}")
        return numpy.array([[float(v) for k, v in r.items() if k.startswith(f"predicted_{label}_prob_")] for r in rows])


def answers(module, points):
    kind = next(module.parameters()).dtype
    with torch.no_grad():
        return module(torch.from_numpy(points).to(kind))


def close(a, b, tolerance=1e-4):
    a, b = numpy.asarray(a, float), numpy.asarray(b, float)
    return a.shape == b.shape and numpy.allclose(a, b, rtol=tolerance, atol=tolerance)


def saved(module, path, way):
    if way == "traced":
        torch.jit.trace(module, torch.zeros(3, 4, dtype=next(module.parameters()).dtype)).save(str(path))
    elif way == "frozen":
        torch.jit.freeze(torch.jit.script(module)).save(str(path))
    else:
        torch.jit.script(module).save(str(path))


def check_reading(table, expect):
    """Each way of saving gives the module's own answers."""
    wanted, script, rows = {}, [ALLOW], []
    for name, module in NUMBERS:
        numbers = answers(filled(module), table.points).reshape(-1)
        # A frozen Softsign has lost its name, and is a quotient.
        for way in ["traced", "scripted"] if name == "softsign" else ["traced", "frozen", "scripted"]:
            file, model = f"{name}_{way}.pt", f"{name}_{way}"
            saved(module, table.place.path / file, way)
            wanted[model] = numbers
            script.append(f"SELECT a, b, c, d, amount FROM t TO TRAIN '{file}' WITH {RESTING} LABEL amount INTO m_{model};"
                          f"SELECT id, a, b, c, d FROM t TO PREDICT p_{model}.p USING m_{model};")
            rows.append(f"SELECT '{model}' AS model, id, p FROM p_{model}")
    table.query("\n".join(script))
    found = table.query(" UNION ALL ".join(rows) + " ORDER BY model, id")
    for model, numbers in wanted.items():
        theirs = [float(row["p"]) for row in found if row["model"] == model]
        expect(close(theirs, numbers), f"{model}: other numbers than the module's")
    for number, (name, module, label, link) in enumerate(CLASSES):
        filled(module)
        wanted = answers(module, table.points)
        wanted = link(wanted) if link else wanted
        if wanted.shape[1] == 1:
            wanted = torch.cat([1 - wanted, wanted], 1)
        saved(module, table.place.path / f"{name}.pth", ["scripted", "traced"][number % 2])
        table.train(f"{name}.pth", RESTING, label)
        expect(close(table.probabilities(label), wanted), f"{name}: other probabilities than the module's")


def check_training(table, expect):
    """Steps over the same batches in the same order change the weights, and the norms, as PyTorch's do."""
    truth = torch.from_numpy(table.kind).long()
    module = nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6, momentum=0.2), nn.Tanh(), nn.Linear(6, 3))
    filled(module)
    saved(module, table.place.path / "norm.pt", "scripted")
    untrained = answers(module, table.points)
    table.train("norm.pt", "train.epoch = 3, model.optimizer = 'SGD', optimizer.learning_rate = 0.1, optimizer.momentum = 0.9, "
                           "train.batch_size = 40, train.shuffle = false, split.method = none", "kind")
    module.train()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1, momentum=0.9)
    for _ in range(3):
        for begin in range(0, ROWS, 40):
            optimizer.zero_grad()
            rows = torch.from_numpy(table.points[begin:begin + 40])
            functional.cross_entropy(module(rows), truth[begin:begin + 40]).backward()
            optimizer.step()
    wanted = torch.softmax(answers(module.eval(), table.points), 1)
    expect(not close(torch.softmax(untrained, 1), wanted, 0.05), "training changes little: the comparison would say nothing")
    expect(close(table.probabilities("kind"), wanted, 1e-3), "other probabilities than after PyTorch's training")


def check_use(table, expect):
    """A model of a module is one like others: it goes on, is judged, explained, exported and tuned."""
    table.train("relu_scripted.pt", "train.epoch = 30, validation.metrics = [rmse]", "amount", "more")
    first = float(table.query("SELECT * FROM t TO EVALUATE more")[0]["rmse"])
    table.query("SELECT a, b, c, d, amount FROM t TO TRAIN torch.jit.ScriptModule WITH train.epoch = 60, optimizer.learning_rate = 0.01 "
                "LABEL amount USING more INTO more")
    second = float(table.query("SELECT * FROM t TO EVALUATE more")[0]["rmse"])
    expect(second < first < table.amount.std() * 1.5, f"rmse {first}, then {second}")
    expect(len(table.query("SELECT * FROM t TO EXPLAIN more")) == 4, "four features are explained")
    expect("torch.jit.ScriptModule" in table.run("DESCRIBE MODEL more").stdout, "the model says what trained it")
    table.query(f"{ALLOW} SELECT a, b, c, d, amount FROM t TO TRAIN 'relu_scripted.pt' WITH optimizer.learning_rate = CHOICE(0.001, 0.05), train.epoch = 5 "
                "LABEL amount INTO tuned")
    expect(len(table.query("SHOW TRIALS tuned")) == 2, "two trials")
    table.query("EXPORT MODEL more TO 'more.quern'; IMPORT MODEL 'more.quern' INTO copy")
    expect(close(table.predictions("amount", "copy"), table.predictions("amount", "more"), 0), "a bundle carries the model")
    bundle = (table.place.path / "more.quern").read_bytes()
    expect(b"forward" not in bundle and b"__torch__" not in bundle, "a bundle holds no code")


def check_refusals(table, expect):
    select = "SELECT a, b, c, d, {0} FROM t TO TRAIN '{1}' LABEL {0} INTO refused"
    for name, module, label, words in REFUSED:
        saved(filled(module), table.place.path / f"{name}.pt", "frozen" if "frozen" in name else "scripted")
        done = table.run(ALLOW + select.format(label, f"{name}.pt"))
        expect(done.returncode == 1 and all(w in done.stderr for w in words), f"{name}: {done.stderr}")
    torch.save(stack(nn.ReLU()).state_dict(), str(table.place.path / "weights.pt"))
    whole = (table.place.path / "relu_scripted.pt").read_bytes()
    files = {"half.pt": whole[: len(whole) // 2], "empty.pt": b"", "text.pt": b"no module at all"}
    for name, content in files.items():
        (table.place.path / name).write_bytes(content)
    for name in [*files, "weights.pt"]:
        done = table.run(ALLOW + select.format("amount", name))
        expect(done.returncode == 1 and "Q6001" in done.stderr and "no file of TorchScript" in done.stderr, f"{name}: {done.stderr}")
    # Its tensors are as large as before, says the file, but for one the numbers are missing.
    with zipfile.ZipFile(table.place.path / "relu_scripted.pt") as whole, zipfile.ZipFile(table.place.path / "short.pt", "w") as short:
        for name in whole.namelist():
            short.writestr(name, whole.read(name)[: 20 if name.endswith("data/0") else None])
    infinite = stack(nn.ReLU())
    infinite[0].weight.data[0, 0] = float("inf")
    saved(infinite.eval(), table.place.path / "infinite.pt", "scripted")
    for name, words in [("infinite.pt", "a weight that is not finite"), ("short.pt", "has not the numbers that a tensor needs"),
                        ("missing.pt", "Q5007")]:
        done = table.run(ALLOW + select.format("amount", name))
        expect(done.returncode == 1 and words in done.stderr, f"{name}: {done.stderr}")
    done = table.run(select.format("amount", "relu_scripted.pt"))
    expect("Q5014" in done.stderr and "SET quern.allow_torchscript = true" in done.stderr, f"not allowed: {done.stderr}")
    expect(not table.query("SHOW MODELS LIKE 'refused'"), "nothing is stored of what was refused")


def main():
    failures = Failures()
    if not (pathlib.Path(sys.argv[1]).parent.parent / "lib" / "quern_torch.so").exists():
        print("SKIPPED: networks are not trained in this build")
        return 0
    with Workplace(sys.argv[1]) as place:
        table = Table(place, failures)
        check_reading(table, failures.expect)
        check_training(table, failures.expect)
        check_use(table, failures.expect)
        check_refusals(table, failures.expect)
    return failures.report("torchscript")


if __name__ == "__main__":
    sys.exit(main())
