#!/usr/bin/env python3
"""While statements run: Ctrl-C in each phase, a terminal that is resized or closed, rows without end, the pager."""

import signal

from person import ENTER, UP, ctrl, main

ENDLESS = "SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b;"


def busy(pid):
    """Seconds of processor time that a process has used."""
    fields = open(f"/proc/{pid}/stat", encoding="utf-8").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def memory(pid):
    """MB that a process holds."""
    for line in open(f"/proc/{pid}/status", encoding="utf-8"):
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0


def under_way(me, text):
    me.type(text + ENTER)
    before = busy(me.process.pid)
    me.until("work", lambda: busy(me.process.pid) > before + 0.4)


def ctrl_c_stops_a_query(check):
    me = check.at_prompt()
    under_way(me, ENDLESS)
    me.type(ctrl("c"))
    me.until("error[Q4001]: the statement was cancelled").until_prompt()
    check.equal("the session goes on", me.run("SELECT 5 AS five;")[-1], "(1 row)")
    check.equal("left", me.leave(), 0)


def ctrl_c_stops_a_training(check):
    me = check.at_prompt()
    me.type("SELECT i AS x, (i % 2)::INTEGER AS y FROM range(4000) r(i) TO TRAIN xgboost.gbtree "
            "WITH num_round = 1000000 LABEL y INTO m;" + ENTER)
    me.until("] round ")
    check.true("a bar", "[░" in me.screen.text() or "[█" in me.screen.text(), me.screen.text())
    me.type(ctrl("c"))
    me.until("error[Q4001]").until_prompt()
    check.true("the bar is gone", "] round" not in me.screen.text(), me.screen.text())
    check.equal("no model", me.run("\\dm")[-1], "(0 rows)")
    under_way(me, "SELECT a.range AS x, b.range % 2 AS y FROM range(1000000) a, range(1000000) b "
                  "TO TRAIN xgboost.gbtree LABEL y INTO m;")
    me.type(ctrl("c"))
    me.until_prompt()
    check.equal("still no model", me.run("\\dm")[-1], "(0 rows)")
    check.equal("left", me.leave(), 0)


def ctrl_c_clears_the_line(check):
    me = check.at_prompt()
    me.type("SELECT 1")
    me.until("SELECT 1")
    for _ in range(2):
        before = me.screen.row
        me.type(ctrl("c"))
        me.until("a new line", lambda: me.screen.row > before).until_prompt()
    check.true("what was typed stays to be seen", "quern> SELECT 1" in me.screen.text(), me.screen.text())
    check.equal("still there", me.run("SELECT 7 AS seven;")[-1], "(1 row)")
    check.equal("left", me.leave(), 0)


def typed_ahead(check):
    me = check.at_prompt()
    me.type("SELECT count(*) AS n FROM range(30000000);" + ENTER + "SELECT 8 AS ahead;" + ENTER)
    me.until(" ahead").until("    8").until_prompt()
    check.equal("left", me.leave(), 0)


def the_terminal_is_resized(check):
    me = check.at_prompt()
    me.type("SELECT 'a long enough line to be wrapped by a narrow terminal' AS words")
    me.until("AS words")
    me.resize(30, 20)
    me.until("wrapped", lambda: me.line().endswith("AS words") and me.screen.columns == 30)
    me.resize(100, 30)
    me.until("on one line", lambda: me.line().startswith("quern> SELECT") and me.line().endswith("AS words"))
    me.type(ctrl("c"))
    me.until_prompt()
    under_way(me, ENDLESS)
    me.resize(40, 12)
    me.type(ctrl("c"))
    me.until("Q4001").until_prompt()
    lines = me.run("SELECT repeat('x', 60) AS x;")
    check.true("cut to the new width", max(map(len, lines)) <= 40, lines)
    check.equal("left", me.leave(), 0)


def the_terminal_is_closed(check):
    me = check.at_prompt("--db", "duckdb:kept.duckdb")
    me.run("CREATE TABLE t AS SELECT 1 AS a;")
    under_way(me, ENDLESS)
    me.close()
    check.equal("ends by SIGHUP", me.process.wait(timeout=60), 128 + signal.SIGHUP)
    again = check.at_prompt("--db", "duckdb:kept.duckdb")
    check.equal("nothing is lost", again.run("SELECT a FROM t;")[-1], "(1 row)")
    again.close()
    check.equal("ends at a prompt, too", again.process.wait(timeout=60), 128 + signal.SIGHUP)


