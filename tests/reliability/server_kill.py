#!/usr/bin/env python3
"""Quern, or the server, is killed in the middle of TRAIN, PREDICT into a table and DROP on a server's
database: afterwards a new session sees the old state or the new one, whole, and once it has written a table
nothing else is left.

server_kill.py PROGRAM ENGINE [BLOWS]   ENGINE is postgres or mariadb; half of the blows hit the server
"""

import os
import pathlib
import random
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "servers"))
import servers  # noqa: E402

ROWS = {"postgres": "generate_series(0, 19999) AS s(i)",
        "mariadb": "(SELECT CAST(seq AS SIGNED) AS i FROM seq_0_to_19999) AS s"}
SET_UP = """
CREATE TABLE t AS SELECT i AS id, (i * 7919) % 1000 AS x, (i * 3571) % 977 AS z,
                         CASE WHEN (i * 7919) % 1000 > 500 THEN 1 ELSE 0 END AS y FROM {rows};
SELECT x, z, y FROM t TO TRAIN xgboost.gbtree WITH num_round = 3, max_depth = 2 LABEL y INTO m;
SELECT x, z, y FROM t TO TRAIN xgboost.gbtree WITH num_round = 4, max_depth = 3 LABEL y INTO other;
SELECT id, x, z FROM t WHERE id < 1000 TO PREDICT p.guess USING m;
"""
STATEMENTS = {
    "train": "SELECT x, z, y FROM t TO TRAIN xgboost.gbtree WITH num_round = 5 LABEL y INTO m;",
    "create": "SELECT id, x, z FROM t TO PREDICT fresh.guess USING other;",
    "replace": "SELECT id, x, z FROM t TO PREDICT p.guess USING other;",
    "append": "SELECT id, x, z FROM t TO PREDICT p.guess WITH output.mode = append USING other;",
    "drop": "DROP MODEL other;",
}
SCHEMA = {"postgres": "'public'", "mariadb": "database()"}
LOOK = """
SELECT table_name FROM information_schema.tables
WHERE table_schema = {schema} AND table_name NOT LIKE 'quern|_staging|_%' ESCAPE '|' ORDER BY 1;
SELECT name, version FROM quern_models ORDER BY 1, 2;
SELECT name, version, count(*) FROM quern_model_chunks GROUP BY 1, 2 ORDER BY 1, 2;
SELECT count(*), sum(id), sum(guess) FROM p;
SELECT id, x, z FROM t WHERE id < 200 TO PREDICT USING m;
"""
STAGED = """
SELECT count(*) FROM information_schema.tables
WHERE table_schema = {schema} AND table_name LIKE 'quern|_staging|_%' ESCAPE '|';
"""
LOOK_AT_MORE = ("SELECT id, x, z FROM t WHERE id < 200 TO PREDICT USING other;",
                "SELECT count(*), sum(id), sum(guess) FROM fresh;")


class Quern:
    def __init__(self, program, server, engine):
        self.program = str(pathlib.Path(program).resolve())
        self.server = server
        self.engine = engine

    def command(self, sql):
        return [self.program, "--db", self.server.uri, "--threads", "1", "--csv", "-e", sql]

    def run(self, sql):
        return subprocess.run(self.command(sql), capture_output=True, text=True, check=False, timeout=120,
                              env={**os.environ, "OMP_WAIT_POLICY": "passive"})

    def start(self, sql):
        return subprocess.Popen(self.command(sql), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                env={**os.environ, "OMP_WAIT_POLICY": "passive"})

    def state(self):
        done = self.run(LOOK.format(schema=SCHEMA[self.engine]))
        assert done.returncode == 0, f"a new session fails:\n{done.stderr}"
        more = [self.run(sql) for sql in LOOK_AT_MORE]
        # What is not there fails; what is half there would fail otherwise.
        for one in more:
            assert one.returncode == 0 or "Q2010" in one.stderr or "fresh" in one.stderr, one.stderr
        return done.stdout + "".join(one.stdout for one in more)


def is_swept(quern):
    """Whether a load leaves no staging table; a server may take a moment to see that a client is gone."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        done = quern.run(STATEMENTS["replace"].replace("other", "m"))
        assert done.returncode == 0, done.stderr + quern.server.log.read_text(errors="replace")[-2000:]
        if quern.run(STAGED.format(schema=SCHEMA[quern.engine])).stdout.split()[-1] == "0":
            return True
        time.sleep(0.2)
    return False


def strike(quern, sql, moment, at_server):
    """Runs a statement and kills one side after so many seconds."""
    process = quern.start(sql)
    time.sleep(moment)
    if at_server:
        quern.server.kill()
        process.wait(timeout=60)  # it must not wait for a server that is gone
        quern.server.start()
    else:
        process.kill()
        process.wait()


def main(program, engine, blows):
    random.seed(4)
    tally = {"old": 0, "new": 0}
    failures = []
    with servers.SERVERS[engine](durable=True) as server:
        quern = Quern(program, server, engine)
        made = quern.run(SET_UP.format(rows=ROWS[engine]))
        assert made.returncode == 0, made.stderr
        server.keep()
        old = quern.state()
        for number, name in enumerate(STATEMENTS):
            sql = STATEMENTS[name]
            server.restore()
            begin = time.monotonic()
            done = quern.run(sql)
            took = time.monotonic() - begin
            assert done.returncode == 0, done.stderr
            new = quern.state()
            share = blows // len(STATEMENTS) + (1 if number < blows % len(STATEMENTS) else 0)
            for blow in range(share):
                server.restore()
                moment = random.uniform(0, 1.1 * took)
                at_server = (blow + number) % 2 == 0
                strike(quern, sql, moment, at_server)
                words = f"{name}, {'server' if at_server else 'quern'} killed after {moment:.3f} s"
                try:
                    seen = quern.state()
                except AssertionError as error:
                    failures.append(f"{words}: {error}")
                    continue
                if seen not in (old, new):
                    failures.append(f"{words}: neither the old state nor the new one:\n{seen[:600]}")
                else:
                    tally["old" if seen == old else "new"] += 1
                if not is_swept(quern):
                    failures.append(f"{words}: a staging table stays")
    print(f"{blows} kills on {engine}: {tally['old']} left the old state, {tally['new']} the new one, "
          f"{len(failures)} failed")
    for failure in failures:
        print("FAILED", failure)
    return 1 if failures else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 10))
    except servers.Missing as why:
        print(f"SKIPPED: {why}")
