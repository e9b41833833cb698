#!/usr/bin/env python3
"""Bars beside an explanation: on a terminal, as wide as it is; elsewhere the rows alone."""

import fcntl
import os
import pty
import struct
import termios

from checking import main

CORNER = ("CREATE TABLE corner AS SELECT * FROM (VALUES (0, 0, 0.0), (0, 1, 0.0), (1, 0, 0.0), (1, 1, 16.0)) t(a, b, y); "
          "SELECT * FROM corner TO TRAIN xgboost.XGBRegressor WITH num_round = 1, eta = 1, lambda = 0, "
          "min_child_weight = 0, base_score = 0, max_depth = 2 LABEL y INTO m; ")
ONE = "SELECT * FROM corner WHERE a = 0 AND b = 1 TO EXPLAIN m"


def on_terminal(check, columns, sql):
    """What a terminal of so many columns is shown."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    running = check.start("--db", "duckdb::memory:", "-e", sql, stdin=follower, stdout=follower)
    os.close(follower)
    text = b""
    while True:
        try:
            some = os.read(leader, 65536)
        except OSError:  # the other end is closed
            break
        if not some:
            break
        text += some
    os.close(leader)
    check.equal("status", running.wait(), 0)
    return text.decode().replace("\r\n", "\n")


def bars_on_a_terminal(check):
    """6 and 2: the second bar is a third of the first."""
    check.equal("80 columns", on_terminal(check, 80, CORNER + ONE),
                " feature | mean_abs_shap\n"
                "---------+---------------\n"
                " a       |           6.0  " + "█" * 40 + "\n"
                " b       |           2.0  " + "█" * 13 + "▍" + "\n"
                "(2 rows)\n")


def bars_fit_the_terminal(check):
    text = on_terminal(check, 40, CORNER + ONE)
    widest = max(len(line) for line in text.splitlines())
    check.true("no line is longer than the terminal", widest <= 40, text)
    check.true("there are bars", "█" in text, text)
    check.true("no bars where there is no room", "█" not in on_terminal(check, 30, CORNER + ONE))


def no_bars_elsewhere(check):
    done = check.run("--db", "duckdb::memory:", "-e", CORNER + ONE)
    check.true("a pipe gets the rows alone", "█" not in done.stdout.decode(), done.stdout)
    local = on_terminal(check, 80, CORNER + ONE + " WITH explain.scope = local")
    check.true("rows of attributions have no bars", "█" not in local, local)


main(bars_on_a_terminal, bars_fit_the_terminal, no_bars_elsewhere)
