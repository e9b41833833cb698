#!/usr/bin/env python3
"""The package on a server: values both ways, tables of Python, an interrupt. The URI is in QUERN_TEST_POSTGRES or
QUERN_TEST_MYSQL, as tests/servers/with_servers.py sets them. Needs QUERN_LIBRARY.

usage: with_servers.py postgres|mariadb -- server.py"""

import datetime as dt
import os
import signal
import sys
import threading
import time
import unittest
from decimal import Decimal

sys.modules["numpy"] = None

import quern  # noqa: E402

POSTGRES = os.environ.get("QUERN_TEST_POSTGRES")
URI = POSTGRES or os.environ.get("QUERN_TEST_MYSQL")
PATIENCE = 120  # seconds that a busy machine may take


class Server(unittest.TestCase):
    def setUp(self):
        self.db = quern.connect(URI)

    def tearDown(self):
        self.db.close()

    def test_parameters(self):
        for value in (None, 0, -2**63, 2**63 - 1, 0.1, "it's \\ \"x\" \n -- ;", "🌾", dt.date(2024, 2, 29),
                      dt.datetime(1969, 12, 31, 23, 59, 59, 999999)):
            self.assertEqual(self.db.query("SELECT $1 AS v", [value]).scalar(), value)
            self.assertEqual(self.db.query("SELECT :v AS v", {"v": value}).scalar(), value)

    def test_numbers_beyond_other_types(self):
        digits = "123456789012345678901234567890123456789012345.5"
        kind = "numeric" if POSTGRES else "DECIMAL(60, 1)"
        self.assertEqual(self.db.query(f"SELECT CAST('{digits}' AS {kind}) AS v").scalar(), Decimal(digits))

    def test_tables_of_python(self):
        rows = [{"i": 1, "f": 0.5, "t": "x'\\\"\n", "d": dt.date(2024, 2, 29), "w": dt.datetime(2024, 1, 2, 3, 4, 5, 678901),
                 "n": Decimal("1.25")}, {"i": None, "f": None, "t": None, "d": None, "w": None, "n": None},
                {"i": -2**63, "f": -1e300, "t": "", "d": dt.date(1970, 1, 1), "w": dt.datetime(1970, 1, 1), "n": Decimal("-3")}]
        self.db.register("sent", rows * 1000)
        back = self.db.query("SELECT * FROM sent").dicts()
        self.assertEqual(len(back), 3000)
        self.assertEqual(back[-3:], rows)
        self.db.register("sent", {"b": [True, False]})
        self.assertEqual([bool(v) for v in self.db.query("SELECT b FROM sent ORDER BY b").column("b")], [False, True])

    def test_interrupted(self):
        flags = {}

        def send():
            end = time.monotonic() + PATIENCE
            tick = threading.Lock()
            tick.acquire()
            while time.monotonic() < end and not flags.get("begun"):
                tick.acquire(timeout=0.01)
            while time.monotonic() < end and not flags.get("heard"):
                os.kill(os.getpid(), signal.SIGINT)
                tick.acquire(timeout=0.5)

        sender = threading.Thread(target=send)
        sender.start()
        forever = f"SELECT pg_sleep({PATIENCE})" if POSTGRES else f"SELECT SLEEP({PATIENCE})"
        try:
            with self.assertRaises(KeyboardInterrupt):
                self.db.execute(forever, on_event=lambda *_: flags.update(begun=True))
        finally:
            flags["heard"] = True
        sender.join()
        self.assertEqual(self.db.query("SELECT 1 AS a").scalar(), 1)


if __name__ == "__main__":
    unittest.main(verbosity=1)
