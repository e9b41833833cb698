#!/usr/bin/env python3
"""numpy arrays and DataFrames of results, and DataFrames as tables. Needs QUERN_LIBRARY, numpy and pandas; what is
checked with pyarrow is left out where there is none."""

import datetime as dt
import importlib.util
import sys
import unittest
from decimal import Decimal

try:
    import numpy as np
    import pandas as pd
except ImportError:
    print("SKIPPED: numpy and pandas are not installed")
    sys.exit(0)

import quern

ROWS = 10_000
# name -> (SQL of i, Python's value of i, dtype in numpy, dtype in pandas where values are NULL)
COLUMNS = {
    "small": ("(i % 100)::TINYINT", lambda i: i % 100, "int8", "Int8"),
    "big": ("i * 1000000007", lambda i: i * 1000000007, "int64", "Int64"),
    "unsigned": ("i::UINTEGER", lambda i: i, "uint32", "UInt32"),
    "real": ("i / 8", lambda i: i / 8, "float64", "float64"),
    "single": ("(i / 8)::FLOAT", lambda i: i / 8, "float32", "float32"),
    "flag": ("i % 3 = 0", lambda i: i % 3 == 0, "bool", "boolean"),
    "text": ("'é' || i", lambda i: f"é{i}", "object", "object"),
    "huge": ("i::HUGEINT", lambda i: i, "int64", "Int64"),
    "money": ("(i / 4)::DECIMAL(18, 2)", lambda i: i / 4, "float64", "float64"),
    "day": ("DATE '2000-01-01' + i::INTEGER", lambda i: dt.date(2000, 1, 1) + dt.timedelta(i), "datetime64[D]",
            "datetime64[ns]"),
    "moment": ("TIMESTAMP '2000-01-01' + to_seconds(i)", lambda i: dt.datetime(2000, 1, 1) + dt.timedelta(seconds=i),
               "datetime64[us]", "datetime64[ns]"),
}


