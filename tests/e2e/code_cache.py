#!/usr/bin/env python3
"""What a prediction compiles is kept where the desktop's rules say, for its user alone, and used again.

code_cache.py PROGRAM
"""

import os
import pathlib
import stat
import subprocess
import sys
import tempfile

PROGRAM = """
CREATE TABLE t AS SELECT i AS id, sin(i) AS x, i % 7 * 1.5 AS y FROM range(300) r(i);
SELECT x, y FROM t TO TRAIN xgboost.gblinear WITH num_round = 3 LABEL y INTO m;
SET quern.kernel = compiled;
SELECT * FROM t TO PREDICT a AS p USING m;
SELECT round(sum(p), 3) AS total FROM a;
"""


def run(program, folder, environment):
    command = [program, "--db", "duckdb::memory:", "--csv", "-e", PROGRAM]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"failed: {done.stderr}")
    return done.stdout.splitlines()[-1]


def main(program):
    with tempfile.TemporaryDirectory() as name:
        home = pathlib.Path(name)
        base = {"PATH": os.environ["PATH"], "HOME": name}
        code = home / ".cache" / "quern" / "code"
        first = run(program, home, base)
        kept = list(code.iterdir())
        assert len(kept) == 1, f"{len(kept)} objects are kept"
        assert stat.S_IMODE(code.stat().st_mode) == 0o700, oct(code.stat().st_mode)
        written = kept[0].stat().st_ino
        assert run(program, home, base) == first
        assert kept[0].stat().st_ino == written, "the object was made anew"

        good = kept[0].read_bytes()
        kept[0].write_bytes(good[:-200] + b"\0" * 200)
        assert run(program, home, base) == first
        assert kept[0].read_bytes() == good, "a damaged object was kept"

        elsewhere = home / "elsewhere"
        assert run(program, home, {**base, "XDG_CACHE_HOME": str(elsewhere)}) == first
        assert len(list((elsewhere / "quern" / "code").iterdir())) == 1
        assert run(program, home, {"PATH": base["PATH"]}) == first  # nobody's home
    print("ok")


if __name__ == "__main__":
    main(sys.argv[1])
