#!/usr/bin/env python3
"""Scores rows of 28 numbers with forests that XGBoost trained on histograms (A: 100 trees of depth 6,
B: 1,000 of depth 6, C: 500 of depth 8), against what else scores such forests. One core each, rows in place, in the
layout and number at once that the peer is fastest with. Peers come from Debian and, in their newest version, from
the package registry, into an environment under the user's cache; one that cannot be had is named. Answers are
compared first: XGBoost's, GTIL's, TL2cgen's and ONNX Runtime's are of the same forest, LightGBM, lleaves and
scikit-learn have one of their own of the same size. Then all run in turn, and the processor's time is taken.
lleaves and TL2cgen compile for minutes or more where a forest is large, so they get A alone.

peers.py PROGRAMS [--json FILE] [SHAPE...]   PROGRAMS is the folder of forest_runner
"""

import contextlib
import importlib.metadata
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

#: Name, trees, depth, as many rows as the slowest peer scores in seconds, and the goals with AVX-512 and AVX2.
SHAPES = [("A", 100, 6, 100000, 6, 2.5), ("B", 1000, 6, 20000, 20, 7), ("C", 500, 8, 20000, 9, 3.5)]
#: What is installed, each line on its own, so that one that is missing leaves the others. Debian's scipy and
#: scikit-learn are built for the numpy of before 2; lleaves calls what llvmlite had before 0.45.
PACKAGES = [["xgboost-cpu"], ["lightgbm"], ["lleaves", "llvmlite<0.45"], ["treelite"], ["tl2cgen"], ["onnxruntime"],
            ["onnxmltools"]]
RUNS = 5
FEATURES = 28


def environment():
    """The Python of the peers, made where there is none; Debian's packages stay visible in it."""
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    folder = cache / "quern" / "bench-peers"
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        debian = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable
        subprocess.run([debian, "-m", "venv", "--system-site-packages", folder], check=True)
        for packages in PACKAGES:
            subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages,
                            "numpy<2"], check=False)
        (folder / "complete").touch()
    return python


