#!/usr/bin/env python3
"""Ctrl-C in each phase of a statement, through Python's own handling of signals: the statement stops, the session goes
on, nothing is left behind. A thread sends the signal when the phase has begun, and again until it was heard. Needs
QUERN_LIBRARY."""

import os
import signal
import sys
import threading
import time
import unittest

sys.modules["numpy"] = None

import quern  # noqa: E402

PATIENCE = 120  # seconds that a busy machine may take for anything
FOREVER = "SELECT count(*) FROM range(1000000000) a(i), range(1000) b(j) WHERE hash(i + j) = 1"
ROWS = "SELECT i % 97 AS a, i % 89 AS b, hash(i) % 2 = 0 AS c FROM range({n}) r(i)"


class Interrupts(unittest.TestCase):
    def setUp(self):
        self.db = quern.connect("duckdb::memory:")
        self.flags = {}  # "begun", "heard"
        self.tick = threading.Lock()
        self.tick.acquire()
        self.sender = threading.Thread(target=self.send, daemon=True)
        self.sender.start()

    def send(self):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and not self.flags.get("begun"):
            self.tick.acquire(timeout=0.01)
        while time.monotonic() < end and not self.flags.get("heard"):
            os.kill(os.getpid(), signal.SIGINT)
            self.tick.acquire(timeout=0.3)

    def begin(self, *_):
        self.flags["begun"] = True

    def stopped(self, call):
        try:
            try:
                call()
                self.fail("it ended by itself")
            finally:
                self.flags["heard"] = True
        except KeyboardInterrupt:
            pass
        except quern.Error as why:  # the second signal of two came after the first had stopped it
            self.assertEqual(why.code, "Q4001")
        self.after()

    def after(self):
        """The session goes on; a signal that was still on its way may end the first try."""
        for _ in range(3):
            try:
                self.sender.join(PATIENCE)
                self.assertEqual(self.db.query("SELECT 41 + 1").scalar(), 42)
                self.assertEqual(self.db.query("SHOW MODELS").rows(), [])
                return
            except KeyboardInterrupt:
                continue
        self.fail("interrupted again and again")

    def in_stage(self, stage, script):
        def look(progress):
            if progress.stage == stage:
                self.begin()
        self.stopped(lambda: self.db.execute(script, progress=look))

    def test_in_a_query(self):
        self.stopped(lambda: self.db.execute(FOREVER, on_event=lambda kind, _: kind == "statement" and self.begin()))

    def test_while_rows_are_read_for_a_training(self):
        rows = ROWS.format(n=2_000_000_000)
        self.in_stage("scan", f"{rows} TO TRAIN xgboost.gbtree WITH num_round = 2 LABEL c INTO never")

    def test_in_the_rounds(self):
        rows = ROWS.format(n=100_000)
        self.in_stage("train", f"{rows} TO TRAIN xgboost.gbtree WITH num_round = 100000, max_depth = 8 LABEL c INTO never")

    def test_while_rows_are_fetched(self):
        def fetch():
            with self.db.stream("SELECT i FROM range(1000000000000) r(i)") as stream:
                for _ in stream:
                    self.begin()
        self.stopped(fetch)

    def test_before_it_began(self):
        self.begin()
        self.stopped(lambda: self.db.execute(FOREVER))


if __name__ == "__main__":
    unittest.main(verbosity=1)
