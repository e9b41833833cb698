#!/usr/bin/env python3
"""Compares the names that the library exports with symbols.txt, and those with quern.h and the programs here.

usage: symbols.py libquern.so nm quern.h [accept]

Of C, each name must be listed, declared and called by a test. Of C++, every name must be of ours.
"""

import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
LIST = HERE / "symbols.txt"


def exported(nm, library):
    out = subprocess.run([nm, "-D", "--defined-only", "-P", library], check=True, capture_output=True, text=True)
    return {line.split()[0] for line in out.stdout.splitlines()}


def main(library, nm, header, accept=None):
    names = {name.split("@")[0] for name in exported(nm, library)}
    of_c = {name for name in names if not name.startswith("_Z")}
    text = "".join(f"{name}\n" for name in sorted(of_c))
    if accept:
        LIST.write_text(text, encoding="utf-8")
    problems = []
    if LIST.read_text(encoding="utf-8") != text:
        listed = set(LIST.read_text(encoding="utf-8").split())
        problems += [f"exported, not in symbols.txt: {name}" for name in sorted(of_c - listed)]
        problems += [f"in symbols.txt, not exported: {name}" for name in sorted(listed - of_c)]
    declared = set(re.findall(r"\b(quern_\w+)\(", pathlib.Path(header).read_text(encoding="utf-8")))
    problems += [f"exported, not declared in quern.h: {name}" for name in sorted(of_c - declared)]
    used = "".join(path.read_text(encoding="utf-8") for path in sorted(HERE.glob("*.[ch]")))
    problems += [f"no test calls it: {name}" for name in sorted(of_c) if f"{name}(" not in used]
    problems += [f"not a name of ours: {name}" for name in sorted(names - of_c) if "5quern" not in name]
    print("\n".join(problems) if problems else f"{len(of_c)} names of C, {len(names - of_c)} of C++")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
