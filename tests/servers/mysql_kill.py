#!/usr/bin/env python3
"""mysql_kill.py QUERN [MOMENTS]: kills Quern, and the server, while a result replaces a table and a model is trained.

After each kill the table holds the old rows or the new ones, whole, and each model that is listed predicts. After a
last load no staging table is left. MOMENTS (10) kills of each; the moments are spread over the time of a whole run.
"""

import os
import pathlib
import random
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import servers  # noqa: E402

ROWS = 20000
SETUP = f"""
CREATE DATABASE killed;
USE killed;
CREATE TABLE t AS SELECT CAST(seq AS SIGNED) AS x, seq % 7 AS y, SIN(seq) AS z FROM seq_1_to_{ROWS};
SELECT * FROM t TO TRAIN xgboost.gbtree WITH num_round = 2, seed = 1 LABEL y INTO m;
SELECT x, z FROM t TO PREDICT p.guess USING m@1;
"""
WORK = """
SELECT * FROM t TO TRAIN xgboost.gbtree WITH num_round = 2, seed = 1 LABEL y INTO m;
SELECT x, z FROM t TO PREDICT p.guess USING m@1;
"""


class Quern:
    def __init__(self, program, server):
        self.program = program
        self.uri = server.uri.replace("/mysql?", "/killed?")
        self.first = server.uri

    def start(self, sql, uri=None):
        return subprocess.Popen([self.program, "--db", uri or self.uri, "--csv", "-e", sql], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, env=os.environ | {"HOME": "/nonexistent"})

    def run(self, sql, uri=None):
        process = self.start(sql, uri)
        out, err = process.communicate()
        if process.returncode != 0:
            raise SystemExit(f"{sql}\n{err}")
        return out


def check(quern, when):
    rows = quern.run("SELECT count(*), count(DISTINCT x), sum(guess IS NULL) FROM p").splitlines()[-1]
    if rows.split(",")[:2] != [str(ROWS), str(ROWS)]:
        raise SystemExit(f"{when}: the table holds {rows}")
    versions = [line.split(",")[0] for line in quern.run("SELECT version FROM quern_models").splitlines()[1:]]
    if "1" not in versions:
        raise SystemExit(f"{when}: models {versions}")
    for version in versions[-2:]:
        quern.run(f"SELECT x, z FROM t LIMIT 1 TO PREDICT USING m@{version}")


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    moments = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    try:
        server = servers.MariaDB(durable=True)
    except servers.Missing as why:
        print(f"SKIPPED: {why}")
        return 0
    with server:
        quern = Quern(program, server)
        quern.run(SETUP, quern.first)
        begin = time.monotonic()
        quern.run(WORK)
        whole = time.monotonic() - begin
        dice = random.Random(7)
        late = 0
        for moment in range(2 * moments):
            process = quern.start(WORK)
            time.sleep(whole * (moment // 2 + dice.random()) / moments)
            late += process.poll() is not None
            if moment % 2 == 0:
                process.send_signal(signal.SIGKILL)
                process.communicate()
            else:
                server.kill()
                process.communicate()
                server.start()
            check(quern, f"kill {moment + 1}")
        quern.run(WORK)
        left = quern.run("SELECT count(*) FROM information_schema.tables WHERE table_name LIKE 'quern%staging%'")
        if left.splitlines()[-1] != "0":
            raise SystemExit(f"staging tables are left: {left}")
        print(f"{moments} kills of Quern and {moments} of the server, {late} of them after the end; nothing was half done")
    return 0


if __name__ == "__main__":
    sys.exit(main())
