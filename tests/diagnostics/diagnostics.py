#!/usr/bin/env python3
"""Pins what a user reads: NAME.sql against NAME.expected, all of standard error and the exit status.

diagnostics.py PROGRAM         checks
diagnostics.py PROGRAM accept  writes what the program says now; read the diff before committing it
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import pinning  # noqa: E402


def said(program, script):
    """Runs a script against a fresh database in memory, in a folder that holds nothing else."""
    with tempfile.TemporaryDirectory(prefix="quern-diagnostics-") as folder:
        shutil.copy(script, folder)
        done = subprocess.run([program, "--db", "duckdb::memory:", "-f", script.name], cwd=folder,
                              capture_output=True, timeout=300, check=False)
    text = done.stderr.decode("utf-8", errors="surrogateescape")
    text = re.sub(r", \d+\.\d\d s$", ", 0.00 s", text, flags=re.MULTILINE)
    return text + f"[exit status {done.returncode}]\n"


if __name__ == "__main__":
    sys.exit(pinning.main([HERE, HERE / "bad"], said, __doc__))
