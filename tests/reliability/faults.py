#!/usr/bin/env python3
"""What a machine may refuse: disk space, memory, files. Quern then says so in one error, ends with
status 1, and the database is as it was, or as the statement leaves it where the fault came too late.

faults.py PROGRAM SHIM faults|modes [FAULTS]: at most so many faults of each kind and statement; modes are
those of files, apart from the others because only root can become the user whom they stop.
"""

import os
import resource
import subprocess
import sys

from kill import before_and_after, spread
from reliability import STATEMENTS, TRAIN, Victim

#: Only blocks of rows, features and models are this big: the ones that memory may not suffice for.
BIG = 4096
#: With so little the rows of SPILLS wait in files.
SMALL_LIMIT = "SET memory_limit = '8MB'; "
SPILLS = SMALL_LIMIT + """SELECT hash(i) % 1000 AS x, hash(i + 1) % 977 AS z, i % 2 AS y FROM range(600000) r(i)
TO TRAIN xgboost.gbtree WITH num_round = 1, max_depth = 2 LABEL y INTO m;"""
#: The same for the rows of a result that goes into a table which the query reads; in a transaction, since the
#: database would do all of it otherwise.
SPOOLS = SMALL_LIMIT + """BEGIN; SELECT p.id, p.x, p.z FROM p, range(300) TO PREDICT p.guess WITH output.mode = replace USING m; COMMIT;"""


class Ledger:
    def __init__(self):
        self.done = 0
        self.failures = []

    def expect(self, condition, text):
        if not condition:
            self.failures.append(text)


def refused(ledger, what, done, codes):
    """The program ended by itself, with one of the errors that fit."""
    ledger.expect(done.returncode == 1, f"{what}: status {done.returncode}\n{done.stderr}")
    ledger.expect(any(f"error[{code}]" in done.stderr for code in codes), f"{what}: says\n{done.stderr}")


def write_faults(ledger, victim, fault, codes, wanted, **settings):
    for name, sql in STATEMENTS.items():
        old, new = before_and_after(victim, sql)
        for call in spread(victim.count(sql, none_is_fine=fault == "memory", **settings), wanted):
            ledger.done += 1
            what = f"{name}, {fault} at call {call}"
            folder = victim.copy()
            done = victim.run(folder, sql, QUERN_FAULT=fault, QUERN_FAULT_AT=call, **settings)
            if done.returncode != 0:
                refused(ledger, what, done, codes)
            try:
                found = victim.state(folder)[0]
            except AssertionError as error:
                ledger.failures.append(f"{what}: {error}")
                continue
            allowed = {new} if done.returncode == 0 else {old, new}
            ledger.expect(found in allowed, f"{what}: neither the old state nor the new one")


def disk_full(ledger, victim, wanted):
    write_faults(ledger, victim, "full", ("Q5001", "Q5002", "Q5008"), wanted)


def no_memory(ledger, victim, wanted):
    write_faults(ledger, victim, "memory", ("Q4003",), wanted, QUERN_FAULT_BYTES=BIG)
    write_faults(ledger, victim, "memory", ("Q4003", "Q5002"), wanted, QUERN_FAULT_BYTES=1)


def no_room_for_rows(ledger, victim, _wanted):
    """The file that rows wait in cannot grow, or cannot be made."""
    for what, settings in (("disk full", {"QUERN_FAULT": "full", "QUERN_FAULT_AT": 1}),
                           ("no such TMPDIR", {"TMPDIR": victim.folder / "none"}),
                           ("TMPDIR is a file", {"TMPDIR": victim.made / "v.duckdb"})):
        for sql in (SPILLS, SPOOLS):
            folder = victim.copy()
            old = victim.state(folder)[0]
            ledger.done += 1
            done = victim.run(folder, sql, **settings)
            refused(ledger, what, done, ("Q4003",))
            ledger.expect("TMPDIR" in done.stderr, f"{what}: no word of TMPDIR:\n{done.stderr}")
            ledger.expect(victim.state(folder)[0] == old, f"{what}: the database changed")
    for sql in (SPILLS, SPOOLS):
        done = victim.run(victim.copy(), sql)
        ledger.expect(done.returncode == 0, f"with room: {done.stderr}")


def small_limit(ledger, victim, _wanted):
    """A memory_limit that nothing can run under; the error says how much was wanted and what to set."""
    folder = victim.copy()
    old = victim.state(folder)[0]
    for statement in (TRAIN, STATEMENTS["predict"]):
        ledger.done += 1
        done = victim.run(folder, "SET memory_limit = '100KB'; " + statement)
        refused(ledger, "memory_limit 100KB", done, ("Q4003",))
        ledger.expect("KiB used)" in done.stderr and "memory limit" in done.stderr, f"no amount:\n{done.stderr}")
    ledger.expect(victim.state(folder)[0] == old, "memory_limit 100KB: the database changed")


