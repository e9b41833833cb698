#!/usr/bin/env python3
"""Quern is killed in the middle of TRAIN, PREDICT into a table, DROP and EXPORT: afterwards a new session
sees the old state or the new one, whole, and sweeps what the killed one left beside its files.

kill.py PROGRAM SHIM [BLOWS]: at most half of the blows fall before a chosen write to a file, the others
at random moments of a run.
"""

import random
import sys
import time

from reliability import EXPORT, STATEMENTS, Victim


def before_and_after(victim, sql):
    old = victim.state(victim.copy())[0]
    folder = victim.copy()
    done = victim.run(folder, sql)
    assert done.returncode == 0, done.stderr
    return old, victim.state(folder)[0]


def spread(total, wanted):
    """At most `wanted` numbers from 1 to total, evenly spread, the first and last among them."""
    if total <= wanted:
        return list(range(1, total + 1))
    return sorted({1 + round(i * (total - 1) / (wanted - 1)) for i in range(wanted)})


class Tally:
    def __init__(self):
        self.old = self.new = self.survived = self.left = 0
        self.failures = []

    def look(self, victim, folder, old, new, blow):
        self.look_at_state(victim, folder, old, new, blow)
        left = victim.staged(folder)
        if not left:
            return
        self.left += 1
        done = victim.run(folder, EXPORT.replace("other", "m"))
        if done.returncode != 0 or victim.staged(folder):
            self.failures.append(f"{blow}: {left} stays: {done.stderr}")

    def look_at_state(self, victim, folder, old, new, blow):
        try:
            found, text = victim.state(folder)
        except AssertionError as error:
            self.failures.append(f"{blow}: {error}")
            return
        if found == old:
            self.old += 1
        elif found == new:
            self.new += 1
        else:
            self.failures.append(f"{blow}: neither the old state nor the new one:\n{text}")


def main(program, shim, blows):
    victim = Victim(program, shim)
    tally = Tally()
    dice = random.Random(20)
    each = max(2, -(-blows // len(STATEMENTS)))
    for name, sql in STATEMENTS.items():
        old, new = before_and_after(victim, sql)
        assert old != new, f"{name} changes nothing"
        chosen = spread(victim.count(sql), each // 2)
        for call in chosen:
            folder = victim.copy()
            done = victim.run(folder, sql, QUERN_FAULT="kill", QUERN_FAULT_AT=call)
            tally.survived += done.returncode == 0
            tally.look(victim, folder, old, new, f"{name}, killed before write {call}")
        begun = time.monotonic()
        victim.run(victim.copy(), sql)
        whole = time.monotonic() - begun
        for _ in range(each - len(chosen)):
            moment = dice.uniform(0, whole)
            folder = victim.copy()
            process = victim.start(folder, sql)
            time.sleep(moment)
            process.kill()
            tally.survived += process.wait() == 0
            tally.look(victim, folder, old, new, f"{name}, killed after {moment:.3f} s")
    victim.close()
    for failure in tally.failures:
        print("FAILED " + failure)
    total = tally.old + tally.new + len(tally.failures)
    print(f"{total} blows: {tally.old} left the old state, {tally.new} the new one "
          f"({tally.survived} came too late), {tally.left} left a file that was swept, "
          f"{len(tally.failures)} failed")
    return 1 if tally.failures or not total else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 24))