def a_polite_kill(check):
    me = check.at_prompt("--db", "duckdb:kept.duckdb")
    under_way(me, ENDLESS)
    me.process.send_signal(signal.SIGTERM)
    check.equal("ends by SIGTERM", me.end(), 128 + signal.SIGTERM)
    check.true("the terminal is as it was", "2004" not in me.screen.modes, me.screen.modes)


def rows_without_end(check):
    """100M rows: the first are seen at once, memory stays flat, Ctrl-C ends it."""
    me = check.at_prompt(rows=40)
    me.type("SELECT range AS i, range * 3 AS three FROM range(100000000);" + ENTER)
    me.until("many rows", lambda: len(me.screen.gone) > 2000)
    held = []
    for _ in range(60):
        me.read(0.05)
        held.append(memory(me.process.pid))
    check.true(f"memory stays flat: {min(held):.0f} to {max(held):.0f} MB", max(held) < min(held) + 100)
    me.type(ctrl("c"))
    me.until("Q4001").until_prompt()
    check.equal("left", me.leave(), 0)


def interrupts_of_a_full_terminal(check):
    """Linux may forget to wake who waits for room in a terminal that is emptied by Ctrl-C."""
    me = check.at_prompt()
    for _ in range(30):
        me.type("SELECT range AS i FROM range(100000000);" + ENTER)
        before = len(me.screen.gone)
        me.until("some rows", lambda seen=before: len(me.screen.gone) > seen + 300)
        me.type(ctrl("c"))
        me.until("Q4001").until_prompt()
    check.equal("left", me.leave(), 0)


def the_pager(check):
    """What fits is printed, what does not goes to the pager; leaving it early ends the query."""
    seen = check.folder / "seen"
    head = f"(head -n 5; echo paged) | tee {seen}"
    me = check.at_prompt(PAGER=head)
    check.equal("few rows", me.run("SELECT 1 AS a;")[-1], "(1 row)")
    check.true("no pager", not seen.exists())
    me.type("SELECT range AS i FROM range(100000000);" + ENTER)
    me.until("paged").until_prompt()
    check.equal("what it was given", seen.read_text().split(), ["i", "-----", "0", "1", "2", "paged"])
    check.true("no error", "Q4001" not in me.screen.text(), me.screen.text())
    me.run("\\set pager off")
    seen.unlink()
    check.equal("without", me.run("SELECT range AS i FROM range(100);")[-1], "(100 rows)")
    check.true("no pager", not seen.exists())
    check.equal("left", me.leave(), 0)


def progress_is_one_line(check):
    me = check.at_prompt(columns=60)
    me.type("SELECT i AS x, (i % 2)::INTEGER AS y FROM range(4000) r(i) TO TRAIN xgboost.gbtree "
            "WITH num_round = 600, eval_metric = ['logloss', 'auc', 'error', 'aucpr'] LABEL y INTO m;" + ENTER)
    me.until("trained m@1").until_prompt()
    check.true("nothing is left of the bar", "round 1" not in me.screen.all_text(), me.screen.all_text())
    check.equal("left", me.leave(), 0)


def two_sessions_on_one_file(check):
    one = check.at_prompt("--db", "duckdb:shared.duckdb")
    one.run("CREATE TABLE t AS SELECT 1 AS a;")
    two = check.person("--db", "duckdb:shared.duckdb")
    check.equal("the second one is refused", two.end(), 1)
    check.true("it says who holds the file", str(one.process.pid) in two.screen.all_text(), two.screen.all_text())
    check.equal("the first one goes on", one.run("SELECT a FROM t;")[-1], "(1 row)")
    check.equal("left", one.leave(), 0)


def a_stop_and_on(check):
    me = check.at_prompt()
    me.type("SELECT 1")
    me.until("SELECT 1")
    me.process.send_signal(signal.SIGSTOP)
    me.process.send_signal(signal.SIGCONT)
    me.type(" AS a;" + ENTER)
    me.until("(1 row)").until_prompt()
    me.type(UP)
    me.until("quern> SELECT 1 AS a;")
    me.type(ctrl("c"))
    me.until_prompt()
    check.equal("left", me.leave(), 0)


if __name__ == "__main__":
    main(ctrl_c_stops_a_query, ctrl_c_stops_a_training, ctrl_c_clears_the_line, typed_ahead, the_terminal_is_resized,
         the_terminal_is_closed, a_polite_kill, rows_without_end, interrupts_of_a_full_terminal, the_pager,
         progress_is_one_line, two_sessions_on_one_file, a_stop_and_on)
