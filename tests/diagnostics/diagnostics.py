#!/usr/bin/env python3
"""Pins what a user reads: NAME.sql against NAME.expected, all of standard error and the exit status.

diagnostics.py PROGRAM         checks
diagnostics.py PROGRAM accept  writes what the program says now; read the diff before committing it
"""

import difflib
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent


def said(program, script, folder):
    """Runs a script against a fresh database in memory, in a folder that holds the scripts."""
    done = subprocess.run([program, "--db", "duckdb::memory:", "-f", script.name], cwd=folder,
                          capture_output=True, timeout=300, check=False)
    text = done.stderr.decode("utf-8", errors="surrogateescape")
    text = re.sub(r", \d+\.\d\d s$", ", 0.00 s", text, flags=re.MULTILINE)
    return text + f"[exit status {done.returncode}]\n"


def main(program, accept):
    program = str(pathlib.Path(program).resolve())
    scripts = sorted(HERE.glob("*.sql"))
    failed = 0
    with tempfile.TemporaryDirectory(prefix="quern-diagnostics-") as folder:
        for script in scripts:
            (pathlib.Path(folder) / script.name).write_bytes(script.read_bytes())
        for script in scripts:
            expected = script.with_suffix(".expected")
            now = said(program, script, folder)
            if accept:
                expected.write_text(now, encoding="utf-8", errors="surrogateescape")
                continue
            before = expected.read_text(encoding="utf-8", errors="surrogateescape") if expected.exists() else ""
            if now == before:
                continue
            failed += 1
            diff = difflib.unified_diff(before.splitlines(True), now.splitlines(True),
                                        expected.name, "now")
            sys.stdout.buffer.write("".join(diff).encode("utf-8", errors="surrogateescape") + b"\n")
    for orphan in HERE.glob("*.expected"):
        if not orphan.with_suffix(".sql").exists():
            print(f"{orphan.name} has no script")
            failed += 1
    print(f"{len(scripts)} scripts, {failed} failed")
    if failed:
        print(f"If the new messages are right: python3 {HERE}/diagnostics.py {program} accept")
    return 1 if failed or not scripts else 0


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3) or sys.argv[2:] not in ([], ["accept"]):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2:] == ["accept"]))