class Columns(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.db = quern.connect("duckdb::memory:")
        cls.known = cls.db.query("SELECT " + ", ".join(f"{sql} AS {name}" for name, (sql, *_) in COLUMNS.items())
                                 + f" FROM range({ROWS}) r(i)")
        cls.holes = cls.db.query("SELECT " + ", ".join(f"CASE WHEN i % 5 <> 2 THEN {sql} END AS {name}"
                                                       for name, (sql, *_) in COLUMNS.items())
                                 + f" FROM range({ROWS}) r(i)")

    def test_numpy(self):
        for name, array in self.known.to_numpy().items():
            _, value, dtype, _ = COLUMNS[name]
            self.assertEqual(str(array.dtype), dtype, name)
            self.assertEqual(array.tolist(), [value(i) for i in range(ROWS)], name)

    def test_numpy_with_nulls(self):
        gone = np.arange(ROWS) % 5 == 2
        for name, array in self.holes.to_numpy().items():
            kind = array.dtype.kind
            if kind in "iub":
                self.assertTrue((np.ma.getmaskarray(array) == gone).all(), name)
            elif kind == "f":
                self.assertTrue((np.isnan(array) == gone).all(), name)
            elif kind in "mM":
                self.assertTrue((np.isnat(array) == gone).all(), name)
            else:
                self.assertEqual([v is None for v in array], gone.tolist(), name)
            value = COLUMNS[name][1]
            self.assertEqual(array[~gone].tolist(), [value(i) for i in range(ROWS) if i % 5 != 2], name)

    def test_one_batch_is_not_copied(self):
        table = self.db.query("SELECT i FROM range(100) r(i)")
        array = table["i"]
        self.assertFalse(array.flags.owndata)
        self.assertFalse(array.flags.writeable)
        del table
        self.assertEqual(array.sum(), 4950)

    def test_pandas(self):
        frame = self.known.to_dataframe()
        self.assertEqual(frame.shape, (ROWS, len(COLUMNS)))
        holes = self.holes.to_dataframe()
        for name, (_, value, _, nullable) in COLUMNS.items():
            expected = [value(i) for i in range(ROWS)]
            if name == "day":
                expected = [pd.Timestamp(v) for v in expected]
            self.assertEqual(frame[name].tolist(), expected, name)
            self.assertEqual(str(holes[name].dtype), nullable, name)
            self.assertEqual(holes[name].isna().tolist(), [i % 5 == 2 for i in range(ROWS)], name)
            self.assertEqual(holes[name].dropna().tolist(), [v for i, v in enumerate(expected) if i % 5 != 2], name)
        frame.loc[0, "big"] = 5  # a frame is the user's own
        self.assertEqual(self.known["big"][0], 0)

    def test_odd_values(self):
        frame = self.db.query("SELECT TIMESTAMPTZ '2024-01-02 03:00:00+01' AS zoned, DATE '0900-01-01' AS old, "
                              "'infinity'::DATE AS never, 2::HUGEINT ** 0 * 170141183460469231731687303715884105727::HUGEINT "
                              "AS vast, [1, 2] AS list, TIME '01:00:00' AS clock, 1 AS twice, 2 AS twice").to_dataframe()
        row = frame.iloc[0]
        self.assertEqual(row["zoned"], pd.Timestamp("2024-01-02 02:00", tz="UTC"))
        self.assertEqual(row["old"], dt.date(900, 1, 1))
        self.assertTrue(pd.isna(row["never"]))
        self.assertEqual(row["list"], [1, 2])
        self.assertEqual(row["clock"], pd.Timedelta(hours=1))
        self.assertEqual(list(frame.columns[-2:]), ["twice", "twice"])
        self.assertEqual(list(row[-2:]), [1, 2])
        self.assertEqual(float(row["vast"]), float(2**127 - 1))

    def test_decimals_are_the_nearest_numbers(self):
        texts = ["0.1", "12345678901234567.89", "-0.07", "99999999999999999999999999999999.999999", "-12345678901234567890.1"]
        array = self.db.query("SELECT v::DECIMAL(38,6) AS v FROM (VALUES "
                              + ", ".join(f"({i}, '{t}')" for i, t in enumerate(texts)) + ") t(i, v) ORDER BY i")["v"]
        self.assertEqual(array.tolist(), [float(Decimal(t)) for t in texts])

    def test_empty(self):
        frame = self.db.query("SELECT 1 AS a, 'x' AS b, DATE '2024-01-01' AS c WHERE false").to_dataframe()
        self.assertEqual(frame.shape, (0, 3))
        self.assertEqual(list(frame.columns), ["a", "b", "c"])

    def test_parameters_of_numpy_and_pandas(self):
        def value(v):
            return self.db.query("SELECT $1", [v]).scalar()
        self.assertEqual(value(np.int64(5)), 5)
        self.assertEqual(value(np.float32(0.5)), 0.5)
        self.assertIs(value(np.bool_(True)), True)
        self.assertIsNone(value(pd.NA))
        self.assertIsNone(value(pd.NaT))
        self.assertEqual(self.db.query("SELECT $1::TIMESTAMP", [pd.Timestamp("2024-01-02 03:04:05.5")]).scalar(),
                         dt.datetime(2024, 1, 2, 3, 4, 5, 500000))
        self.assertEqual(self.db.query("SELECT $1::DATE", [np.datetime64("2024-01-02")]).scalar(), dt.date(2024, 1, 2))

    def test_frames_as_tables(self):
        sent = pd.DataFrame({"i": pd.array([1, None, 3], "Int64"), "f": [0.1, np.nan, -1e300], "t": ["a", None, "ü\n\"'"],
                             "w": pd.to_datetime(["2024-01-02 03:04:05.678901", None, "1970-01-01"]),
                             "b": pd.array([True, None, False], "boolean"),
                             "c": pd.Categorical(["x", "y", None])})
        for times in (1, 3000):
            self.db.register("sent", pd.concat([sent] * times, ignore_index=True))
            back = self.db.query("SELECT * FROM sent").to_dataframe()
            self.assertEqual(len(back), 3 * times)
            pd.testing.assert_frame_equal(back.tail(3).reset_index(drop=True), sent.astype({"c": object}))

    def test_models_score_frames(self):
        self.db.execute("CREATE OR REPLACE TABLE points AS SELECT i % 7 AS a, i % 5 / 2 AS b, i % 7 > 3 AS label "
                        "FROM range(200) r(i); SELECT * FROM points TO TRAIN xgboost.gbtree WITH num_round = 3 "
                        "LABEL label INTO m")
        frame = self.db.query("SELECT * FROM points").to_dataframe()
        expected = self.db.query("SELECT * FROM points TO PREDICT USING m").column("predicted_label")
        scored = self.db.model("m").predict(frame).to_dataframe()
        self.assertEqual(scored["predicted"].tolist(), [str(v).lower() for v in expected])

    @unittest.skipUnless(importlib.util.find_spec("pyarrow"), "there is no pyarrow")
    def test_arrow(self):
        table = self.holes.to_arrow()
        self.assertEqual(table.num_rows, ROWS)
        for name, (_, value, _, _) in COLUMNS.items():
            expected = [None if i % 5 == 2 else value(i) for i in range(ROWS)]
            self.assertEqual(table.column(name).to_pylist(), expected, name)
        reader = self.db.stream("SELECT i FROM range(100000) r(i)").to_arrow()
        self.assertEqual(sum(b.num_rows for b in reader), 100000)


if __name__ == "__main__":
    unittest.main(verbosity=1)