class Runner:
    """forest_runner with a forest: ours, and the XGBoost that trained it."""

    def __init__(self, programs, trees, depth, rows, folder):
        self.process = subprocess.Popen([f"{programs}/forest_runner", str(trees), str(depth), str(rows), folder],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.vectors = self.process.stdout.readline().strip()
        if not self.vectors:
            raise SystemExit("our margins are not XGBoost's")

    def seconds(self, who):
        self.process.stdin.write(f"{who}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())


class Data:
    """Rows and what XGBoost made of them."""

    def __init__(self, name, trees, depth, folder):
        import numpy
        self.name, self.trees, self.depth, self.folder = name, trees, depth, folder

        def read(what, width):
            values = numpy.fromfile(f"{folder}/{what}.f32", dtype=numpy.float32)
            return values.reshape(-1, width) if width > 1 else values

        self.rows, self.margins = read("rows", FEATURES), read("margins", 1)
        self.training, self.labels = read("training", FEATURES), read("labels", 1)

    def require_equal(self, answer, expected, what):
        import numpy
        answer = numpy.asarray(answer).reshape(-1)
        apart = numpy.abs(answer - expected).max() / numpy.abs(expected).max()
        if apart > 1e-5:
            raise SystemExit(f"{what}: the answers are {apart} apart")


def xgboost_now(data):
    import xgboost
    booster = xgboost.Booster(model_file=f"{data.folder}/model.json")
    booster.set_param({"nthread": 1})
    return f"XGBoost {xgboost.__version__}", data.margins, \
        lambda rows: booster.inplace_predict(rows, predict_type="margin")


def gtil(data):
    import treelite
    model = treelite.frontend.load_xgboost_model(f"{data.folder}/model.json")
    return f"treelite {treelite.__version__} (GTIL)", data.margins, \
        lambda rows: treelite.gtil.predict(model, rows, nthread=1, pred_margin=True)


def tl2cgen_compiled(data):
    if data.name != "A":
        return None
    import tl2cgen
    import treelite
    library = f"{data.folder}/forest.so"
    model = treelite.frontend.load_xgboost_model(f"{data.folder}/model.json")
    tl2cgen.export_lib(model, toolchain="gcc", libpath=library, params={"parallel_comp": 4})
    predictor = tl2cgen.Predictor(library, nthread=1)
    return f"TL2cgen {tl2cgen.__version__}", data.margins, \
        lambda rows: predictor.predict(tl2cgen.DMatrix(rows, dtype="float32"), pred_margin=True)


def onnx(data):
    import onnxmltools
    import onnxruntime
    import xgboost
    from onnxmltools.convert.common.data_types import FloatTensorType
    booster = xgboost.Booster(model_file=f"{data.folder}/model.json")
    model = onnxmltools.convert_xgboost(booster, initial_types=[("x", FloatTensorType([None, FEATURES]))])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return f"ONNX Runtime {onnxruntime.__version__}", data.margins, lambda rows: session.run(None, {"x": rows})[0]


def lightgbm_model(data):
    import lightgbm
    path = pathlib.Path(data.folder) / "lightgbm.txt"
    if not path.exists():
        settings = {"num_leaves": 2 ** data.depth, "max_depth": data.depth, "verbose": -1, "num_threads": 2}
        lightgbm.train(settings, lightgbm.Dataset(data.training, data.labels), data.trees).save_model(path)
    return lightgbm.Booster(model_file=path), path


def lightgbm_now(data):
    import lightgbm
    booster, _ = lightgbm_model(data)
    return f"LightGBM {lightgbm.__version__}", booster.predict(data.rows, num_threads=1), \
        lambda rows: booster.predict(rows, num_threads=1)


def lleaves_compiled(data):
    if data.name != "A":
        return None
    import lleaves
    version = importlib.metadata.version("lleaves")
    booster, path = lightgbm_model(data)
    model = lleaves.Model(model_file=path)
    model.compile()
    return f"lleaves {version}", booster.predict(data.rows), lambda rows: model.predict(rows, n_jobs=1)


def sklearn_histogram(data):
    import sklearn
    from sklearn.ensemble import HistGradientBoostingRegressor
    model = HistGradientBoostingRegressor(max_iter=data.trees, max_depth=data.depth, max_leaf_nodes=2 ** data.depth,
                                          early_stopping=False).fit(data.training, data.labels)
    return f"scikit-learn {sklearn.__version__}", model.predict(data.rows), model.predict


PEERS = [xgboost_now, gtil, tl2cgen_compiled, onnx, lightgbm_now, lleaves_compiled, sklearn_histogram]


def in_batches(predict, rows, size):
    for begin in range(0, len(rows), size):
        predict(rows[begin:begin + size])


def seconds_of(predict, rows, size):
    begin = time.process_time()
    in_batches(predict, rows, size)
    return time.process_time() - begin


def best_size(predict, rows):
    return min((1000, 10000, len(rows)), key=lambda size: seconds_of(predict, rows, size))


@contextlib.contextmanager
def output_to_errors():
    """Libraries talk while they compile."""
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def make_peers(data):
    """[(name, predict, rows at once)], and what could not be had, with its reason."""
    peers, absent = [], []
    for make in PEERS:
        try:
            with output_to_errors():
                made = make(data)
        except Exception as error:  # a peer may fail in any way
            absent.append(f"{make.__name__}: {type(error).__name__}: {str(error).splitlines()[0][:100]}")
            continue
        if made is None:
            continue
        name, expected, predict = made
        data.require_equal(predict(data.rows), expected, name)
        peers.append((name, predict, best_size(predict, data.rows)))
    return peers, absent


def compare(programs, shape):
    name, trees, depth, rows, goal, avx2_goal = shape
    with tempfile.TemporaryDirectory(prefix="quern-peers.") as folder:
        runner = Runner(programs, trees, depth, rows, folder)
        data = Data(name, trees, depth, folder)
        peers, absent = make_peers(data)
        times = {"Quern": [], "Quern, AVX2 forced": [], "XGBoost 1.7, Debian's": [], **{peer[0]: [] for peer in peers}}
        for _ in range(RUNS):
            times["Quern"].append(runner.seconds("quern"))
            times["Quern, AVX2 forced"].append(runner.seconds("avx2"))
            times["XGBoost 1.7, Debian's"].append(runner.seconds("xgboost"))
            for peer, predict, size in peers:
                times[peer].append(seconds_of(predict, data.rows, size))
        runner.process.stdin.close()
        runner.process.wait()
    result = {"shape": name, "trees": trees, "depth": depth, "rows": rows, "goal": goal, "avx2_goal": avx2_goal,
              "vectors": runner.vectors, "absent": absent, "peers": []}
    for peer, seconds in times.items():
        ratios = sorted(theirs / ours for theirs, ours in zip(seconds, times["Quern"]))
        result["peers"].append({"name": peer, "ns_a_row": min(seconds) * 1e9 / len(data.rows),
                                "ratio": ratios[RUNS // 2], "least": ratios[0], "most": ratios[-1]})
    return result


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        names = [line.split(":")[1].strip() for line in file if line.startswith("model name")]
    return names[0] if names else "unknown"


def print_markdown(result):
    print(f"{result['shape']}: {result['trees']} trees of depth {result['depth']}, {result['rows']} rows, ours with {result['vectors']}\n")
    print("| who | ns a row | times ours |\n|---|---|---|")
    for peer in result["peers"]:
        print(f"| {peer['name']} | {peer['ns_a_row']:,.0f} | "
              f"{peer['ratio']:.1f} [{peer['least']:.1f}, {peer['most']:.1f}] |")
    forced = result["peers"][1]["ratio"]
    fastest = min(peer["ratio"] for peer in result["peers"][2:])
    goal = f" (goal: at least {result['goal']}, {'met' if fastest >= result['goal'] else 'NOT met'})"
    print(f"\nthe fastest peer: {fastest:.1f} times ours{goal if result['vectors'] == 'avx512' else ''}, "
          f"{fastest / forced:.1f} times ours with AVX2 (goal: at least {result['avx2_goal']})")
    for reason in result["absent"]:
        print(f"\nabsent: {reason}")
    print(flush=True)


def main(arguments):
    path = None
    if "--json" in arguments:
        at = arguments.index("--json")
        path = arguments[at + 1]
        del arguments[at:at + 2]
    programs, wanted = arguments[0], arguments[1:]
    print(f"{processor()}\n")
    results = []
    for shape in SHAPES:
        if not wanted or shape[0] in wanted:
            results.append(compare(programs, shape))
            print_markdown(results[-1])
    if path:
        pathlib.Path(path).write_text(json.dumps({"processor": processor(), "shapes": results}, indent=1) + "\n",
                                      encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    if os.environ.get("QUERN_BENCH_INSIDE") != "1":
        os.environ.update(QUERN_BENCH_INSIDE="1", OMP_NUM_THREADS="1")
        interpreter = environment()
        os.execv(interpreter, [interpreter, __file__, *sys.argv[1:]])
    main(sys.argv[1:])
