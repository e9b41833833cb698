#!/usr/bin/env python3
"""Editing: lines, words, statements of many lines, brackets, pastes, history, search, completion."""

import os
import stat

from person import BACKSPACE, DOWN, END, ENTER, ESCAPE, HOME, LEFT, TAB, UP, ctrl, main, paste


def keys_edit_a_line(check):
    me = check.at_prompt()
    me.type("SELEC 41 AS answer" + HOME + "\x1bf" + "T" + END + ";" + LEFT + LEFT + LEFT)
    me.type(ctrl("a") + "\x1bf\x1bf" + BACKSPACE + "2" + END)
    me.until("quern> SELECT 42 AS answer;")
    me.type(ENTER)
    me.until("(1 row)").until_prompt()
    check.true("the answer", " 42" in me.screen.text().replace("|", " ").replace("    ", " "), me.screen.text())
    me.type("one two three" + ctrl("w") + ctrl("a") + ctrl("y"))
    me.until("threeone two")
    me.type(ctrl("_") + ctrl("e") + "X" + ctrl("u"))
    me.until_prompt()
    check.equal("Ctrl-D leaves", me.leave(), 0)


def a_statement_of_many_lines(check):
    me = check.at_prompt()
    me.type("SELECT 1 AS a," + ENTER + "2 AS b")
    me.until("   ..> 2 AS b")
    me.type(UP + END + " 7 AS c,")  # into the line above
    me.until("SELECT 1 AS a, 7 AS c,")
    me.type(DOWN + END + ";" + ENTER)
    me.until(" a | c | b").until_prompt()
    check.true("one row", " 1 | 7 | 2" in me.screen.text(), me.screen.text())
    check.equal("left", me.leave(), 0)


def history_is_kept(check):
    me = check.at_prompt()
    me.run("SELECT 'first' AS word;")
    me.type("SELECT" + ENTER + "'second' AS word;" + ENTER)
    me.until("second\n(1 row)").until_prompt()
    me.type(UP)
    me.until("quern> SELECT\n   ..> 'second' AS word;")
    me.type(UP)  # within the entry, to its first line
    me.type(UP)
    me.until("quern> SELECT 'first' AS word;")
    me.type(ctrl("c"))
    me.until_prompt()
    me.run("ATTACH 'postgresql://me:hush@nowhere.invalid/x' AS secret;")
    check.equal("left", me.leave(), 0)
    file = check.folder / "quern" / "history"
    check.equal("mode", stat.S_IMODE(os.stat(file).st_mode), 0o600)
    text = file.read_text()
    check.equal("the file", text, "SELECT 'first' AS word;\nSELECT\\n'second' AS word;\n")
    again = check.at_prompt()
    again.type(UP)
    again.until("quern> SELECT\n   ..> 'second' AS word;")
    again.type(ctrl("c"))
    again.until_prompt()
    again.type(ctrl("r") + "fir")
    again.until("search: fir")
    check.true("found", "quern> SELECT 'first' AS word;" in again.screen.text(), again.screen.text())
    again.type(ENTER)
    again.until("(1 row)").until_prompt()
    again.type(ctrl("r") + "nothing like it")
    again.until("nothing found")
    again.type(ctrl("g"))
    again.until_prompt()
    check.true("the last entry was run again", text.count("first") + 1 == file.read_text().count("first"))
    check.equal("left", again.leave(), 0)


def two_sessions_share_the_history(check):
    one, two = check.at_prompt(), check.at_prompt()
    one.run("SELECT 1;")
    two.run("SELECT 2;")
    one.run("SELECT 3;")
    check.equal("left", (one.leave(), two.leave()), (0, 0))
    check.equal("the file", (check.folder / "quern" / "history").read_text(), "SELECT 1;\nSELECT 2;\nSELECT 3;\n")


def tab_completes(check):
    me = check.at_prompt(columns=120)
    me.run("CREATE TABLE penguins(bill_length DOUBLE, bill_depth DOUBLE, island VARCHAR);")
    me.type("SELECT * FROM peng" + TAB)
    me.until("quern> SELECT * FROM penguins")
    me.type(" to tr" + TAB)
    me.until("FROM penguins to train")
    me.type("xgboost.gbt" + TAB + " WITH max_dep" + TAB)
    me.until("WITH max_depth")
    me.type(" = 3 label bi" + TAB)
    me.until("label bill_")
    me.until("column  DOUBLE")
    me.type(TAB)
    me.until("label bill_length")
    me.type(TAB)
    me.until("label bill_depth")
    me.type(ESCAPE)
    me.until("label bill_", lambda: me.line().endswith("label bill_"))
    check.true("the menu is gone", "column  DOUBLE" not in me.screen.text(), me.screen.text())
    me.type(ctrl("c"))
    me.until_prompt()
    me.type("SELECT * FROM penguins TO TRAIN xgboost.gbtree WITH max_depth\x1bh")
    me.until("attribute max_depth")
    me.until("default: 6")
    me.type(ctrl("c"))
    me.until_prompt()
    me.type("\\ti" + TAB)
    me.until("quern> \\timing")
    me.type(ctrl("c"))
    me.until_prompt()
    check.equal("left", me.leave(), 0)


