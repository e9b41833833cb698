#!/usr/bin/env python3
"""%quern and %%quern in an IPython of our own: connections, Python's variables both ways, what is shown, errors.
Needs QUERN_LIBRARY and IPython."""

import os
import pathlib
import sys
import tempfile
import unittest

os.environ["IPYTHONDIR"] = tempfile.mkdtemp()
try:
    from IPython.core.completer import provisionalcompleter
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output
except ImportError:
    print("SKIPPED: IPython is not installed")
    sys.exit(0)

import quern

IRIS = str(pathlib.Path(__file__).resolve().parents[2] / "examples" / "data" / "iris.csv")


class Magics(unittest.TestCase):
    def setUp(self):
        InteractiveShell.clear_instance()
        self.shell = InteractiveShell.instance()
        self.shell.history_manager.enabled = False
        self.run_cell("%load_ext quern")
        self.run_cell("%quern duckdb::memory:")

    def run_cell(self, text):
        """(what came of it, the bundles that were shown)"""
        with capture_output() as heard:
            result = self.shell.run_cell(text)
        self.words = heard.stdout + heard.stderr
        return result, [output.data for output in heard.outputs]

    def good(self, text):
        result, shown = self.run_cell(text)
        self.assertIsNone(result.error_in_exec, self.words)
        self.assertIsNone(result.error_before_exec)
        return result.result, shown

    def test_rows_into_python(self):
        self.good("rows = %quern SELECT 41 + 1 AS answer")
        self.assertEqual(list(self.shell.user_ns["rows"]["answer"]), [42])
        self.good("%quern --set format=table")
        self.good("rows = %quern SELECT 1 AS a")
        self.assertIsInstance(self.shell.user_ns["rows"], quern.Table)
        _, shown = self.good("%%quern --format table kept <<\nSELECT 1 AS a;\nSELECT 2 AS b")
        self.assertEqual(self.shell.user_ns["kept"].rows(), [(2,)])
        self.assertEqual(shown, [])

    def test_python_into_sql(self):
        self.shell.user_ns.update(name="O'Brien -- ;", count=3, missing=None, table="odd \"name\"", frame=object())
        self.good("%quern --set format=table")
        self.assertEqual(self.good("%quern SELECT :name AS n, :count + 1 AS c, :missing AS m, [7,8,9][1:2] AS l")[0]
                         .rows(), [("O'Brien -- ;", 4, None, [7, 8])])
        self.good('%%quern\nCREATE TABLE :"table" AS SELECT :count AS x')
        self.assertEqual(self.good('%quern SELECT x FROM :"table"')[0].rows(), [(3,)])
        result, _ = self.run_cell("%quern SELECT :nobody")
        self.assertIsInstance(result.error_in_exec, quern.Error)

    def test_cells_show_each_statement(self):
        _, shown = self.good(f"%%quern\nSELECT '<i>' AS a;\n\\echo half way\nSELECT * FROM '{IRIS}' TO TRAIN xgboost.gbtree "
                             f"WITH num_round = 4 LABEL species INTO m;\nSELECT * FROM '{IRIS}' TO EXPLAIN m")
        texts = [data["text/plain"] for data in shown]
        self.assertIn("<i>", texts[0])
        self.assertIn("&lt;i&gt;", shown[0]["text/html"])
        self.assertIn("half way", texts[1])
        self.assertTrue(texts[2].startswith("trained m@1"))
        self.assertIn("<svg", shown[3]["text/html"])  # the loss
        self.assertIn("mean_abs_shap", texts[4])
        self.assertIn("<svg", shown[5]["text/html"])
        self.good("%quern --set charts=off")
        _, shown = self.good(f"%%quern\nSELECT * FROM '{IRIS}' TO EXPLAIN m")
        self.assertEqual(len(shown), 1)

    def test_a_report_is_linked(self):
        with tempfile.TemporaryDirectory() as folder:
            page = f"{folder}/it''s <b>.html"
            _, shown = self.good(f"%%quern\nSELECT * FROM '{IRIS}' TO TRAIN xgboost.gbtree WITH num_round = 2 LABEL species INTO m;"
                                 f"SELECT * FROM '{IRIS}' TO EVALUATE m WITH report = '{page}'")
            self.assertIn("%27s%20%3Cb%3E.html", shown[-1]["text/html"])
            self.assertNotIn("<b>", shown[-1]["text/html"])

    def completed(self, text):
        """What Tab offers at `|`, and what it takes the place of."""
        cursor = text.index("|")
        text = text.replace("|", "")
        with provisionalcompleter():
            return [(text[found.start:found.end], found.text) for found in self.shell.Completer.completions(text, cursor)]

    def test_tab_completes_sql(self):
        self.good("%quern CREATE TABLE penguins(bill DOUBLE, island VARCHAR)")
        self.assertIn(("isl", "island"), self.completed("%%quern\nSELECT bill, isl| FROM penguins"))
        self.assertIn(("max_dep", "max_depth"), self.completed(
            "%%quern --rows 3\nSELECT 'é';\nSELECT * FROM penguins TO TRAIN xgboost.gbtree WITH max_dep|"))
        self.assertIn(("peng", "penguins"), self.completed("x = 1\nrows = %quern SELECT * FROM peng|\n"))
        self.assertIn(("peng", "penguins"), self.completed("%quern SELECT * FROM peng|"))
        self.shell.user_ns["penguin_count"] = 3
        self.assertIn(("penguin_c", "penguin_count"), self.completed("penguin_c|"))
        self.run_cell("%reload_ext quern")
        self.assertEqual(self.completed("%%quern\nSELECT * FROM peng|"), [])  # no connection any more, and none is opened
        self.assertEqual(self.completed("%%quern --connection nobody\nSEL|"), [])
        self.assertIn(("penguin_c", "penguin_count"), self.completed("penguin_c|"))

    def test_a_wide_table_scrolls_alone(self):
        _, shown = self.good("%%quern\nSELECT " + ", ".join(f"{i} AS column_{i}" for i in range(100)))
        page = shown[0]["text/html"]
        self.assertRegex(page, r'<div class="scroll"><table>(.|\n)*</table></div><div class="note">1 row')
        self.assertIn(".quern .scroll { overflow-x: auto;", page)

    def test_errors_end_the_cell_with_a_caret(self):
        result, shown = self.run_cell("%%quern\nSELECT 1 AS fine;\nSELECT nothing_there")
        self.assertIsInstance(result.error_in_exec, quern.Error)
        self.assertEqual(len(shown), 1)
        self.assertIn("^^^", self.words)
        self.assertNotIn("Traceback", self.words)
        self.assertNotIn("session.py", self.words)
        for wrong in ("--nonsense", "--set rows", "--set rows=many", "--set colour=red", "--connection nobody SELECT 1",
                      "--close nobody", "--register nobody"):
            result, _ = self.run_cell(f"%quern {wrong}")
            self.assertEqual(type(result.error_in_exec).__name__, "UsageError", wrong)

    def test_connections(self):
        with tempfile.TemporaryDirectory() as folder:
            self.good(f"%quern --connection files sqlite:{folder}/x.db")
            self.good("%%quern\nCREATE TABLE t AS SELECT 5 AS a")
            self.good("%quern --connection main")
            self.good("%quern --set format=table")
            self.assertEqual(self.good("%quern --connection files SELECT a FROM t")[0].rows(), [(5,)])
            _, shown = self.good("%quern --connections")
            self.assertIn("* main: duckdb::memory:", shown[0]["text/plain"])
            self.good("%quern --close files")
            result, _ = self.run_cell("%quern --connection files SELECT 1")
            self.assertIsNotNone(result.error_in_exec)

    def test_tables_of_python(self):
        self.shell.user_ns["points"] = {"x": [1, 2, 3], "t": ["a", "b", None]}
        self.good("%quern --register points")
        self.good("%quern --set format=table")
        self.assertEqual(self.good("%quern SELECT sum(x), count(t) FROM points")[0].rows(), [(6, 2)])

    def test_cut_rows(self):
        _, shown = self.good("%%quern --rows 5\nSELECT i FROM range(1000) r(i)")
        self.assertIn("5 of 1,000 rows shown", shown[0]["text/plain"])
        self.good("%quern --set rows=7")
        _, shown = self.good("%%quern\nSELECT i FROM range(1000) r(i)")
        self.assertIn("7 of 1,000 rows shown", shown[0]["text/plain"])

    def test_help(self):
        _, shown = self.good("%quern --help")
        self.assertIn("--register", shown[0]["text/plain"])
        self.good("%quern")


if __name__ == "__main__":
    unittest.main(verbosity=1)
