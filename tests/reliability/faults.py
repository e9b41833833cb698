#!/usr/bin/env python3
"""What a machine may refuse: disk space, memory, files. Quern then says so in one error, ends with
status 1, and the database is as it was, or as the statement leaves it where the fault came too late.

faults.py PROGRAM SHIM [FAULTS]: at most so many faults of each kind and statement.
"""

import os
import resource
import subprocess
import sys

from kill import before_and_after, spread
from reliability import STATEMENTS, TRAIN, Victim

#: Only blocks of rows, features and models are this big: the ones that memory may not suffice for.
BIG = 4096


class Ledger:
    def __init__(self):
        self.done = 0
        self.skipped = []
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
        for call in spread(victim.count(sql, **settings), wanted):
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


def as_nobody():
    """A file's mode means nothing to root."""
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)


def run_as(victim, folder, sql, prepare):
    return subprocess.run(victim.command(sql), cwd=folder, capture_output=True, text=True, timeout=120,
                          check=False, env=victim.environment({}), preexec_fn=prepare)


def modes(ledger, victim, _wanted):
    """A database that may not be read, or not be written."""
    if os.geteuid() != 0:
        ledger.skipped.append("modes: needs root, to become another user")
        return
    os.chmod(victim.folder, 0o755)
    for mode, codes in ((0o000, ("Q5002",)), (0o444, ("Q5002", "Q5005"))):
        ledger.done += 1
        folder = victim.copy()
        os.chmod(folder, 0o777)
        os.chmod(folder / "v.duckdb", mode)
        done = run_as(victim, folder, TRAIN, as_nobody)
        refused(ledger, f"database with mode {mode:o}", done, codes)


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


def main(program, shim, wanted):
    victim = Victim(program, shim)
    ledger = Ledger()
    for check in (disk_full, no_memory, modes, few_files):
        check(ledger, victim, wanted)
    victim.close()
    for failure in ledger.failures:
        print("FAILED " + failure)
    for skipped in ledger.skipped:
        print("skipped " + skipped)
    print(f"{ledger.done} faults, {len(ledger.failures)} failed, {len(ledger.skipped)} skipped")
    return 1 if ledger.failures or not ledger.done else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 6))
