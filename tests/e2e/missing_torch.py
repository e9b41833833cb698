#!/usr/bin/env python3
"""A program without the plug-in that trains networks: training says how to get it, and a network that was
trained elsewhere is predicted, evaluated and explained all the same."""

import os
import pathlib
import shutil
import sys
import tempfile

from quern_cli import Failures, Workplace

PLUGIN = "quern_torch.so"
TRAIN = "SELECT * FROM 'iris.csv' TO TRAIN DNNClassifier WITH train.epoch = 2 LABEL species INTO n"
USES = ("SELECT * FROM 'iris.csv' TO PREDICT p.guess USING n; SELECT count(*) AS rows FROM p;"
        "SELECT * FROM 'iris.csv' TO EVALUATE n; SELECT * FROM 'iris.csv' TO EXPLAIN n")


def copy_without_plugin(program, folder):
    """Hard links to the program and the libraries beside it; where it cannot link, copies."""
    for name in ("bin", "lib"):
        (folder / name).mkdir()
    libraries = [f for f in (program.parent.parent / "lib").iterdir() if ".so" in f.name and f.name != PLUGIN]
    for file in [program, *libraries]:
        target = folder / ("bin" if file == program else "lib") / file.name
        try:
            os.link(file.resolve(), target)
        except OSError:
            shutil.copy(file, target)
    return folder / "bin" / program.name


def main(program):
    program = pathlib.Path(program).resolve()
    failures = Failures()
    with tempfile.TemporaryDirectory(prefix="quern-e2e-") as folder, Workplace(program) as place:
        with_plugin = (program.parent.parent / "lib" / PLUGIN).exists()
        if with_plugin:
            done = place.run("-e", TRAIN)
            failures.expect(done.returncode == 0, f"training with the plug-in fails: {done.stderr}")
        place.program = str(copy_without_plugin(program, pathlib.Path(folder)))
        done = place.run("-e", TRAIN.replace("INTO n", "INTO other"))
        failures.expect(done.returncode == 1, f"training without the plug-in ends with {done.returncode}")
        for words in ("error[Q5004]", PLUGIN, "install Debian's libtorch-dev", "DNNClassifier"):
            failures.expect(words in done.stderr, f"no word of {words}: {done.stderr}")
        failures.expect(done.stderr.count("error[") == 1, f"more than one error: {done.stderr}")
        if with_plugin:
            done = place.run("-e", USES)
            failures.expect(done.returncode == 0, f"without the plug-in a network is of no use: {done.stderr}")
            failures.expect("150" in done.stdout, f"rows are missing: {done.stdout}")
    return failures.report("missing torch")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
