#!/usr/bin/env python3
"""Models as files: which need the training library, what stays on disk, and what a dry run says."""

import json
import pathlib

from checking import TRAIN, main

HERE = pathlib.Path(__file__).resolve().parent
FOREIGN = HERE.parent / "data" / "models" / "foreign_binary.json"
SCORE = "SELECT 3.0 AS width, 2.5 AS height TO PREDICT USING f"


def bundles_need_no_library(check):
    """Import and prediction never load libxgboost; only XGBoost's own formats are written by it."""
    check.equal("training", check.run("--db", "duckdb:m.duckdb", "-e", TRAIN).returncode, 0)
    missing = {"QUERN_XGBOOST_LIBRARY": "/nonexistent"}
    done = check.run("--db", "duckdb:m.duckdb", "--csv", "-e",
                     f"EXPORT MODEL m TO 'm.quern'; IMPORT MODEL 'm.quern' INTO n; "
                     f"IMPORT MODEL '{FOREIGN}' INTO f; {SCORE}", **missing)
    check.equal("without libxgboost", (done.returncode, done.stdout), (0, b"width,height,predicted_label\n3.0,2.5,1\n"))
    done = check.run("--db", "duckdb:m.duckdb", "-e", "EXPORT MODEL m TO 'm.json'", **missing)
    check.equal("XGBoost's format without it", done.returncode, 1)
    check.true("Q5006 says why", b"error[Q5006]" in done.stderr, done.stderr)
    check.true("nothing was written", not (check.folder / "m.json").exists())


def nothing_is_left_beside(check):
    """A file appears whole under its name, and nothing else does; an existing one stays when it may not go."""
    check.run("--db", "duckdb:k.duckdb", "-e", TRAIN)
    folder = check.folder / "files"
    folder.mkdir()
    done = check.run("--db", "duckdb:k.duckdb", "-e", "EXPORT MODEL m TO 'files/m.ubj'")
    check.equal("export", done.returncode, 0)
    before = (folder / "m.ubj").read_bytes()
    done = check.run("--db", "duckdb:k.duckdb", "-e", "EXPORT MODEL m TO 'files/m.ubj'")
    check.true("it exists", b"error[Q5011]" in done.stderr, done.stderr)
    (folder / "link.ubj").symlink_to("m.ubj")
    done = check.run("--db", "duckdb:k.duckdb", "-e",
                     "EXPORT MODEL m TO 'files/link.ubj' WITH output.mode = replace")
    check.equal("through a link", (done.returncode, (folder / "link.ubj").is_symlink()), (0, True))
    check.equal("the same bytes", (folder / "m.ubj").read_bytes(), before)
    check.equal("the folder", sorted(p.name for p in folder.iterdir()), ["link.ubj", "m.ubj"])


def wide_models_are_refused(check):
    """A file of a few bytes may speak of millions of features: each would become a column with a name."""
    model = json.loads(FOREIGN.read_text(encoding="utf-8"))
    model["learner"]["learner_model_param"]["num_feature"] = "16777216"
    del model["learner"]["feature_names"]
    (check.folder / "wide.json").write_text(json.dumps(model), encoding="utf-8")
    done = check.run("--db", "duckdb::memory:", "-e", "IMPORT MODEL 'wide.json' INTO w")
    check.true("Q1090 says how wide", b"error[Q1090]" in done.stderr and b"16777216" in done.stderr, done.stderr)


SCRIPT = f"""{TRAIN};
SHOW TRAIN m;
DESCRIBE MODEL m@1;
SELECT 5 AS x TO PREDICT p USING m;
EXPORT MODEL m TO 'dry.json';
IMPORT MODEL 'dry.json' INTO n;
IMPORT MODEL '{FOREIGN}' INTO f;
{SCORE};
SHOW ATTRIBUTES xgboost.gbtree;
EXPLAIN DESCRIBE MODEL m;
ATTACH 'duckdb::memory:' AS other;
USE other;
SHOW TRAIN unknown;
"""


def dry_run_knows_models_of_the_script(check):
    done = check.run("--db", "duckdb::memory:", "--dry-run", stdin=SCRIPT.encode())
    said = done.stderr.decode()
    check.equal("status", done.returncode, 0)
    for line, words in ((2, "depends on line 1"), (3, "depends on line 1"), (4, "depends on line 1"),
                        (5, "depends on line 1"), (6, "depends on line 5"),
                        (7, "imports f: xgboost.gbtree, binary:logistic"), (8, "depends on line 7"), (9, "ok"),
                        (10, "depends on line 1"), (13, "depends on line 12")):
        lines = [text for text in said.splitlines() if f"line {line}:" in text]
        check.true(f"line {line}: {words}", any(words in text for text in lines), said)
    check.true("no file was written", not (check.folder / "dry.json").exists())


def a_file_that_is_missing_is_found_dry(check):
    done = check.run("--db", "duckdb::memory:", "--dry-run", "-e", "IMPORT MODEL 'none.quern' INTO m")
    check.true("Q5007", done.returncode == 1 and b"error[Q5007]" in done.stderr, done.stderr)


if __name__ == "__main__":
    main(bundles_need_no_library, nothing_is_left_beside, wide_models_are_refused, dry_run_knows_models_of_the_script,
         a_file_that_is_missing_is_found_dry)
