#!/usr/bin/env python3
"""Pins the stages of a statement: the AST, IR and PLAN of each NAME.sql against NAME.expected.

golden.py PROGRAM         checks
golden.py PROGRAM accept  writes what the stages are now; read the diff before committing it

The tables and models that the statements need are made by setup/tables.sql.
"""

import csv
import functools
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
#: Plans are the same on every machine.
SETTINGS = "SET quern.kernel = portable"
sys.path.insert(0, str(HERE.parent))
import pinning  # noqa: E402


def run(program, database, *arguments):
    return subprocess.run([program, "--db", f"duckdb:{database}", "--csv", *arguments], capture_output=True,
                          timeout=300, check=False, text=True, encoding="utf-8")


@functools.cache
def prepared(program):
    """A database with the tables and models, made once; the folder goes with the process."""
    folder = tempfile.TemporaryDirectory(prefix="quern-golden-")
    database = pathlib.Path(folder.name) / "golden.duckdb"
    done = run(program, database, "-f", str(HERE / "setup/tables.sql"))
    if done.returncode != 0:
        sys.exit(done.stderr)
    return folder, database


def stage(program, name, statement):
    done = run(program, prepared(program)[1], "-e", SETTINGS, "-e", f"EXPLAIN {name} {statement}")
    if done.returncode != 0:
        return done.stderr.removeprefix("set quern.kernel = portable\n")
    return "".join(f"{row[0] if row else ''}\n" for row in list(csv.reader(done.stdout.splitlines()))[1:])


def said(program, script):
    statement = script.read_text(encoding="utf-8")
    return "".join(f"== {name}\n{stage(program, name, statement)}" for name in ("AST", "IR", "PLAN"))


if __name__ == "__main__":
    sys.exit(pinning.main([HERE], said, __doc__))
