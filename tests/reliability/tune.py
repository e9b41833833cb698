#!/usr/bin/env python3
"""A search is killed or interrupted in its midst: what is stored of it is a whole number of trials, and the same
statement goes on from there to the same trials and the same model, byte for byte, as if nothing had happened.

tune.py PROGRAM SHIM [BLOWS]: a third of the blows fall before a chosen write to a file, a third are SIGKILL and a
third Ctrl-C at random moments.
"""

import random
import signal
import sys
import time

from kill import spread
from reliability import Victim

SEARCHES = {
    "random": "SELECT x, z, y FROM t TO TRAIN xgboost.gbtree WITH num_round = 60, eta = RANGE(0.05, 0.5, 'log'), "
              "max_depth = RANGE(2, 6), tune.trials = 6 LABEL y INTO tuned;",
    "halving": "SELECT x, z, y FROM t TO TRAIN xgboost.gbtree WITH num_round = 90, eta = RANGE(0.05, 0.5, 'log'), "
               "tune.algorithm = halving LABEL y INTO tuned;",
}
TRIALS = """SELECT trial, budget, CASE WHEN version > 0 THEN state END, parameters, metric, value, rounds, message FROM quern_trials
WHERE name = 'tuned' AND version = {version} ORDER BY trial, budget;"""
MODEL = """SELECT version, md5(string_agg(md5(bytes), '' ORDER BY chunk)) FROM quern_model_chunks WHERE name = 'tuned'
GROUP BY version ORDER BY version;"""
IS_THERE = "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'quern_trials';"


class Search:
    def __init__(self, victim, name, sql):
        self.victim, self.name, self.sql = victim, name, sql
        folder = victim.copy()
        done = victim.run(folder, sql)
        assert done.returncode == 0, done.stderr
        self.trials = self.ask(folder, TRIALS.format(version=1))
        self.model = self.ask(folder, MODEL)[0].split(",")[1]
        begun = time.monotonic()
        victim.run(victim.copy(), sql)
        self.seconds = time.monotonic() - begun

    def ask(self, folder, sql):
        done = self.victim.run(folder, sql)
        assert done.returncode == 0, f"a new session fails:\n{done.stderr}"
        return done.stdout.splitlines()[1:]

    def finished(self, folder):
        """How many trials are stored of a search that was stopped; raises where one is not whole."""
        if self.ask(folder, IS_THERE) != ["1"]:
            return 0
        stored = self.ask(folder, TRIALS.format(version=0))
        state = [line.split(",", 3) for line in self.trials]
        whole = {",".join([trial, budget, "", rest]) for trial, budget, _, rest in state}
        assert set(stored) <= whole, f"trials that the search does not make:\n{stored}"
        assert len(stored) == len(set(stored)), f"trials are there twice:\n{stored}"
        return len(stored)

    def go_on(self, folder):
        """Runs the statement again: the same trials and the same model."""
        known = self.finished(folder)
        done = self.victim.run(folder, self.sql)
        assert done.returncode == 0, f"the search does not go on:\n{done.stderr}"
        if known:
            assert f"{known} training{'s' if known > 1 else ''} taken over" in done.stderr, done.stderr
        models = [line.split(",") for line in self.ask(folder, MODEL)]
        assert {check for _, check in models} == {self.model}, f"another model: {models}"
        newest = models[-1][0]
        assert self.ask(folder, TRIALS.format(version=newest)) == self.trials, "other trials"
        assert self.finished(folder) == 0, "trials of no version are left"
        return known

    def interrupt(self, folder, moment, sent):
        process = self.victim.start(folder, self.sql)
        time.sleep(moment)
        process.send_signal(sent)
        process.wait()


def main(program, shim, blows):
    victim = Victim(program, shim)
    dice = random.Random(21)
    failures, resumed, count = [], 0, 0
    each = max(1, blows // 3 // len(SEARCHES))
    for name, sql in SEARCHES.items():
        search = Search(victim, name, sql)
        hits = [("write", call) for call in spread(victim.count(sql), each)]
        hits += [(sent, dice.uniform(0, search.seconds)) for sent in (signal.SIGKILL, signal.SIGINT) for _ in range(each)]
        for sent, where in hits:
            count += 1
            folder = victim.copy()
            if sent == "write":
                victim.run(folder, sql, QUERN_FAULT="kill", QUERN_FAULT_AT=where)
            else:
                search.interrupt(folder, where, sent)
            try:
                resumed += search.go_on(folder) > 0
            except AssertionError as error:
                failures.append(f"{name}, {sent} at {where}: {error}")
    victim.close()
    for failure in failures:
        print("FAILED " + failure)
    print(f"{count} blows: {resumed} searches went on from trials that were done, {len(failures)} failed")
    return 1 if failures or not resumed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 18))
