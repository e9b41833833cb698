"""What the reliability tests share: a database to hurt, quern under the fault shim, and what must
hold afterwards."""

import hashlib
import os
import pathlib
import shutil
import subprocess
import tempfile

#: The table of predictions and the model before anything goes wrong.
SET_UP = """
CREATE TABLE t AS SELECT i AS id, (i * 7919) % 1000 AS x, (i * 104729) % 977 AS z,
                         ((i * 7919) % 1000 > 500)::INTEGER AS y FROM range(3000) r(i);
SELECT x, z, y FROM t TO TRAIN xgboost.gbtree WITH num_round = 3, max_depth = 2 LABEL y INTO m;
SELECT x, z, y FROM t TO TRAIN xgboost.gbtree WITH num_round = 4, max_depth = 3 LABEL y INTO other;
SELECT id, x, z FROM t WHERE id < 1000 TO PREDICT p.guess USING m;
EXPORT MODEL m TO 'm.quern';
"""

TRAIN = "SELECT x, z, y FROM t TO TRAIN xgboost.gbtree WITH num_round = 5, max_depth = 4 LABEL y INTO m;"
PREDICT = "SELECT id, x, z FROM t TO PREDICT p.guess USING other;"
DROP = "DROP MODEL other;"
EXPORT = "EXPORT MODEL other TO 'm.quern' WITH output.mode = replace;"
STATEMENTS = {"train": TRAIN, "predict": PREDICT, "drop": DROP, "export": EXPORT}

#: Everything that a statement may change in the database, as text: tables, models and what they predict.
LOOK = """
SELECT table_name FROM duckdb_tables() ORDER BY 1;
SELECT name, version FROM quern_models ORDER BY ALL;
SELECT count(*), sum(id), sum(hash(id, x, z, guess)) FROM p;
SELECT id, x, z FROM t WHERE id < 200 TO PREDICT USING m;
SHOW MODELS;
"""
LOOK_AT_OTHER = "SELECT id, x, z FROM t WHERE id < 200 TO PREDICT USING other;"


class Victim:
    """A database file in a folder of its own, made once and copied for each blow."""

    def __init__(self, program, shim):
        self.program = str(pathlib.Path(program).resolve())
        self.shim = str(pathlib.Path(shim).resolve())
        self._folder = tempfile.TemporaryDirectory(prefix="quern-reliability-")
        self.folder = pathlib.Path(self._folder.name)
        self.made = self.folder / "made"
        self.made.mkdir()
        done = self.run(self.made, SET_UP)
        if done.returncode != 0:
            raise SystemExit(f"cannot set up:\n{done.stderr}")

    def close(self):
        self._folder.cleanup()

    def copy(self, name="copy"):
        """A fresh folder with the database as it was made."""
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.made, folder)
        return folder

    def environment(self, fault):
        plain = {**os.environ, "LC_ALL": "C.UTF-8", "OMP_WAIT_POLICY": "passive"}
        if not fault:
            return plain
        return {**plain, "LD_PRELOAD": self.shim, **{key: str(value) for key, value in fault.items()}}

    def command(self, sql):
        return [self.program, "--db", "duckdb:v.duckdb", "--threads", "1", "--csv", "-e", sql]

    def run(self, folder, sql, **fault):
        return subprocess.run(self.command(sql), cwd=folder, capture_output=True, text=True, check=False,
                              timeout=120, env=self.environment(fault))

    def start(self, folder, sql):
        return subprocess.Popen(self.command(sql), cwd=folder, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL, env=self.environment({}))

    def count(self, sql, none_is_fine=False, **fault):
        """How many calls a statement makes that a fault could meet."""
        folder = self.copy("count")
        self.run(folder, sql, QUERN_FAULT="count", QUERN_FAULT_COUNT=self.folder / "calls", **fault)
        calls = int((self.folder / "calls").read_text())
        assert calls > 0 or none_is_fine, f"the shim meets no call of: {sql}"
        return calls

    def staged(self, folder):
        """Files that are not whole yet, or never became so."""
        return sorted(path.name for path in folder.glob("*.quern-*"))

    def state(self, folder):
        """What a new session sees, in words and as one hash; raises AssertionError where it cannot see."""
        said = []
        models = None
        for sql in (LOOK, LOOK_AT_OTHER):
            done = self.run(folder, sql)
            if sql is LOOK:
                assert done.returncode == 0, f"a new session fails:\n{done.stderr}"
                models = done.stdout
            elif "\nother," not in models:
                assert "Q2010" in done.stderr, f"a dropped model is half there:\n{done.stderr}"
                continue
            else:
                assert done.returncode == 0, f"a model cannot be used:\n{done.stderr}"
            # The moment of training is all that may differ between two runs of one statement.
            said += [line.rsplit(",", 1)[0] if line.count(",") == 7 else line
                     for line in done.stdout.splitlines()]
        said.append("m.quern " + hashlib.sha256((folder / "m.quern").read_bytes()).hexdigest())
        text = "\n".join(said)
        return hashlib.sha256(text.encode()).hexdigest(), text
