#!/usr/bin/env python3
"""Wrong programs, each a rule of its own: the code, the underlined text, the message and the help of every error.

programs.py PROGRAM         checks
programs.py PROGRAM accept  writes what the program says now; read the diff before committing it

A block of programs/*.txt is a line that says what is wrong, the program, indented, and what is said of it:

    a column that the query does not return
        FROM t TO TRAIN xgboost.gbtree LABEL klass INTO m
    Q2003 [klass] unknown column: klass
    help: did you mean `class`?

Blocks stand between blank lines; lines that begin with # are comments. programs/prelude.sql makes the database.
"""

import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent / "programs"
LEAST = 200
HEAD = re.compile(r"^(error|warning|note)(?:\[(Q\d+)\])?: (.*)$")


def blocks(text):
    """(comment lines, rule, program, said) of each block."""
    for chunk in re.split(r"\n\n+", text.strip("\n")):
        lines = chunk.split("\n")
        comments = [line for line in lines if line.startswith("#")]
        lines = [line for line in lines if not line.startswith("#")]
        if not lines:
            yield comments, None, [], []
            continue
        program = [line[4:] for line in lines[1:] if line.startswith("    ")]
        yield comments, lines[0], program, [line for line in lines[1:] if not line.startswith("    ")]


def underlined(lines):
    """The text over the carets, of the lines behind a message; None where no place is shown."""
    for source, carets in zip(lines, lines[1:]):
        shown = re.match(r"^ *\d+ \| (.*)$", source)
        marks = re.match(r"^ *\| ( *)(\^+)$", carets)
        if shown and marks:
            at = len(marks.group(1))
            return shown.group(1)[at:at + len(marks.group(2))]
    return None


def summary(stderr):
    """The diagnostics as a block has them; what is said in passing is left out."""
    out, lines = [], stderr.split("\n")
    starts = [i for i, line in enumerate(lines) if HEAD.match(line) or line.startswith("help: ")]
    for i, end in zip(starts, starts[1:] + [len(lines)]):
        head = HEAD.match(lines[i])
        if head is None:
            out.append(lines[i])
            continue
        kind, code, message = head.groups()
        place = underlined(lines[i + 1:end])
        where = "" if place is None else f"[{place}] "
        if kind == "error":
            out.append(f"{code} {where}{message}")
        elif kind == "note" and place is not None and out:
            out.append(f"note: {where}{message}")
    return out


def said(program, database, lines):
    """What the program says of a script, in a folder of its own with a copy of the database."""
    with tempfile.TemporaryDirectory(prefix="quern-programs-") as folder:
        shutil.copy(database, pathlib.Path(folder) / "programs.duckdb")
        done = subprocess.run([program, "--db", "duckdb:programs.duckdb", "-f", "-"], input="\n".join(lines) + "\n",
                              cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    return summary(done.stderr) if done.returncode == 1 else [f"exit status {done.returncode}"]


def make_database(program, folder):
    database = pathlib.Path(folder) / "programs.duckdb"
    subprocess.run([program, "--db", f"duckdb:{database}", "-f", str(HERE / "prelude.sql")], check=True,
                   capture_output=True, timeout=120)
    return database


def written(comments, rule, program, lines):
    body = [] if rule is None else [rule, *("    " + line for line in program), *lines]
    return "\n".join(comments + body)


def check_file(path, say, accept):
    """(rules, programs, failures) of a file."""
    found = list(blocks(path.read_text(encoding="utf-8")))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        now = list(pool.map(lambda block: say(block[2]) if block[1] else [], found))
    failures = 0
    if accept:
        texts = [written(comments, rule, program, lines) for (comments, rule, program, _), lines in zip(found, now)]
        path.write_text("\n\n".join(texts) + "\n", encoding="utf-8")
    for (_, rule, program, before), lines in zip(found, now):
        wrong = before != lines and not accept
        if wrong or (rule and not any(line.startswith("Q") for line in lines)):
            failures += 1
            print(f"{path.name}: {rule}\n  " + "\n  ".join(program), "expected:", *before, "said:", *lines, sep="\n  ")
    rules = [rule for _, rule, _, _ in found if rule]
    return rules, ["\n".join(program) for _, rule, program, _ in found if rule], failures


def main():
    if len(sys.argv) not in (2, 3) or sys.argv[2:] not in ([], ["accept"]):
        sys.exit(__doc__)
    program, accept = str(pathlib.Path(sys.argv[1]).resolve()), sys.argv[2:] == ["accept"]
    rules, programs, failures = [], [], 0
    with tempfile.TemporaryDirectory(prefix="quern-programs-") as folder:
        database = make_database(program, folder)
        for path in sorted(HERE.glob("*.txt")):
            more_rules, more_programs, failed = check_file(path, lambda lines: said(program, database, lines), accept)
            rules, programs, failures = rules + more_rules, programs + more_programs, failures + failed
    for what, items in (("rule", rules), ("program", programs)):
        for twice in sorted({item for item in items if items.count(item) > 1}):
            failures += 1
            print(f"{what} given twice: {twice}")
    if len(rules) < LEAST:
        failures += 1
        print(f"only {len(rules)} wrong programs, {LEAST} are promised")
    print(f"{len(rules)} wrong programs, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
