#!/usr/bin/env python3
"""The drawings: well-formed, of the right numbers, legible on light and on dark. Needs QUERN_LIBRARY."""

import math
import pathlib
import sys
import tempfile
import unittest
import xml.etree.ElementTree as xml

sys.modules["numpy"] = None

import quern  # noqa: E402
from quern import _svg, charts  # noqa: E402

IRIS = str(pathlib.Path(__file__).resolve().parents[2] / "examples" / "data" / "iris.csv")
HOSTILE = "</text><script>\x1b&\"'"


def luminance(colour):
    """Of a colour, by the definition of WCAG 2."""
    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * p for weight, p in zip((0.2126, 0.7152, 0.0722), linear))


def contrast(a, b):
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def parsed(chart):
    return xml.fromstring(chart.svg)


class Charts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.db = quern.connect("duckdb::memory:")
        cls.trained = cls.db.execute(f"CREATE TABLE iris AS SELECT * FROM '{IRIS}'; SELECT * FROM iris TO TRAIN "
                                     "xgboost.gbtree WITH num_round = 6 LABEL species INTO m")[1]

    def ask(self, sql):
        return self.db.execute(sql)[0]

    def test_colours_stand_out_from_both_grounds(self):
        for colour in _svg.COLOURS:
            for ground in ("#ffffff", "#111418"):
                self.assertGreaterEqual(contrast(colour, ground), 3, (colour, ground))

    def test_each_report_has_its_chart(self):
        for report, words in (("roc", "ROC curve"), ("pr", "precision by recall"), ("calibration", "calibration"),
                              ("confusion", "confusion of 3 classes")):
            outcome = self.ask(f"SELECT * FROM iris TO EVALUATE m WITH evaluate.report = {report}")
            chart = charts.of_outcome(outcome)
            self.assertEqual(chart.words, words)
            parsed(chart)
        self.assertIsNone(charts.of_outcome(self.ask("SELECT * FROM iris TO EVALUATE m")))
        self.assertIsNone(charts.of_outcome(self.ask("SELECT 'roc' AS false_positive_rate, 1 AS true_positive_rate")))

    def test_confusion_counts(self):
        outcome = self.ask("SELECT * FROM iris TO EVALUATE m WITH evaluate.report = confusion")
        words = [t.text for t in parsed(charts.confusion(outcome.table)).iter("text")]
        for count in outcome.table.column("rows"):
            self.assertIn(str(count), words)

    def test_importance(self):
        outcome = self.ask("SELECT * FROM iris TO EXPLAIN m")
        sums = {}
        for _, feature, value in outcome.table:
            sums[feature] = sums.get(feature, 0) + value
        root = parsed(charts.of_outcome(outcome))
        widths = [float(r.get("width")) for r in root.iter("rect")]
        expected = sorted(sums.values(), reverse=True)
        for width, value in zip(widths, expected):
            self.assertAlmostEqual(width / widths[0], value / expected[0], places=2)
        names = [t.text for t in root.iter("text")][0:8:2]
        self.assertEqual(names, sorted(sums, key=lambda f: -sums[f]))

    def test_loss(self):
        root = parsed(charts.of_outcome(self.trained))
        self.assertEqual(len(root.findall("path")), 1)
        self.assertEqual(root.find("path").get("d").count("L"), 5)

    def test_shap(self):
        outcome = self.ask("SELECT * FROM iris TO EXPLAIN m WITH explain.scope = local")
        rows = self.db.query("SELECT * FROM iris")
        root = parsed(charts.shap_summary(outcome.table, rows, class_name="setosa"))
        dots = list(root.iter("circle"))
        self.assertEqual(len(dots), 4 * 150)
        self.assertGreater(len({dot.get("fill") for dot in dots}), 10)
        self.assertEqual(len(list(parsed(charts.of_outcome(outcome)).iter("circle"))), 600)
        self.assertRaises(ValueError, charts.shap_summary, outcome.table, rows, class_name="rose")

    def test_hostile_names_are_only_text(self):
        chart = charts.Chart(_svg.bar_chart(HOSTILE, [(HOSTILE, 1.0), ("b", -2.0), ("c", math.nan), ("d", None)]), "x")
        self.assertEqual({e.tag for e in parsed(chart).iter()}, {"svg", "text", "rect"})
        for svg in (_svg.heat_map([HOSTILE, "b"], [[1, 0], [0, 0]]), _svg.beeswarm(HOSTILE, [(HOSTILE, [(0.5, None)])]),
                    _svg.line_chart(_svg.Axis(HOSTILE, 0, 1), _svg.Axis("y", 0, 1),
                                    [(HOSTILE, [(0, 0), (None, 1), (math.inf, 1), (1, 1)]), ("b", [])])):
            root = xml.fromstring(svg)
            self.assertFalse([e for e in root.iter() if "script" in e.tag])

    def test_files(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "chart.svg"
            charts.loss(self.trained.curves).save(path)
            root = xml.parse(path).getroot()
            self.assertTrue(root.tag.endswith("}svg"))
            self.assertIn("prefers-color-scheme: dark", path.read_text(encoding="utf-8"))

    def test_ticks_are_round(self):
        for low, high in ((0, 1), (-0.02, 1.02), (0, 12345), (1e-9, 3e-9), (-5, 5), (0.3, 0.31)):
            at = _svg.ticks(low, high)
            self.assertTrue(4 <= len(at) <= 11, (low, high, at))
            self.assertTrue(all(low <= t <= high * (1 + 1e-9) for t in at))
        self.assertEqual(_svg.ticks(3, 3), [3])

    def test_wrong_tables(self):
        table = self.db.query("SELECT 1 AS a")
        for draw in (charts.roc, charts.importance, charts.confusion, charts.calibration, charts.precision_recall):
            self.assertRaises(ValueError, draw, table)
        self.assertRaises(ValueError, charts.loss, {})


if __name__ == "__main__":
    unittest.main(verbosity=1)