def unreadable(ledger, victim, _wanted):
    """Input that is not there, is something else, or ends too early."""
    folder = victim.copy()
    (folder / "folder.csv").mkdir()
    (folder / "noise.parquet").write_bytes(bytes(range(256)) * 4)
    whole = victim.run(folder, "COPY t TO 'whole.parquet'; EXPORT MODEL m TO 'whole.quern';")
    ledger.expect(whole.returncode == 0, whole.stderr)
    for name in ("whole.parquet", "whole.quern"):
        cut = (folder / name).read_bytes()
        (folder / name.replace("whole", "cut")).write_bytes(cut[:len(cut) // 2])
    wants = {**{name: ("Q2001",) for name in ("none.csv", "folder.csv", "noise.parquet", "cut.parquet")},
             "none.quern": ("Q5007",), "folder.csv/": ("Q5007", "Q2001"), "cut.quern": ("Q6001",)}
    for name, codes in wants.items():
        ledger.done += 1
        sql = f"IMPORT MODEL '{name}' INTO new" if name.endswith("quern") else \
            f"SELECT * FROM '{name}' TO TRAIN xgboost.gbtree LABEL y INTO new"
        refused(ledger, name, victim.run(folder, sql + ";"), codes)


def output(ledger, victim, _wanted):
    """Rows for a file that there is no room for: the old file stays, nothing lies beside it."""
    sql = "SELECT i FROM range(100000) r(i);"
    for what, most in (("full", 100_000), ("room", resource.RLIM_INFINITY)):
        ledger.done += 1
        folder = victim.copy()
        (folder / "out.csv").write_text("old\n")
        prepare = lambda most=most: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        done = subprocess.run([victim.program, "--csv", "-o", "out.csv", "-e", sql], cwd=folder, check=False,
                              capture_output=True, text=True, timeout=120, env=victim.environment({}),
                              preexec_fn=prepare)
        old = (folder / "out.csv").read_text() == "old\n"
        ledger.expect(old == (what == "full"), f"--output, {what}: the wrong file")
        ledger.expect(not victim.staged(folder), f"--output, {what}: something lies beside")
        if what == "full":
            refused(ledger, "--output beyond the limit of a file's size", done, ("Q5008",))


def as_nobody():
    """A file's mode means nothing to root."""
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)


def run_as(victim, folder, sql, prepare):
    return subprocess.run(victim.command(sql), cwd=folder, capture_output=True, text=True, timeout=120,
                          check=False, env=victim.environment({}), preexec_fn=prepare)


def modes(ledger, victim, _wanted):
    """Files that may not be read, or not be written. Needs root, to become another user."""
    os.chmod(victim.folder, 0o755)
    for mode, codes in ((0o000, ("Q5002",)), (0o444, ("Q5002", "Q5005"))):
        ledger.done += 1
        folder = victim.copy()
        os.chmod(folder, 0o777)
        os.chmod(folder / "v.duckdb", mode)
        done = run_as(victim, folder, TRAIN, as_nobody)
        refused(ledger, f"database with mode {mode:o}", done, codes)
    folder = victim.copy()
    whole = victim.run(folder, "COPY t TO 'whole.parquet'; EXPORT MODEL m TO 'whole.quern';")
    ledger.expect(whole.returncode == 0, whole.stderr)
    os.chmod(folder, 0o777)
    os.chmod(folder / "v.duckdb", 0o666)
    train = "SELECT * FROM 'whole.parquet' TO TRAIN xgboost.gbtree LABEL y INTO new;"
    for name, sql, codes in (("whole.parquet", train, ("Q2001",)),
                             ("whole.quern", "IMPORT MODEL 'whole.quern' INTO new;", ("Q5007",))):
        ledger.done += 1
        os.chmod(folder / name, 0o000)
        refused(ledger, f"{name} of mode 0", run_as(victim, folder, sql, as_nobody), codes)


def few_files(ledger, victim, _wanted):
    """So few open files that something cannot be opened."""
    for limit in (4, 6, 8, 10, 12):
        ledger.done += 1
        folder = victim.copy()
        prepare = lambda limit=limit: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
        done = run_as(victim, folder, TRAIN, prepare)
        if done.returncode != 0 and done.returncode != 127:  # 127: the loader itself had no file left
            refused(ledger, f"at most {limit} open files", done, ("Q5001", "Q5002", "Q5004", "Q5006", "Q5008"))
        victim.state(folder)


def main(program, shim, which, wanted):
    checks = [modes] if which == "modes" else \
        [disk_full, no_memory, small_limit, no_room_for_rows, unreadable, output, few_files]
    if which == "modes" and os.geteuid() != 0:
        print("SKIPPED: needs root, to become another user")
        return 0
    victim = Victim(program, shim)
    ledger = Ledger()
    for check in checks:
        check(ledger, victim, wanted)
    victim.close()
    for failure in ledger.failures:
        print("FAILED " + failure)
    print(f"{ledger.done} faults, {len(ledger.failures)} failed")
    return 1 if ledger.failures or not ledger.done else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]) if len(sys.argv) > 4 else 6))
