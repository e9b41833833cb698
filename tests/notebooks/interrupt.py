#!/usr/bin/env python3
"""Ctrl-C in each phase of a statement, through Python's own handling of signals: the statement stops, the session goes
on, nothing is left behind. A thread sends the signal when the phase has begun, and again until it was heard. Needs
QUERN_LIBRARY."""

import os
import signal
import sys
import threading
import unittest

sys.modules["numpy"] = None

import quern  # noqa: E402

PATIENCE = 120
FOREVER = "SELECT count(*) FROM range(1000000000) a(i), range(1000) b(j) WHERE hash(i + j) = 1"
ROWS = "SELECT i % 97 AS a, i % 89 AS b, hash(i) % 2 = 0 AS c FROM range({n}) r(i)"


class Interrupts(unittest.TestCase):
    def setUp(self):
        self.db = quern.connect("duckdb::memory:")
        self.begun, self.heard = threading.Event(), threading.Event()
        self.sender = threading.Thread(target=self.send, daemon=True)
        self.sender.start()

    def send(self):
        if self.begun.wait(PATIENCE):
            while not self.heard.is_set():
                os.kill(os.getpid(), signal.SIGINT)
                self.heard.wait(0.3)

    def stopped(self, call):
        try:
            try:
                call()
                self.fail("it ended by itself")
            finally:
                self.heard.set()
                self.sender.join()
        except KeyboardInterrupt:
            pass
        except quern.Error as why:  # the second signal of two came after the first had stopped it
            self.assertEqual(why.code, "Q4001")
        self.assertEqual(self.db.query("SELECT 41 + 1").scalar(), 42)
        self.assertEqual(self.db.query("SHOW MODELS").rows(), [])

    def in_stage(self, stage, script):
        def look(progress):
            if progress.stage == stage:
                self.begun.set()
        self.stopped(lambda: self.db.execute(script, progress=look))

    def test_in_a_query(self):
        self.stopped(lambda: self.db.execute(FOREVER, on_event=lambda kind, _: kind == "statement" and self.begun.set()))

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
                    self.begun.set()
        self.stopped(fetch)

    def test_before_it_began(self):
        self.begun.set()
        self.stopped(lambda: self.db.execute(FOREVER))


if __name__ == "__main__":
    unittest.main(verbosity=1)
