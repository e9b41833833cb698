"""What the tests of the installed tree share."""

import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))

from quern_cli import Failures  # noqa: E402  (the path comes first)

IRIS = ROOT / "examples/data/iris.csv"

__all__ = ["COUNT", "IRIS", "ROOT", "Failures", "clean_environment", "command", "needed_from", "train_and_count"]


def clean_environment(**more):
    """Without what would let a library be found elsewhere than where the tree says."""
    kept = {k: v for k, v in os.environ.items() if k not in ("LD_LIBRARY_PATH", "LD_PRELOAD", "PKG_CONFIG_PATH")}
    return {**kept, **more}


def command(*words, cwd=None, environment=None):
    return subprocess.run([str(word) for word in words], cwd=cwd, capture_output=True, text=True, timeout=900,
                          check=False, env=environment or clean_environment())


def needed_from(library, places):
    """The files among `places` that the loader takes for a library."""
    out = command("ldd", library).stdout
    return [path for path in re.findall(r"=> (.*) \(0x", out) if any(path.startswith(str(p)) for p in places)]


#: What long petals are called, asked through the function of SQL: another way than TO PREDICT.
COUNT = """
SELECT * FROM 'iris.csv' TO TRAIN xgboost.gbtree WITH num_round = 10, seed = 7 LABEL species INTO flowers;
SELECT count(*) FROM 'iris.csv' AS i WHERE petal_length > 5.0 AND quern_predict_class('flowers', i) = 'virginica';
"""


def train_and_count(program, folder):
    done = command(program, "--db", "duckdb::memory:", "--csv", "-e", COUNT, cwd=folder)
    lines = done.stdout.split()
    return int(lines[-1]) if done.returncode == 0 and lines else f"status {done.returncode}: {done.stderr}"
