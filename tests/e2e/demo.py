#!/usr/bin/env python3
"""Runs examples/demo.sh and looks for what it promises: a model, metrics, predictions, a typo."""

import os
import subprocess
import sys

from quern_cli import ROOT, Failures


def main(program):
    failures = Failures()
    done = subprocess.run([ROOT / "examples/demo.sh", program], capture_output=True, text=True,
                          timeout=300, check=False, stdin=subprocess.DEVNULL, env=os.environ)
    output = done.stdout + done.stderr
    failures.expect(done.returncode == 0, f"the demo ends with {done.returncode}:\n{output}")
    for word in ("TO TRAIN", "TO EVALUATE", "f1_macro", "TO EXPLAIN", "fscore", "predicted_species", "virginica", "Q2003", "did you mean"):
        failures.expect(word in output, f"the demo does not show {word!r}:\n{output}")
    return failures.report("demo")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