def brackets_are_minded(check):
    me = check.at_prompt()
    me.type("SELECT (1 + 2")
    me.type(")")
    me.until("(1 + 2)")
    me.until("the pair is marked", lambda: me.screen.style_of("(1 + 2)") == "1;4")
    me.type(ctrl("c"))
    me.until_prompt()
    me.type("SELECT count(;" + ENTER)
    me.until("( of line 1 is not closed; Ctrl-C forgets the statement")
    me.type(ctrl("c"))
    me.until_prompt()
    me.type("SELECT 'open;" + ENTER)
    me.until("' of line 1 is not closed")
    me.type(ctrl("c"))
    me.until_prompt()
    check.equal("the session goes on", me.run("SELECT 5 AS five;")[-1], "(1 row)")
    check.equal("left", me.leave(), 0)


def what_is_typed_has_colours(check):
    me = check.at_prompt()
    me.type("SELECT 'x', 12 FROM t TO TRAIN k -- why")
    me.until("-- why")
    styles = [me.screen.style_of(word) for word in ("SELECT", "'x'", "12", "TRAIN", "-- why")]
    check.equal("colours", styles, ["34", "32", "36", "1;35", "2"])
    me.type(ctrl("c"))
    me.until_prompt()
    check.equal("left", me.leave(), 0)
    plain = check.at_prompt(NO_COLOR="1")
    plain.type("SELECT 'x'")
    plain.until("'x'")
    check.equal("no colours", plain.screen.style_of("SELECT"), "")
    plain.type(ctrl("c"))
    plain.until_prompt()
    check.equal("left", plain.leave(), 0)


def a_paste_of_ten_thousand_lines(check):
    me = check.at_prompt(rows=30)
    lines = ["SELECT sum(v) AS total FROM (VALUES"] + [f"({i})," for i in range(9998)] + ["(0)) t(v);"]
    me.type(paste("\n".join(lines) + "\n"))
    me.until("   ..> (0)) t(v);")
    check.true("the screen shows its end", "(9997)," in me.screen.text(), me.screen.text())
    me.type(ENTER)
    me.until("(1 row)").until_prompt()
    check.true("the sum", str(sum(range(9998))) in me.screen.text(), me.screen.text())
    many = "\n".join(f"INSERT INTO t VALUES ({i});" for i in range(2000))
    me.run("CREATE TABLE t(i INTEGER);")
    me.type(paste(many))
    me.until("VALUES (1999);")
    me.type(ENTER)
    me.until_prompt()
    check.true("all of them", " 2000" in "\n".join(me.run("SELECT count(*) AS n FROM t;")))
    check.equal("left", me.leave(), 0)


def a_paste_of_an_old_terminal(check):
    """Line by line, each with an Enter; nothing says that it is a paste."""
    me = check.at_prompt()
    lines = ["SELECT sum(v) AS total FROM (VALUES"] + [f"({i})," for i in range(9998)] + ["(0)) t(v);"]
    me.type("\r".join(lines) + "\r")
    me.until("(1 row)").until_prompt()
    check.true("the sum", str(sum(range(9998))) in me.screen.text(), me.screen.text())
    check.equal("left", me.leave(), 0)


def odd_bytes(check):
    me = check.at_prompt()
    me.type(b"SELECT '\xff\xfe' AS odd;\r")
    me.until("(1 row)").until_prompt()
    check.true("shown as what they are not", "\ufffd\ufffd" in me.screen.text(), me.screen.text())
    me.type(b"\x1b[200~SELECT '\x07\x1b]0;x\x07\xc2\x9b' AS p;\x1b[201~\r")
    me.until(" ]0;x").until_prompt()
    me.type("SELECT '日本' AS wide, 'e\u0301' AS marks;" + LEFT * 3 + ctrl("a") + ctrl("e") + ENTER)
    me.until(" wide | marks").until("日本 | e").until_prompt()
    check.true("columns stay straight", " wide | marks\n------+-------\n 日本 | e\u0301" in me.screen.text(), me.screen.text())
    check.equal("left", me.leave(), 0)


def a_long_line_wraps(check):
    me = check.at_prompt(columns=40)
    me.type("SELECT '" + "x" * 60 + "' AS x" + HOME + "\x1b[C" * 7 + "Y")
    me.until("quern> SELECT Y'")
    me.type(ctrl("c"))
    me.until_prompt()
    exact = "SELECT " + "1" * 26  # up to the last column
    me.type(exact)
    me.until(exact)
    me.type(" ")
    me.type(";" + ctrl("a") + ctrl("e"))
    me.until(";", lambda: me.line() == " ;")
    me.type(ctrl("c"))
    me.until_prompt()
    check.equal("left", me.leave(), 0)


if __name__ == "__main__":
    main(keys_edit_a_line, a_statement_of_many_lines, history_is_kept, two_sessions_share_the_history, tab_completes,
         brackets_are_minded, what_is_typed_has_colours, a_paste_of_ten_thousand_lines, a_paste_of_an_old_terminal,
         odd_bytes, a_long_line_wraps)
