#!/usr/bin/env python3
"""Checks the rules of the house that no other tool knows.

Reads every text file that git tracks or would track: length, tabs, the last newline, unfinished
work, paths of one machine, addresses. With --self-test, plants violations and expects them found.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

MAX_LINES = 600
MAX_HEADER_LINES = 150
# Headers that may be longer, each with its reason.
LONGER = {
    "parser/ast.h": 320,  # one closed set of nodes; split, a reader would need both halves at once
    "api/quern.h": 450,  # all that a program in C includes, and what other languages read
}
# No rule applies to foreign texts, nor to input that is odd on purpose and what comes of it.
NO_RULES = re.compile(r"LICENSE|tests/diagnostics/.*\.(sql|expected)|grammar/(accept|reject)/.*|tests/fuzz/corpus/.*")
ANY_LENGTH = (".csv", ".test", ".json", ".txt")  # data and expected output
TABS_ALLOWED = (".csv", ".test")
# The only hosts an address may name.
HOSTS = {"www.apache.org", "doi.org"}

UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
MACHINE_PATH = re.compile(r"(?<![\w.])/(work|home/\w+|root)/")
ADDRESS = re.compile(r"\bhttps?://([^/\s\"'<>)]+)")
REGISTRY = re.compile(r"\b(registry|deb|proxy|repo1?|pypi|crates|index)\.[a-z-]+\.?[a-z]*\.?(org|com|io)\b")


def line_problems(path, number, line):
    if "\t" in line and not path.endswith(TABS_ALLOWED):
        yield f"{path}:{number}: tab"
    if line.endswith((" ", "\r")) and not path.endswith(TABS_ALLOWED):
        yield f"{path}:{number}: white space at the end of the line"
    if UNFINISHED.search(line):
        yield f"{path}:{number}: unfinished work; open an issue instead"
    if MACHINE_PATH.search(line):
        yield f"{path}:{number}: path of one machine"
    for match in ADDRESS.finditer(line):
        if match.group(1) not in HOSTS:
            yield f"{path}:{number}: address of {match.group(1)}"
    if REGISTRY.search(line):
        yield f"{path}:{number}: name of a registry's host"


def file_problems(path, data):
    """What is wrong with one file, given its path in the tree and its bytes."""
    if NO_RULES.fullmatch(path) or b"\0" in data:
        return
    text = data.decode("utf-8", errors="replace")
    if "\ufffd" in text:
        yield f"{path}: not UTF-8"
    if text and not text.endswith("\n"):
        yield f"{path}: no newline at the end"
    if text.endswith("\n\n"):
        yield f"{path}: empty line at the end"
    lines = text.splitlines()
    limit = LONGER.get(path, MAX_HEADER_LINES if path.endswith((".h", ".hpp")) else MAX_LINES)
    if len(lines) > limit and not path.endswith(ANY_LENGTH):
        yield f"{path}: {len(lines)} lines, {limit} allowed"
    for number, line in enumerate(lines, start=1):
        yield from line_problems(path, number, line)


def tree_files(root):
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard",
                             "--deduplicate"], cwd=root, check=True, capture_output=True)
    paths = [p for p in listed.stdout.decode().split("\0") if p]
    return [p for p in paths if (root / p).is_file() and not (root / p).is_symlink()]


def check_tree(root):
    paths = tree_files(root)
    problems = [x for p in paths for x in file_problems(p, (root / p).read_bytes())]
    return problems, len(paths)


# file -> (its text, what the report on it must say; "" for a file that is fine)
PLANTED = {
    "fine.h": ("int x;\n" * 150, ""),
    "long.h": ("int x;\n" * 151, "151 lines, 150 allowed"),
    "long.cpp": ("int x;\n" * 601, "601 lines, 600 allowed"),
    "long.csv": ("1,2\n" * 700, ""),
    "tab.cpp": ("\tint x;\n", "tab"),
    "blank.md": ("text \n", "end of the line"),
    "open.cpp": ("int x;", "no newline"),
    "later.cpp": ("// TO" "DO: more\n", "unfinished"),
    "path.sh": ("cat /wo" "rk/main/x\n", "path of one machine"),
    "word.md": ("a frame/work/flow and docs/work/x\n", ""),
    "link.md": ("see http" "s://example.net/x\n", "address of example.net"),
    "doi.md": ("https://doi.org/10.1111/j.1469-1809.1936.tb02137.x\n", ""),
    "host.md": ("from reg" "istry.example.org\n", "registry's host"),
    "latin.md": (b"caf\xe9\n", "not UTF-8"),
}


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        subprocess.run(["git", "init", "-q", folder], check=True)
        for path, (text, _) in PLANTED.items():
            (root / path).write_bytes(text if isinstance(text, bytes) else text.encode())
        problems, _ = check_tree(root)
    failures = []
    for path, (_, expected) in PLANTED.items():
        found = [p for p in problems if p.startswith(path + ":")]
        if len(found) != (1 if expected else 0) or (expected and expected not in found[0]):
            failures.append(f"{path}: expected {expected or 'nothing'!r}, found {found}")
    return failures, len(PLANTED)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--self-test", action="store_true")
    root = pathlib.Path(__file__).resolve().parents[2]
    problems, files = self_test() if parser.parse_args().self_test else check_tree(root)
    print("\n".join(problems) if problems else f"{files} files, nothing to report")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
