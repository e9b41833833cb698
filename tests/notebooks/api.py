#!/usr/bin/env python3
"""The Python package without numpy, pandas and Arrow: values, parameters, errors, models, streams, threads. What is
expected is Python's own idea of each literal. Needs QUERN_LIBRARY."""

import ctypes
import datetime as dt
import gc
import pathlib
import sys
import tempfile
import threading
import unittest
from decimal import Decimal

for name in ("numpy", "pandas", "pyarrow"):
    sys.modules[name] = None  # importing it fails

import quern  # noqa: E402
from quern import _arrow, _library, html  # noqa: E402

IRIS = str(pathlib.Path(__file__).resolve().parents[2] / "examples" / "data" / "iris.csv").replace("'", "''")


class Values(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.db = quern.connect("duckdb::memory:")

    def value(self, sql, parameters=None):
        return self.db.query(f"SELECT {sql}", parameters).scalar()

    def test_types(self):
        utc = dt.timezone.utc
        for sql, expected in (
                ("true", True), ("1::TINYINT", 1), ("-2::SMALLINT", -2), ("3", 3), ("2::BIGINT ** 40", 2.0**40),
                ("9223372036854775807", 2**63 - 1), ("255::UTINYINT", 255), ("18446744073709551615::UBIGINT", 2**64 - 1),
                ("-170141183460469231731687303715884105727::HUGEINT", -2**127 + 1), ("1.5::FLOAT", 1.5),
                ("0.1::DOUBLE", 0.1), ("12.30::DECIMAL(6,2)", Decimal("12.30")),
                ("-0.000001::DECIMAL(38,6)", Decimal("-0.000001")), ("'naïve 🌾'", "naïve 🌾"), ("''", ""),
                ("'\\x00\\xFF'::BLOB", b"\x00\xff"), ("DATE '2024-02-29'", dt.date(2024, 2, 29)),
                ("DATE '1582-10-15'", dt.date(1582, 10, 15)), ("'infinity'::DATE", "infinity"),
                ("DATE '12024-01-02'", "12024-01-02"), ("DATE '0044-03-15 (BC)'", "0044-03-15 (BC)"),
                ("TIME '23:59:59.999999'", dt.time(23, 59, 59, 999999)),
                ("TIMESTAMP '2024-01-02 03:04:05.678901'", dt.datetime(2024, 1, 2, 3, 4, 5, 678901)),
                ("TIMESTAMP '1969-12-31 23:59:59.5'", dt.datetime(1969, 12, 31, 23, 59, 59, 500000)),
                ("TIMESTAMPTZ '2024-01-02 03:04:05+02'", dt.datetime(2024, 1, 2, 1, 4, 5, tzinfo=utc)),
                ("TIMESTAMP_NS '2024-01-02 03:04:05.000000999'", dt.datetime(2024, 1, 2, 3, 4, 5)),
                ("INTERVAL '1 month 2 days 3 seconds'", (1, 2, 3_000_000)), ("[1, NULL, 3]", [1, None, 3]),
                ("[[1], NULL]", "[[1], NULL]"),
                ("'1b4e28ba-2fa1-11d2-883f-0016d3cca427'::UUID", "1b4e28ba-2fa1-11d2-883f-0016d3cca427")):
            with self.subTest(sql):
                found = self.value(sql)
                self.assertEqual(found, expected)
                self.assertIs(type(found) in (int, bool, float), type(expected) in (int, bool, float))
                self.assertIsNone(self.value(f"CASE WHEN random() < 2 THEN NULL ELSE {sql} END"))

    def test_many_rows_keep_their_order_and_their_nulls(self):
        table = self.db.query("SELECT i, CASE WHEN i % 7 = 3 THEN NULL ELSE 'v' || i END AS t, i % 3 = 0 AS b "
                              "FROM range(10000) r(i)")
        expected = [(i, None if i % 7 == 3 else f"v{i}", i % 3 == 0) for i in range(10000)]
        self.assertEqual(table.rows(), expected)
        self.assertEqual(table.rows(3), expected[:3])
        self.assertEqual(len(table), 10000)
        self.assertEqual(table["t"], [row[1] for row in expected])
        self.assertEqual(table.dicts()[3], {"i": 3, "t": None, "b": True})

    def test_tables(self):
        empty = self.db.query("SELECT 1 AS a WHERE false")
        self.assertEqual((len(empty), empty.names, empty.rows()), (0, ["a"], []))
        self.assertTrue(empty)
        twice = self.db.query("SELECT 1 AS a, 2 AS a")
        self.assertEqual(twice.rows(), [(1, 2)])
        self.assertRaises(ValueError, twice.dicts)
        self.assertRaisesRegex(KeyError, "2 columns are called 'a'", twice.column, "a")
        self.assertRaisesRegex(KeyError, "no column is called 'b'", twice.column, "b")
        self.assertRaises(ValueError, twice.scalar)
        self.assertEqual(self.db.query("CREATE TABLE made (x INTEGER)").names, [])

    def test_rows_outlive_their_session(self):
        db = quern.connect("duckdb::memory:")
        table = db.query("SELECT i, 'text ' || i AS t FROM range(5000) r(i)")
        db.close()
        del db
        gc.collect()
        self.assertEqual(table.rows()[4999], (4999, "text 4999"))

    def test_parameters(self):
        for value in (None, True, False, 0, -1, 2**63 - 1, -2**63, 0.1, -1e300, "", "it's \\ \"x\" \n ; -- \0"[:-2],
                      b"\x00'\xff", "🌾", dt.date(1, 1, 1), dt.date(9999, 12, 31), dt.datetime(1969, 12, 31, 23, 59, 59, 999999),
                      dt.datetime(2024, 2, 29, 12), [1, None, -3], [0.5], []):
            with self.subTest(value):
                self.assertEqual(self.value("$1", [value]), value)
                self.assertEqual(self.value(":named", {"named": value, "left_over": 1}), value)
        self.assertEqual(self.value("array_to_string($1, '|')", [["it's", "]"]]), "it's|]")
        self.assertEqual(self.value("$1[1]", [[dt.date(2024, 1, 1)]]), dt.date(2024, 1, 1))
        self.assertEqual(self.value("typeof($1) || typeof($2) || typeof($3)", [dt.date(2024, 1, 1), dt.datetime(2024, 1, 1), (1, 2)]),
                         "DATETIMESTAMPINTEGER[]")
        zoned = dt.datetime(2024, 1, 2, 3, 4, 5, tzinfo=dt.timezone(dt.timedelta(hours=2)))
        self.assertEqual(self.value("$1::TIMESTAMPTZ", [zoned]), zoned)
        self.assertEqual(self.value("?::DATE + ?", [dt.date(2024, 2, 28), 1]), dt.date(2024, 2, 29))
        self.assertEqual(self.value("$1::DECIMAL(10,3)", [Decimal("1.005")]), Decimal("1.005"))
        self.assertEqual(self.value("$1::HUGEINT + 1", [2**70]), 2**70 + 1)
        self.assertTrue(self.value("isnan($1::DOUBLE)", [float("nan")]))
        self.assertEqual(self.value("[:x, 1][1:1]", {"x": 5}), [5])
        self.assertEqual(self.value("':name'", {"name": "x"}), ":name")
        for wrong, kind in (([object()], TypeError), ([[[1]]], TypeError), ([(object(),)], TypeError), ("text", TypeError), ({"a b": 1}, ValueError)):
            self.assertRaises(kind, self.value, "$1", wrong)
        with self.assertRaises(quern.Error) as caught:
            self.value("?", [1, 2])
        self.assertIn("parameter 2 is used nowhere", str(caught.exception))

    def test_what_a_statement_would_do(self):
        found = self.db.compile("SELECT $1::INTEGER AS a, 'x' AS b", [1])
        self.assertIn("returns 2 columns", found.message)
        self.assertEqual(([field.name for field in found.fields], found.plan), (["a", "b"], None))
        self.assertIsNone(self.db.compile("CREATE TABLE never AS SELECT 1 AS x").fields)
        self.assertRaises(quern.Error, self.db.query, "FROM never")
        train = self.db.compile(f"SELECT * FROM '{IRIS}' TO TRAIN xgboost.gbtree LABEL species INTO m")
        self.assertTrue(train.message.startswith("trains m"), train.message)
        self.assertIsInstance(train.plan, dict)
        self.assertRaisesRegex(quern.Error, "nowhere", self.db.compile, "SELECT * FROM nowhere")

    def test_settings(self):
        with quern.connect("duckdb::memory:") as db:
            self.assertEqual([db.get(name) for name in ("kernel", "fetch_connections", "model_store")], ["auto", "2", "default"])
            for name, value in (("threads", 1), ("kernel", "interpreted"), ("fetch_connections", 3),
                                ("model_store", "duckdb::memory:"), ("allow_torchscript", "true")):
                db.set(name, value)
                self.assertEqual(db.get(name), str(value))
            self.assertRaisesRegex(quern.Error, "unknown setting: thread", db.get, "thread")

    def test_named_parameters_everywhere(self):
        values = {"rounds": 3, "table": 'odd "name"', "model": "named_m", "label": "species"}
        self.db.execute(f'CREATE TABLE :"table" AS SELECT * FROM \'{IRIS}\'; SELECT * FROM :"table" TO TRAIN '
                        'xgboost.gbtree WITH num_round = :rounds LABEL ${label} INTO ${model}', values)
        model = self.db.query("DESCRIBE MODEL named_m").rows()
        self.assertIn(("model", "rounds", "3"), model)
        self.assertRaisesRegex(quern.Error, "rounds", self.db.query, "SELECT :rounds")


class Errors(unittest.TestCase):
    def setUp(self):
        self.db = quern.connect("duckdb::memory:")

    def test_carets(self):
        text = "SELECT 1;\nSELECT * FROM 'é', nowhere"
        with self.assertRaises(quern.Error) as caught:
            self.db.execute(text)
        error = caught.exception
        self.assertTrue(error.code.startswith("Q2"))
        begin, end = error.problems[0].span
        self.assertEqual(error.problems[0].source, "<script>")
        self.assertLess(begin, end)
        self.assertIn("^", str(error))
        self.assertEqual(error.result[0].table.rows(), [(1,)])
        self.assertTrue(error.result[1].failed)
        self.assertEqual(self.db.query("SELECT 2").scalar(), 2)

    def test_all_at_once_with_hints(self):
        with self.assertRaises(quern.Error) as caught:
            self.db.execute(f"SELECT * FROM '{IRIS}' TO TRAIN xgboost.gbtree WITH max_dept = 3, et = 1 LABEL species INTO m")
        self.assertEqual([p.code for p in caught.exception.problems], ["Q1011", "Q1011"])
        self.assertIn("max_depth", caught.exception.problems[0].hint)

    def test_keep_going_and_dry_run(self):
        with self.assertRaises(quern.Error) as caught:
            self.db.execute("SELECT 1; SELECT nothing; SELECT 3", keep_going=True)
        self.assertEqual([o.failed for o in caught.exception.result], [False, True, False])
        self.assertEqual(caught.exception.result.table.scalar(), 3)
        self.db.execute("CREATE TABLE never (a INTEGER)", dry_run=True)
        self.assertRaises(quern.Error, self.db.query, "SELECT * FROM never")

    def test_wrong_calls(self):
        self.assertRaises(quern.Error, quern.connect, "nonsense:x")
        self.assertRaises(TypeError, quern.connect, 5)
        self.assertRaises(TypeError, self.db.execute, 5)
        self.assertRaises(quern.Error, quern.Model.load, "/nowhere/at/all.quern")
        self.assertRaisesRegex(quern.Error, "nowhere", self.db.model, "nowhere")
        self.db.close()
        self.assertRaisesRegex(ValueError, "closed", self.db.query, "SELECT 1")
        self.db.close()

    def test_callbacks_that_raise_stop_the_run(self):
        def event(kind, _what):
            raise LookupError(kind)
        self.assertRaisesRegex(LookupError, "statement", self.db.execute, "SELECT 1", on_event=event)
        self.assertEqual(self.db.query("SELECT 1").scalar(), 1)

    def test_no_password_is_shown(self):
        with self.assertRaises(quern.Error) as caught:
            quern.connect("postgresql://ann:s3cret@localhost:1/db")
        self.assertNotIn("s3cret", str(caught.exception))
        self.assertNotIn("s3cret", quern.session.masked("postgresql://ann:s3cret@localhost:1/db"))

    def test_library_not_found(self):
        self.assertTrue(all(isinstance(p, pathlib.Path) for p in _library.candidates()))
        self.assertTrue(issubclass(quern.LibraryNotFound, ImportError))


class Shown(unittest.TestCase):
    def test_hostile_data_is_only_text(self):
        db = quern.connect("duckdb::memory:")
        hostile = "<script>alert(1)</script>&\"'\x1b[31m\x07\x00"[:-1] + "\u202e\u2028\r\n\t"
        table = db.query('SELECT $1 AS "<b>name</b>"', [hostile])
        self.assertEqual(table.scalar(), hostile)
        for text in (table._repr_html_(), repr(table)):
            for bad in ("\x1b", "\x07", "\u202e", "\u2028", "\r"):
                self.assertNotIn(bad, text)
        page = table._repr_html_()
        self.assertNotIn("<script", page)
        self.assertNotIn("<b>", page)
        self.assertIn("&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;&#39;\\x1b[31m\\x07\\u202e\\u2028\\r\\n\\t", page)
        self.assertEqual(len(repr(table).splitlines()), 4)

    def test_cut(self):
        db = quern.connect("duckdb::memory:")
        table = db.query("SELECT i, repeat('x', 5000) AS long FROM range(100000) r(i)")
        self.assertIn("20 of 100,000 rows shown", table._repr_html_())
        self.assertLess(len(table._repr_html_()), 12000)
        table.shown = 3
        self.assertEqual(table._repr_html_().count("<tr>"), 4)
        wide = db.query("SELECT " + ", ".join(f"{i} AS a_long_name_{i}" for i in range(100)))
        self.assertIn("columns not shown", repr(wide))
        self.assertTrue(all(html.width(line) <= 500 for line in repr(wide).splitlines()))

    def test_bytes_that_are_no_text(self):
        with tempfile.TemporaryDirectory() as folder:
            db = quern.connect(f"sqlite:{folder}/x.db")
            self.assertRaisesRegex(quern.Error, "not UTF-8", db.query, "SELECT CAST(X'41FF42' AS TEXT) AS t")
            self.assertRaisesRegex(quern.Error, "not UTF-8", db.query, "SELECT $1", ["\udcff"])
            self.assertRaises(quern.Error, db.query, b"SELECT 'A\xffB")
            db.close()
        self.assertEqual(html.visible(b"A\xffB".decode("utf-8", "surrogateescape")), "A\\xffB")


class Models(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.db = quern.connect("duckdb::memory:")
        cls.result = cls.db.execute(
            f"CREATE TABLE iris AS SELECT *, DATE '2024-01-01' + (petal_width * 10)::INTEGER AS day FROM '{IRIS}';"
            "SELECT * FROM iris TO TRAIN xgboost.gbtree WITH num_round = 4 LABEL species INTO kinds;"
            "SELECT * FROM iris TO TRAIN xgboost.gbtree WITH num_round = 4 LABEL petal_width INTO widths")

    def rows_and_answers(self, model, column):
        rows = self.db.query("SELECT * FROM iris").dicts()
        rows[0]["sepal_length"] = rows[1]["day"] = None
        self.db.register("asked", rows)
        return rows, self.db.query(f"SELECT * FROM asked TO PREDICT USING {model}").column(column)

    def test_message_and_curve(self):
        self.assertIn("trained kinds@1", self.result[1].message)
        self.assertEqual(self.result[1].chart, "")
        self.assertEqual(self.result[1].curves["train mlogloss"][-1][0], 4)

    def test_classes_as_predict_has_them(self):
        rows, expected = self.rows_and_answers("kinds", "predicted_species")
        model = self.db.model("kinds")
        self.assertEqual(model.classes, ["setosa", "versicolor", "virginica"])
        self.assertEqual([model.predict_row(row) for row in rows], expected)
        scored = model.predict(rows)
        self.assertEqual(scored.column("predicted"), expected)
        chances = model.probabilities(rows[7])
        self.assertAlmostEqual(sum(chances.values()), 1, places=6)
        self.assertEqual(scored.column("probability_setosa")[7], chances["setosa"])
        self.assertEqual(model.predict(self.db.query("SELECT * FROM asked")).rows(), scored.rows())
        self.assertEqual(model.predict({name: [row[name] for row in rows] for name in model.columns}).rows(), scored.rows())

    def test_numbers_as_predict_has_them(self):
        rows, expected = self.rows_and_answers("widths", "predicted_petal_width")
        model = self.db.model("widths@1")
        self.assertEqual([model.predict_row(row) for row in rows], expected)
        self.assertRaises(ValueError, model.probabilities, rows[0])
        with tempfile.TemporaryDirectory() as folder:
            self.db.execute(f"EXPORT MODEL widths TO '{folder}/w.quern'")
            loaded = quern.Model.load(f"{folder}/w.quern")
            self.assertEqual(loaded.predict(rows).column("predicted"), expected)

    def test_wrong_rows(self):
        model = self.db.model("kinds")
        self.assertRaisesRegex(KeyError, "petal_width", model.predict_row, {"petal_length": 1})
        self.assertRaises(quern.Error, model.predict_row, [1.0])
        self.assertRaises(quern.Error, model.predict, [{"petal_length": 1}])
        self.assertRaises(TypeError, model.predict, 5)
        empty = model.predict(self.db.query("SELECT * FROM iris WHERE false"))
        self.assertEqual((len(empty), empty.names[0]), (0, "predicted"))


class Registered(unittest.TestCase):
    ROWS = [{"a": 1, "b": "x'; \\ \"\n", "c": 1.5, "d": None, "e": dt.date(2024, 2, 29), "f": True, "g": Decimal("1.20")},
            {"a": None, "b": None, "c": None, "d": None, "e": None, "f": None, "g": None},
            {"a": -2**63, "b": "", "c": -0.1, "d": None, "e": dt.date(1, 1, 1), "f": False, "g": Decimal("-33")}]

    def test_values_come_back(self):
        db = quern.connect("duckdb::memory:")
        for times in (1, 2000):  # by INSERT, by a file
            db.register("sent", self.ROWS * times)
            self.assertEqual(db.query("SELECT * FROM sent").dicts(), self.ROWS * times)

    def test_lists_and_names(self):
        db = quern.connect("duckdb::memory:")
        db.register('odd "name"', {'a "b"': [[1, 2], None, []], "t": [dt.datetime(2024, 1, 1), None, None]})
        self.assertEqual(db.query('SELECT * FROM "odd ""name"""').rows(),
                         [([1, 2], dt.datetime(2024, 1, 1)), (None, None), ([], None)])

    def test_no_table_of_the_user_is_touched(self):
        db = quern.connect("duckdb::memory:")
        db.execute("CREATE TABLE mine AS SELECT 42 AS a")
        db.register("mine", {"a": [1]})
        db.register("mine", {"a": [2]})
        db.execute("DROP TABLE temp.mine")
        self.assertEqual(db.query("SELECT a FROM mine").scalar(), 42)

    def test_wrong_data(self):
        db = quern.connect("duckdb::memory:")
        for data, kind in (({}, ValueError), ({"a": [1], "b": [1, 2]}, ValueError), ({"a": [1, "x"]}, ValueError),
                           ({"a": 5}, TypeError), (7, TypeError), ({"a": [object()]}, TypeError)):
            self.assertRaises(kind, db.register, "t", data)


class Streams(unittest.TestCase):
    def test_batches(self):
        db = quern.connect("duckdb::memory:")
        with db.stream("SELECT i FROM range(100000) r(i) WHERE i >= ?", [10]) as stream:
            self.assertEqual(stream.names, ["i"])
            self.assertEqual([i for batch in stream for i in batch.column(0)], list(range(10, 100000)))
        with db.stream("SELECT i FROM range(100000000) r(i)") as stream:
            next(stream)
        self.assertEqual(db.query("SELECT 1").scalar(), 1)
        self.assertRaises(quern.Error, db.stream, "SELECT nothing")
        late = "SELECT CASE WHEN i < 90000 THEN 1 ELSE error('late') END FROM range(100000) r(i)"
        self.assertRaisesRegex(quern.Error, "late", lambda: list(db.stream(late)))

    def consume(self, capsule):
        """An Arrow stream read as its documents say, without the package's reader."""
        get = ctypes.pythonapi.PyCapsule_GetPointer
        get.restype, get.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
        stream = _library.ArrowArrayStream.from_address(get(capsule, b"arrow_array_stream"))
        schema, sums = _library.ArrowSchema(), []
        self.assertEqual(stream.get_schema(ctypes.byref(stream), ctypes.byref(schema)), 0)
        self.assertEqual((schema.format, schema.children[0].contents.format), (b"+s", b"l"))
        schema.release(ctypes.byref(schema))
        while True:
            array = _library.ArrowArray()
            self.assertEqual(stream.get_next(ctypes.byref(stream), ctypes.byref(array)), 0)
            if not array.release:
                break
            child = array.children[0].contents
            values = (ctypes.c_int64 * child.length).from_address(child.buffers[1])
            sums.append(sum(values))
            array.release(ctypes.byref(array))
            self.assertFalse(array.release)
        stream.release(ctypes.byref(stream))
        return sum(sums)

    def test_arrow_capsules(self):
        db = quern.connect("duckdb::memory:")
        table = db.query("SELECT i FROM range(50000) r(i)")
        expected = 50000 * 49999 // 2
        self.assertEqual(self.consume(table.__arrow_c_stream__()), expected)
        self.assertEqual(self.consume(table.__arrow_c_stream__()), expected)  # it was only lent
        self.assertEqual(sum(table.column(0)), expected)
        self.assertEqual(self.consume(db.stream("SELECT i FROM range(50000) r(i)").__arrow_c_stream__()), expected)
        unused = table.__arrow_c_stream__()
        del unused
        gc.collect()
        self.assertFalse(_arrow._lent)
        self.assertFalse(_arrow._capsules)


class Threads(unittest.TestCase):
    def test_two_sessions_on_one_file(self):
        with tempfile.TemporaryDirectory() as folder:
            one, two = (quern.connect(f"duckdb:{folder}/shared.duckdb") for _ in range(2))
            one.execute("CREATE TABLE t AS SELECT 1 AS a")
            self.assertEqual(two.query("SELECT a FROM t").scalar(), 1)
            two.execute("INSERT INTO t VALUES (2)")
            self.assertEqual(one.query("SELECT sum(a) FROM t").scalar(), 3)
            one.close()
            self.assertEqual(two.query("SELECT count(*) FROM t").scalar(), 2)
            two.close()

    def cancelled(self, db, pause, while_it_runs=lambda: None):
        """A query without an end is begun in another thread, then cancelled again and again until it ends."""
        begun = threading.Event()
        ends = []

        def long():
            try:
                db.execute("SELECT count(*) FROM range(1000000000) a(i), range(1000) b(j) WHERE hash(i + j) = 1",
                           on_event=lambda kind, _: kind == "statement" and begun.set())
            except quern.Error as why:
                ends.append(why.code)

        worker = threading.Thread(target=long)
        worker.start()
        self.assertTrue(begun.wait(60))
        while_it_runs()
        while worker.is_alive():  # a request that comes too early is forgotten
            db.cancel()
            worker.join(pause)
        self.assertEqual(ends, ["Q4001"])
        self.assertEqual(db.query("SELECT 1").scalar(), 1)

    def test_a_session_in_use_says_so(self):
        db = quern.connect("duckdb::memory:")
        self.cancelled(db, 0.05, lambda: self.assertRaisesRegex(RuntimeError, "another thread", db.query, "SELECT 1"))

    def test_a_request_that_comes_as_a_query_begins(self):
        """Whatever the moment is: the query ends, and the next one does not wait for what was begun."""
        db = quern.connect("duckdb::memory:")
        for _ in range(20):
            self.cancelled(db, 0.002)


class Editor(unittest.TestCase):
    def test_completion_and_inspection(self):
        db = quern.connect("duckdb::memory:")
        db.execute("CREATE TABLE customers (customer_id INTEGER, churned BOOLEAN)")
        begin, end, found = db.complete("SELECT 'ü' FROM cust")
        self.assertEqual((begin, end), (16, 20))
        self.assertIn("customers", [c.text for c in found])
        text = "SELECT * FROM customers TO TRAIN xgboost.gbtree WITH num_ro"
        kinds = {c.text.split(" ")[0].rstrip("="): c for c in db.complete(text)[2]}
        self.assertEqual(kinds["num_round"].kind, "attribute")
        self.assertTrue(kinds["num_round"].doc)
        title, words = db.inspect(text + "und = 3 LABEL churned INTO m", len(text))
        self.assertIn("num_round", title)
        self.assertTrue(words)
        self.assertEqual(db.inspect("  ", 1), ("", ""))
        self.assertTrue(db.needs_more_input("SELECT (1"))
        self.assertFalse(db.needs_more_input("SELECT 1;"))


if __name__ == "__main__":
    unittest.main(verbosity=1)
