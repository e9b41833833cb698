#!/usr/bin/env python3
"""Runs examples/sql/portable.sql twice on each database there is: the same words, but for times, and the same rows."""

import contextlib
import re
import sys

from engines import databases
from quern_cli import ROOT, Failures, Workplace

PROGRAM = ROOT / "examples/sql/portable.sql"
#: A server says, of a table that is there at the second run, that it is; DuckDB and SQLite say nothing.
ALREADY = re.compile(r"^(note|warning): (postgres|mysql): .*already exists.*\n", re.MULTILINE)


def comparable(done):
    """What was said and what was answered, without what takes its time."""
    said = re.sub(r"\d+\.\d+ s\b", "N s", done.stderr)
    return ALREADY.sub("", said) + "----\n" + done.stdout


def main(program):
    failures = Failures()
    with contextlib.ExitStack() as running, Workplace(program) as place:
        outputs = {}
        for name, uri in databases(running).items():
            for time in (1, 2):
                done = place.run("--db", uri, "--csv", "-f", str(PROGRAM))
                failures.expect(done.returncode == 0, f"{name} ends with {done.returncode}:\n{done.stderr}")
                outputs[name, time] = comparable(done)
        for (name, time), output in outputs.items():
            wanted = outputs["duckdb", time]
            failures.expect(output == wanted, f"{name}, run {time}, says\n{output}\nDuckDB says\n{wanted}")
        first = outputs["duckdb", 1]
        for words in ("trained iris_sample_model@1", "wrote 75 rows to iris_sample_named", "f1_macro", "petal_length",
                      "virginica,versicolor,2"):
            failures.expect(words in first, f"DuckDB does not say {words!r}:\n{first}")
        failures.expect(first.replace("@1", "@2").count("@2") == outputs["duckdb", 2].count("@2"),
                        f"the second run differs:\n{outputs['duckdb', 2]}")
    return failures.report("portable")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
