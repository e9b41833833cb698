#!/usr/bin/env python3
"""Pages of TO EVALUATE and TO EXPLAIN: well-formed, whole by themselves, true, and safe to open whatever the data holds.

reports.py PROGRAM
"""

import csv
import html.parser
import io
import pathlib
import subprocess
import sys
import tempfile

VOID = {"meta", "link", "br", "img"}
HOSTILE = '<script>alert("x")</script>&\'\x1b[31m'

PREPARE = """
CREATE TABLE t AS SELECT i % 10 AS a, CASE WHEN i % 3 = 0 THEN NULL ELSE i % 7 END AS "<b>bold & 'wide'</b>",
  ['red', 'blue', :'hostile'][1 + i % 3] AS colour, i % 10 > 4 AS yes, ['x', :'hostile', 'z'][1 + i % 3] AS kind,
  i % 10 * 2.5 + i % 7 AS amount FROM range(400) r(i);
SELECT * EXCLUDE (kind, amount) FROM t TO TRAIN xgboost.gbtree WITH num_round = 5, max_depth = 3 LABEL yes INTO two;
SELECT * EXCLUDE (yes, amount) FROM t TO TRAIN xgboost.gbtree WITH num_round = 5, max_depth = 3 LABEL kind INTO three;
SELECT * EXCLUDE (yes, kind) FROM t TO TRAIN xgboost.gbtree WITH num_round = 5, max_depth = 3 LABEL amount INTO numbers;
"""


class Checker(html.parser.HTMLParser):
    """Tags that close in order, and what the page says."""

    def __init__(self):
        super().__init__()
        self.open = []
        self.tags = {}
        self.text = []
        self.cells = []
        self.drawings = 0

    def handle_starttag(self, tag, attributes):
        self.tags[tag] = self.tags.get(tag, 0) + 1
        for name, value in attributes:
            assert not name.startswith("on"), f"{tag} has {name}"
            assert name not in ("src", "href"), f"{tag} points to {value}"
            assert "nan" not in (value or "").split() and "inf" not in (value or "").split(), f"{tag} {name} {value}"
        if tag == "tr":
            self.cells.append([])
        if tag in ("td", "th"):
            self.cells[-1].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        self.open.pop()

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-3:]}"
        self.open.pop()

    def handle_data(self, data):
        self.text.append(data)
        if self.open and self.open[-1] in ("td", "th"):
            self.cells[-1][-1] += data


class Quern:
    def __init__(self, program, folder):
        self.program = program
        self.folder = folder

    def run(self, text, check=True):
        command = [self.program, "--db", "duckdb:t.duckdb", "--csv", "-v", f"hostile={HOSTILE}", "-e", text]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0 or not check, done.stderr
        return done

    def page(self, name):
        text = (self.folder / name).read_text(encoding="utf-8")
        checker = Checker()
        checker.feed(text)
        checker.close()
        assert not checker.open, checker.open
        assert "script" not in checker.tags and "b" not in checker.tags, checker.tags
        assert "\x1b" not in text and "://" not in text
        return checker


def check_metrics(quern, model, extra=""):
    """The numbers of the page are those of the answer."""
    answer = quern.run(f"SELECT * FROM t TO EVALUATE {model} WITH report = '{model}.html'{extra}").stdout
    row = next(csv.DictReader(io.StringIO(answer)))
    page = quern.page(f"{model}.html")
    cells = {row[0]: row[1] for row in page.cells if len(row) == 2}
    for name, value in row.items():
        if name == "rows":
            assert cells["rows"] == value, (cells, value)
        elif value != "":
            assert cells[name] == f"{float(value):.4g}", (name, value, cells[name])
    return page, cells


def main(program):
    with tempfile.TemporaryDirectory() as name:
        quern = Quern(program, pathlib.Path(name))
        quern.run(PREPARE)
        page, first = check_metrics(quern, "two", ", assert = 'auc > 0.5'")
        assert ["auc > 0.5", first["roc_auc"], "holds"] in page.cells, page.cells
        assert page.tags["svg"] == 5, page.tags  # four drawings and the metric of the training
        again, second = check_metrics(quern, "two")
        assert first["fingerprint"] == second["fingerprint"]
        quern.run("SELECT * FROM t ORDER BY a DESC, amount TO EVALUATE two WITH report = 'two.html'")
        cells = {row[0]: row[1] for row in quern.page("two.html").cells if len(row) == 2}
        assert cells["fingerprint"] == first["fingerprint"], "the order of rows changed the fingerprint"
        quern.run("SELECT * FROM t WHERE a <> 3 TO EVALUATE two WITH report = 'two.html'")
        cells = {row[0]: row[1] for row in quern.page("two.html").cells if len(row) == 2}
        assert cells["fingerprint"] != first["fingerprint"]
        page, _ = check_metrics(quern, "three")
        assert any("<script>" in text for text in page.text), "the class is not shown"
        check_metrics(quern, "numbers")

        # An explanation, with every feature that matters in order of the table's own numbers.
        for model in ("two", "three", "numbers"):
            answer = quern.run(f"SELECT * FROM t TO EXPLAIN {model} WITH report = 'why.html'").stdout
            rows = list(csv.DictReader(io.StringIO(answer)))
            page = quern.page("why.html")
            for row in rows[:2]:
                assert f"{float(row['mean_abs_shap']):.4g}" in page.text, (row, page.text)
        quern.run("SELECT * FROM t TO EXPLAIN two WITH report = 'why.html' INTO reasons")

        # Whose file it is.
        (quern.folder / "mine.html").write_text("mine")
        done = quern.run("SELECT * FROM t TO EVALUATE two WITH report = 'mine.html' INTO q", check=False)
        assert done.returncode == 1 and "Q5011" in done.stderr, done.stderr
        assert (quern.folder / "mine.html").read_text() == "mine"
        done = quern.run("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'q'")
        assert done.stdout.splitlines()[-1] == "0", "a table was written without its page"
        quern.run("SELECT * FROM t TO EVALUATE two WITH report = 'mine.html', output.mode = replace")
        quern.page("mine.html")
        done = quern.run("SELECT * FROM t TO EVALUATE two WITH report = 'nowhere/q.html'", check=False)
        assert done.returncode == 1 and "Q5008" in done.stderr, done.stderr
        done = quern.run("SELECT * FROM t TO EVALUATE two WITH report = 'no.html', assert = 'auc > 2'", check=False)
        assert done.returncode == 1 and "Q4012" in done.stderr, done.stderr
        assert any("does not hold" in row for row in quern.page("no.html").cells)
        assert not list(quern.folder.glob("*quern-*")), "a half-written page was left"
    print("ok")


if __name__ == "__main__":
    main(sys.argv[1])
