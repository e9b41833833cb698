"""Pinned output: each NAME.sql of a folder against NAME.expected beside it, checked or accepted."""

import difflib
import pathlib
import sys


def read(path):
    return path.read_text(encoding="utf-8", errors="surrogateescape") if path.exists() else ""


def show_difference(before, now, name):
    diff = difflib.unified_diff(before.splitlines(True), now.splitlines(True), name, "now")
    sys.stdout.buffer.write("".join(diff).encode("utf-8", errors="surrogateescape") + b"\n")


def check_folder(folder, said, accept):
    """Compares said(script) with what is pinned, or pins it. Returns the scripts and how many failed."""
    scripts = sorted(folder.glob("*.sql"))
    failed = 0
    for script in scripts:
        expected = script.with_suffix(".expected")
        before, now = read(expected), said(script)
        if accept:
            expected.write_text(now, encoding="utf-8", errors="surrogateescape")
        elif now != before:
            failed += 1
            show_difference(before, now, expected.name)
    for orphan in folder.glob("*.expected"):
        if not orphan.with_suffix(".sql").exists():
            print(f"{orphan.name} has no script")
            failed += 1
    return scripts, failed


def main(folders, said, usage):
    """The program of a test: `PROGRAM [accept]`. `said(program, script)` is what is pinned of a script."""
    if len(sys.argv) not in (2, 3) or sys.argv[2:] not in ([], ["accept"]):
        sys.exit(usage)
    program, accept = str(pathlib.Path(sys.argv[1]).resolve()), sys.argv[2:] == ["accept"]
    results = [check_folder(folder, lambda script: said(program, script), accept) for folder in folders]
    count, failed = sum(len(scripts) for scripts, _ in results), sum(failed for _, failed in results)
    print(f"{count} scripts, {failed} failed")
    if failed:
        print(f"If what is said now is right: python3 {pathlib.Path(sys.argv[0]).resolve()} {program} accept")
    return 1 if failed or not results[0][0] else 0  # a folder of exceptions may be empty
