#!/usr/bin/env python3
"""Runs the snippets of docs/jupyter.md as cells of one IPython, in a folder with iris.csv. A `text` block right behind
one is what it prints. Needs QUERN_LIBRARY and IPython."""

import os
import pathlib
import shutil
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
os.environ["IPYTHONDIR"] = tempfile.mkdtemp()
try:
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output
except ImportError:
    print("SKIPPED: IPython is not installed")
    sys.exit(0)

from documents import snippets  # noqa: E402


def run(shell, body):
    """(what is wrong, what was printed)"""
    with capture_output() as heard:
        result = shell.run_cell(body)
    return result.error_before_exec or result.error_in_exec, heard.stdout


def main():
    problems, count = [], 0
    text = (ROOT / "docs" / "jupyter.md").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(ROOT / "examples" / "data" / "iris.csv", folder)
        os.chdir(folder)
        shell = InteractiveShell.instance()
        shell.history_manager.enabled = False
        for line, language, _, body, expected in snippets(text):
            if language != "python":
                continue
            count += 1
            wrong, printed = run(shell, body)
            if wrong:
                problems.append(f"docs/jupyter.md:{line}: {wrong!r}\n{printed}")
            elif expected is not None and printed.strip() != expected.strip():
                problems.append(f"docs/jupyter.md:{line}: printed\n{printed}\nbut the document says\n{expected}")
        os.chdir("/")
    if count < 5:
        problems.append(f"only {count} snippets found")
    print("\n".join(problems) or f"{count} snippets")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
