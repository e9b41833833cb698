#!/usr/bin/env python3
"""The same rows in each database: drawn splits take the same ones, so that metrics and models are the same to the
last digit."""

import contextlib
import json
import sys

from engines import databases
from quern_cli import Failures, Workplace

ROWS = 400
TOWNS = ("Zürich", "東京", "Åre", "Łódź", "Köln ", "emoji 🌾", "it's", "")
SPLITS = ("random", "stratified", "kfold", "group")
EVERY = ("SELECT * FROM visits TO TRAIN xgboost.gbtree WITH split.method = {split}{more}, split.seed = 11, num_round = 6, "
         "max_depth = 3, seed = 5, nthread = 1, train.order_by = id COLUMN a, n, town, day LABEL kind INTO m_{split};")


def literal(value):
    if value is None:
        return "NULL"
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


def row(i):
    """A row of values that every engine holds exactly, some of them NULL, some rows twice but for their id."""
    j = i // 2 if i % 10 == 0 else i
    a = (j * 7919 % 1000) / 8 - 50
    n = None if j % 7 == 3 else j * 31 % 97 - 40
    town = None if j % 11 == 5 else TOWNS[j * 13 % len(TOWNS)]
    day = None if j % 13 == 6 else f"20{j % 24:02}-{j % 12 + 1:02}-{j % 28 + 1:02}"
    kind = ("süß", "salzig", "bitter")[(int(a > 0) + int((n or 0) > 10)) % 3]
    return i, a, n, town, day, kind, f"group {j * 17 % 23}"


def program(step):
    rows = ",\n".join("(" + ", ".join(literal(v) for v in row(i)) + ")" for i in range(ROWS)[::step])
    lines = ["CREATE TABLE visits (id INTEGER, a DOUBLE PRECISION, n INTEGER, town VARCHAR(20), day DATE, kind VARCHAR(20), "
             "who VARCHAR(20));", f"INSERT INTO visits VALUES\n{rows};"]
    for split in SPLITS:
        more = ", split.column = who" if split == "group" else ""
        lines.append(EVERY.format(split=split, more=more))
        lines.append(f"DESCRIBE MODEL m_{split};")
        lines.append(f"EXPORT MODEL m_{split} TO '{split}.json' WITH output.mode = replace;")
    return "\n".join(lines)


def metrics(said):
    """Rows of splits and of rounds, from DESCRIBE MODEL: the rest names the database's types and the time."""
    return "\n".join(line for line in said.splitlines() if line.startswith(("split,", "round ", "class,")))


def model(file):
    """The trees and how they are read, as XGBoost writes them, without Quern's own description."""
    if not file.exists():
        return {}
    learner = json.loads(file.read_text(encoding="utf-8"))["learner"]
    file.unlink()
    return {key: value for key, value in learner.items() if key != "attributes"}


def main(quern):
    failures = Failures()
    with contextlib.ExitStack() as running, Workplace(quern) as place:
        found = {}
        for name, uri in databases(running).items():
            step = 1 if name == "duckdb" else -1  # rows lie in another order, too
            (place.path / "same.sql").write_text(program(step), encoding="utf-8")
            if name == "mariadb":  # the server's own database has no characters of four bytes
                place.run("--db", uri, "-e", "CREATE DATABASE same")
                uri = uri.replace("/mysql?", "/same?")
            done = place.run("--db", uri, "--csv", "-f", "same.sql")
            failures.expect(done.returncode == 0, f"{name} ends with {done.returncode}:\n{done.stderr}")
            found[name] = {"metrics": metrics(done.stdout)}
            for split in SPLITS:
                found[name][split] = model(place.path / f"{split}.json")
        wanted = found["duckdb"]
        failures.expect(all(wanted.values()), "DuckDB trains nothing")
        failures.expect(wanted["random"] != wanted["group"] != wanted["stratified"], "two splits give one model")
        for name, outcome in found.items():
            for what, value in outcome.items():
                failures.expect(value == wanted[what], f"{name}: {what} differs from DuckDB's" +
                                (f":\n{value}\nnot\n{wanted[what]}" if what == "metrics" else ""))
    return failures.report("same_split")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
