#!/usr/bin/env python3
"""What rows and errors look like: cut to the width, escaped, NULL apart, carets in colour; terminals without."""

from person import ENTER, ctrl, main


def cut_to_the_width(check):
    me = check.at_prompt(columns=50)
    lines = me.run("SELECT 1 AS id, repeat('a', 90) AS long, 12345678901234 AS number;")
    check.true("no line is longer", max(map(len, lines)) <= 50, lines)
    check.true("text is cut, with a mark", "a…" in lines[2] and "12345678901234" in lines[2], lines)
    names = ", ".join(f"{i} AS column_{i}" for i in range(12))
    lines = me.run(f"SELECT {names};")
    check.true("no line is longer", max(map(len, lines[:3])) <= 50, lines)
    note = " ".join(lines[3:])
    check.true("it says what is left out", "not shown: column_3, column_4" in note and "\\x shows all" in note, note)
    check.true("the last column is there", lines[0].rstrip().endswith("column_11"), lines[0])
    lines = me.run("\\g rows.txt")
    text = (check.folder / "rows.txt").read_text()
    check.true("a file gets all", "column_7" in text and "…" not in text, text)
    check.equal("left", me.leave(), 0)


def nothing_steers_the_terminal(check):
    me = check.at_prompt(columns=120)
    lines = me.run("SELECT chr(27) || '[2J' || chr(7) || 'x' || chr(127) || chr(155) || chr(8238) || 'y' AS odd, "
                   "'a' || chr(10) || 'b' AS two, '\\n' AS \"na\tme\";")
    check.true("shown, not obeyed", "\\x1b[2J\\x07x\\x7f\\u009b\\u202ey | a\\nb" in "\n".join(lines), lines)
    lines = me.run("SELECT CAST(chr(27) || ']0;gone' || chr(7) AS INTEGER);")
    check.true("in errors, too", any("\\x1b]0;gone\\x07" in line for line in lines), lines)
    check.equal("left", me.leave(), 0)


def wide_and_combining(check):
    me = check.at_prompt()
    me.run("CREATE TABLE t AS SELECT * FROM (VALUES ('日本語', 1), ('e' || chr(769), 22), ('👍', 3)) v(word, n);")
    lines = me.run("TABLE t;")
    check.equal("columns", lines, [" word   | n", "--------+----", " 日本語 |  1", " e\u0301      | 22", " 👍     |  3",
                                   "(3 rows)"])
    check.equal("left", me.leave(), 0)


def null_is_apart(check):
    me = check.at_prompt()
    me.run("SELECT NULL::VARCHAR AS nothing, 'NULL' AS word;")
    row = next(r for r in range(me.screen.rows) if "NULL    | NULL" in "".join(me.screen.lines[r]))
    text = "".join(me.screen.lines[row])
    first, second = text.index("NULL"), text.rindex("NULL")
    check.equal("styles", (me.screen.styles[row][first], me.screen.styles[row][second]), ("2", ""))
    check.equal("left", me.leave(), 0)


def errors_have_colours(check):
    me = check.at_prompt()
    me.run("SELECT 1 AS a TO TRAIN xgboost.gbtree WITH max_dept = 3 LABEL a INTO m;")
    check.equal("code", me.screen.style_of("error[Q"), "1;31")
    check.equal("carets", me.screen.style_of("^^^^"), "1;31")
    check.equal("help", me.screen.style_of("help:"), "36")
    check.equal("left", me.leave(), 0)
    plain = check.at_prompt(NO_COLOR="1")
    plain.run("SELECT 1 AS a TO TRAIN xgboost.gbtree WITH max_dept = 3 LABEL a INTO m;")
    check.equal("no colours", plain.screen.style_of("error[Q"), "")
    check.equal("left", plain.leave(), 0)


def a_dumb_terminal(check):
    """No sequences at all, and the lines of the terminal itself."""
    me = check.person(TERM="dumb")
    seen = []
    feed = me.screen.feed
    me.screen.feed = lambda text: (seen.append(text), feed(text))
    me.until("quern> ", lambda: me.line() == "quern>")
    me.type("SELECT 1 AS a,\n")
    me.until("   ..>")
    me.type("2 AS b;\n")
    me.until("(1 row)")
    me.type("\\timing\n")
    me.until("timing is on")
    me.type("SELECT 'half" + ctrl("c"))
    me.until("^C")
    me.type("SELECT 3 AS c;\n")
    me.until(" c")
    check.true("no sequences", "\x1b" not in "".join(seen), seen)
    me.type("quit\n")
    check.equal("left", me.end(), 0)


FLOWERS = ("CREATE TABLE t AS SELECT i AS x, (i * 7) % 11 AS z, (i % 2)::INTEGER AS y FROM range(600) r(i); SELECT z, x % 2 AS w, "
           "y FROM t TO TRAIN xgboost.gbtree WITH num_round = 8, objective = 'binary:logistic' LABEL y INTO m;")
SCORED = "SELECT z, x % 2 AS w, y FROM t TO "


def reports_are_drawn(check):
    """w is y itself: the model is always right."""
    me = check.at_prompt(columns=90, rows=60)
    training = "\n".join(me.run(FLOWERS))
    check.true("loss by round", "by round  ━ train logloss  ━ validation logloss" in training and "8" in training, training)
    rows = me.run(SCORED + "EVALUATE m WITH evaluate.report = confusion;")
    check.equal("confusion", [" ".join(line.split()) for line in rows[-3:]],
                ["actual 0 1 (predicted)", "0 ██ 300 0", "1 0 ██ 300"])
    roc = me.run(SCORED + "EVALUATE m WITH evaluate.report = roc;")
    at = next(i for i, line in enumerate(roc) if "true positive rate" in line and "|" not in line)
    check.true("up the left side, then along the top", roc[at + 1].split("│")[1][:2] == "⡏⠉" and
               all(line.split("│")[1][0] == "⡇" for line in roc[at + 2:at + 11]), "\n".join(roc))
    local = me.run(SCORED + "EXPLAIN m WITH explain.scope = local;")
    check.true("spread of attributions", local[-2].startswith("w  ") and local[-1].startswith("z  "), local)
    me.run("\\set charts off")
    check.equal("off", me.run(SCORED + "EVALUATE m WITH evaluate.report = confusion;")[-1], "(4 rows)")
    check.equal("left", me.leave(), 0)


def no_charts_in_batches(check):
    me = check.person("--db", "duckdb::memory:", "-e", FLOWERS + SCORED + "EVALUATE m WITH evaluate.report = confusion;")
    check.equal("status", me.end(), 0)
    me.until("(4 rows)")
    check.true("none", "█" not in me.screen.text(), me.screen.text())


def many_rows_at_once(check):
    me = check.at_prompt(rows=10)
    lines = me.run("SELECT range AS i FROM range(30);")
    check.equal("all of them", [int(line) for line in lines[2:-1]], list(range(30)))
    check.equal("left", me.leave(), 0)


if __name__ == "__main__":
    main(cut_to_the_width, nothing_steers_the_terminal, wide_and_combining, null_is_apart, errors_have_colours,
         a_dumb_terminal, reports_are_drawn, no_charts_in_batches, many_rows_at_once)
