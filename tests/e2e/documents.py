#!/usr/bin/env python3
"""Runs every snippet of the README and of docs/, so that what we print is what happens.

Fences, by what follows the three backticks:
    sql          run in order, one folder for each document, the bundled tables in it; must end with status 0.
                 A `text` block right behind it is the whole output, word for word; if that starts
                 with `error`, the status must be 1 and the text is what standard error holds.
    sql later    each must end in Q1090, `not in this version`.
    sql sketch   not run: an outline with placeholders.
    sh           each line must be one that continuous integration runs anyway: see SHELL_LINES.
    c, cpp, cmake   a piece of a file in examples/embed_*, which the tests of the installed tree build and run.
    python       run by tests/notebooks/guide.py.
    text         when not behind `sql` or `python`: not checked.
"""

import re
import sys

from quern_cli import ROOT, Failures, Workplace

SHELL_LINES = {"./dev demo", "./dev test", "./dev lint", "./dev setup demo", "./dev build", "./dev bench",
               "./dev fmt", "./dev help",
               # as tests/notebooks/package.py does, in a virtual environment
               "python3 -m pip install notebooks/", "python3 -m quern.kernel install --user"}
EXAMPLES = {"c": "main.c", "cpp": "main.cpp", "cmake": "CMakeLists.txt"}
FENCE = re.compile(r"^```(\w+)?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def snippets(text):
    """(line, language, rest of the fence, body, text of the `text` block right behind or None)."""
    blocks = list(FENCE.finditer(text))
    for block, following in zip(blocks, blocks[1:] + [None]):
        expected = None
        if following and following.group(1) == "text" and not text[block.end():following.start()].strip():
            expected = following.group(3)
        line = text.count("\n", 0, block.start()) + 1
        yield line, block.group(1), (block.group(2) or "").strip(), block.group(3), expected


def check_sql(place, where, body, expected, failures):
    done = place.run("-", stdin=body)
    fails = expected is not None and expected.startswith("error")
    failures.expect(done.returncode == (1 if fails else 0),
                    f"{where}: status {done.returncode}\n{done.stdout}{done.stderr}")
    if expected is not None:
        output = done.stderr if fails else done.stdout
        same = [[line.rstrip() for line in text.strip().splitlines()] for text in (output, expected)]
        failures.expect(same[0] == same[1],
                        f"{where}: printed\n{output}\nbut the document says\n{expected}")


def is_in_examples(body, names):
    """True where a file there has these lines, one behind the other; blanks at their ends do not count."""
    wanted = [line.strip() for line in body.strip().splitlines()]
    for path in sorted((ROOT / "examples").glob(f"embed_*/{names}")):
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
        if any(lines[at:at + len(wanted)] == wanted for at in range(len(lines))):
            return True
    return False


def check_snippet(place, where, snippet, failures):
    _, language, kind, body, expected = snippet
    if language == "sh":
        for line in filter(None, body.splitlines()):
            failures.expect(line in SHELL_LINES, f"{where}: {line!r} is run by no test")
    elif language == "sql" and kind == "later":
        for statement in filter(str.strip, body.split(";")):
            done = place.run("-", stdin=statement)
            failures.expect(done.returncode == 1 and "Q1090" in done.stderr,
                            f"{where}: expected Q1090 from {statement.strip()!r}: {done.stderr}")
    elif language in EXAMPLES:
        failures.expect(is_in_examples(body, EXAMPLES[language]), f"{where}: in none of examples/embed_*:\n{body}")
    elif language == "sql" and not kind:
        check_sql(place, where, body, expected, failures)
    else:
        known = language in ("text", "python", None) or (language, kind) == ("sql", "sketch")
        failures.expect(known, f"{where}: unknown fence {language} {kind}")


def main(program):
    failures = Failures()
    documents = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    count = 0
    for document in documents:
        with Workplace(program) as place:
            for snippet in snippets(document.read_text(encoding="utf-8")):
                count += 1
                where = f"{document.relative_to(ROOT)}:{snippet[0]}"
                check_snippet(place, where, snippet, failures)
    failures.expect(count >= 5, f"only {count} snippets found: is the fence pattern right?")
    return failures.report(f"{count} snippets")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
