#!/usr/bin/env python3
"""Runs every notebook of notebooks/ from top to bottom, as Jupyter does, and looks for what each must show. The files
hold no outputs. With a folder as argument, writes them there with their outputs, to be looked at.

Needs QUERN_LIBRARY, nbclient and ipykernel."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

try:
    import nbformat
    from nbclient import NotebookClient
except ImportError:
    print("SKIPPED: nbclient is not installed")
    sys.exit(0)

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "notebooks"
PATIENCE = 600  # seconds for a cell, on a busy machine
# What the outputs of each must hold, in this order.
MUST_SHOW = {
    "first_steps": ["trained iris_model@1", "<svg", "predicted_species", "setosa", "unknown attribute: max_dept", "^"],
    "churn": ["trained churn_model@1", "<svg", "roc_auc", "<svg", "mean_abs_shap", "<svg", "who to call"],
    "explaining": ["trained", "<svg", "mean_abs_shap", "SHAP values", "sum to the margin: True", "importance"],
    "fraud": ["trained fraud_model@1", "average_precision", "<svg", "the same as in SQL: True"],
}


def outputs(book):
    """What each output holds, in all its forms; what a cell prints comes in pieces."""
    for cell in book.cells:
        yield "".join(output.get("text", "") for output in cell.get("outputs", []))
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if re.search(r"<script", str(data.get("text/html", "")), re.IGNORECASE):
                yield "A SCRIPT"
            yield "\n".join([*map(str, data.values()), "\n".join(output.get("traceback", []))])


def problems_of(path, book):
    if any(cell.get("outputs") or cell.get("execution_count") for cell in book.cells):
        yield f"{path.name}: committed with outputs"
    NotebookClient(book, timeout=PATIENCE, resources={"metadata": {"path": str(FOLDER)}}).execute()
    text = "\n".join(outputs(book))
    at = 0
    for words in MUST_SHOW[path.stem]:
        found = text.find(words, at)
        if found < 0:
            yield f"{path.name}: does not show {words!r} behind what came before"
            return
        at = found
    if "A SCRIPT" in text:
        yield f"{path.name}: a script in its outputs"


def install_kernel():
    """Where Jupyter finds `quern`, and nowhere else."""
    prefix = tempfile.mkdtemp()
    os.environ.update(JUPYTER_PATH=f"{prefix}/share/jupyter", QUERN_HISTORY="", IPYTHONDIR=f"{prefix}/ipython")
    subprocess.run([sys.executable, "-m", "quern.kernel", "install", "--prefix", prefix], check=True,
                   stdout=subprocess.DEVNULL)


def main(folder=None):
    install_kernel()
    paths = sorted(FOLDER.glob("*.ipynb"))
    problems = [] if {p.stem for p in paths} == set(MUST_SHOW) else [f"expected {sorted(MUST_SHOW)}"]
    for path in paths:
        book = nbformat.read(path, 4)
        problems += problems_of(path, book)
        if folder:
            nbformat.write(book, pathlib.Path(folder) / path.name)
        print(f"{path.name}: {sum(c.cell_type == 'code' for c in book.cells)} cells")
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
