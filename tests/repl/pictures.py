#!/usr/bin/env python3
"""Charts as pictures: where a terminal says that it shows them, their points where the data is; text elsewhere."""

import csv
import math
import os
import re

from person import ENTER, ctrl, main
from picture_screen import CELL, KITTY, SIXEL, SILENT, PicturePerson

ROWS, LEFT = 12, 11  # of text, that curves are drawn in; columns in front of them
TRAIN = ("CREATE TABLE t AS SELECT i AS x, (i * 7) % 11 AS z, ((i * 13) % 17 < 4 + (i * 7) % 11)::INTEGER AS y FROM range(600) r(i); "
         "SELECT z, x % 5 AS w, y FROM t TO TRAIN xgboost.gbtree WITH num_round = 8, objective = 'binary:logistic' "
         "LABEL y INTO m;")
SCORED = "SELECT z, x % 5 AS w, y FROM t TO "
ROC = SCORED + "EVALUATE m WITH evaluate.report = roc;"
FIRST, SECOND = (0, 204, 204), (51, 204, 51)  # colours of series
GREY = (153, 153, 153)


def at_terminal(check, answers, **how):
    me = PicturePerson(check.program, check.folder, "--db", "duckdb::memory:", answers=answers, **how)
    check.people.append(me)
    return me.until_prompt()


def distance(point, a, b):
    (x, y), (ax, ay), (bx, by) = point, a, b
    length = (bx - ax) ** 2 + (by - ay) ** 2
    along = 0 if length == 0 else min(1, max(0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length))
    return math.hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay))


def places(points, size):
    """Of the data in a picture, for axes from 0 to 1; the stroke is two points thick."""
    return [(1 + x * (size[0] - 2), 1 + (1 - y) * (size[1] - 2)) for x, y in points]


def check_curve(check, what, picture, points, colour):
    """All of the data is painted, and nothing that is not on the way from one place to the next."""
    curve = places(points, picture.size)
    missing = [place for place in curve if colour not in picture.near(*place)]
    check.equal(f"{what}: places without the curve", missing, [])
    ours = [point for point, found in picture.points.items() if found == colour]
    far = [p for p in ours if min(distance((p[0] + .5, p[1] + .5), a, b) for a, b in zip(curve, curve[1:])) > 2]
    check.equal(f"{what}: points beside the curve", far, [])


def rows_of(me, check, statement):
    me.run("\\o rows.csv")
    me.run("\\format csv")
    me.run(statement)
    me.run("\\o")
    me.run("\\format table")
    with (check.folder / "rows.csv").open() as file:
        return list(csv.DictReader(file))


def line_of(me, words):
    lines = me.screen.all_text().split("\n")
    return max(i for i, line in enumerate(lines) if words in line)


def check_roc(check, what, me):
    me.run(TRAIN)
    me.run("\\set charts unicode")
    rows = rows_of(me, check, ROC)
    me.run("\\set charts auto")
    lines = me.run(ROC)
    picture = me.screen.pictures[-1]
    check.equal(f"{what}: place", (picture.line, picture.column), (line_of(me, "true positive rate") + 1, LEFT))
    check.equal(f"{what}: size", picture.size, (60 * CELL[0], ROWS * CELL[1]))
    check.true(f"{what}: the frame is text", lines[-1].split() == ["0", "false", "positive", "rate", "1"] and
               all(line.endswith("│") for line in lines[-2 - ROWS:-2]), "\n".join(lines))
    check_curve(check, what, picture, [(float(r["false_positive_rate"]), float(r["true_positive_rate"])) for r in rows],
                FIRST)
    check.true(f"{what}: the diagonal", GREY in picture.near(*places([(.7, .7)], picture.size)[0], 3), "")


def kitty(check):
    me = at_terminal(check, KITTY)
    check.equal("nothing is asked at the start", me.screen.asked, [])
    check_roc(check, "kitty", me)
    check.equal("asked once", me.screen.asked, ["G", "11", "16t", "c"])
    check.equal("left", me.leave(), 0)


def sixel(check):
    me = at_terminal(check, SIXEL)
    check_roc(check, "sixel", me)
    check.equal("asked once", me.screen.asked, ["G", "11", "16t", "c"])
    check.equal("left", me.leave(), 0)


def rounds(check):
    """Two series, of the text that the training has printed nowhere else: where they begin and end."""
    me = at_terminal(check, KITTY)
    lines = me.run(TRAIN)
    picture = me.screen.pictures[0]
    title = next(line for line in lines if "by round" in line)
    check.true("legend", "━ train logloss  ━ validation logloss" in title, title)
    check.equal("its colour is that of the curve", me.screen.style_of("━ train"), "38;2;0;204;204")
    training = sorted(point for point, colour in picture.points.items() if colour == FIRST)
    check.true("from the upper left", training[0][0] <= 2 and training[0][1] < picture.size[1] / 2, training[0])
    check.true("to the lower right", training[-1][0] >= picture.size[0] - 3 and training[-1][1] > training[0][1], training[-1])
    check.true("the other one", SECOND in picture.points.values(), "")
    check.equal("left", me.leave(), 0)


def counts(check):
    """A patch for each pair of classes, as solid as its share of the actual class's rows."""
    me = at_terminal(check, SIXEL)
    me.run(TRAIN)
    statement = SCORED + "EVALUATE m WITH evaluate.report = confusion;"
    me.screen.pictures.clear()
    lines = me.run(statement)
    count = [[int(n) for n in re.findall(r"\d+", line)[1:]] for line in lines[-2:]]
    check.equal("a picture for each column", len(me.screen.pictures), 2)
    for predicted, picture in enumerate(me.screen.pictures):
        check.equal("place", (picture.line, picture.column), (line_of(me, "(predicted)") + 1, 13 + 9 * predicted))
        for actual in range(2):
            share = count[actual][predicted] / sum(count[actual])
            middle = (CELL[0], actual * CELL[1] + CELL[1] // 2)
            full = (51, 204, 51) if actual == predicted else (255, 51, 51)
            expected = tuple(51 * round(round(c * share) / 51) for c in full)
            found = picture.points.get(middle, (0, 0, 0))
            check.true(f"patch {actual}, {predicted}", max(abs(f - e) for f, e in zip(found, expected)) <= 51,
                       f"{found} {expected} {share}")
    check.equal("left", me.leave(), 0)


def swarms(check):
    """A dot at each attribution."""
    me = at_terminal(check, KITTY)
    me.run(TRAIN)
    statement = SCORED + "EXPLAIN m WITH explain.scope = local;"
    rows = rows_of(me, check, statement)
    me.screen.pictures.clear()
    me.run(statement)
    means = {name: sum(abs(float(row[name])) for row in rows) / len(rows) for name in ("z", "w")}
    reach = max(abs(float(row[name])) for row in rows for name in means)
    check.equal("a picture for each feature", len(me.screen.pictures), 2)
    for name, picture in zip(sorted(means, key=means.get, reverse=True), me.screen.pictures):
        check.equal(f"{name}: place", (picture.line, picture.column), (line_of(me, name + "  "), 17))
        columns = {x for (x, y), colour in picture.points.items() if colour == FIRST}
        expected = {2 + (float(row[name]) + reach) / (2 * reach) * (picture.size[0] - 4) for row in rows}
        check.equal(f"{name}: without a dot", [x for x in expected if int(x) not in columns], [])
        check.equal(f"{name}: beside them", [c for c in columns if min(abs(c + .5 - x) for x in expected) > 3], [])
    check.equal("left", me.leave(), 0)


def keys_are_kept(check):
    """What is typed while the terminal is asked, before, between and behind its answers."""
    me = at_terminal(check, {"G": "SEL", "11": "ECT ", "c": "40 + " + KITTY["c"] + "2 AS n"})
    me.type(TRAIN + ENTER)
    me.until("what was typed", lambda: me.line() == "quern> SELECT 40 + 2 AS n")
    me.type(";" + ENTER)
    me.until("42")
    me.until_prompt()
    check.equal("left", me.leave(), 0)


def silence(check):
    """Asked once, and no more; what comes too late is no key."""
    me = at_terminal(check, SILENT)
    text = "\n".join(me.run(TRAIN))
    check.true("drawn as text", re.search("[⠁-⣿]", text), text)
    me.reply(KITTY["G"] + KITTY["11"] + KITTY["16t"] + KITTY["c"])
    check.true("and again", "⠉" in "\n".join(me.run(ROC)), me.screen.text())
    check.equal("asked once", (me.screen.asked, me.screen.pictures), (["G", "11", "16t", "c"], []))
    check.equal("left", me.leave(), 0)


def never_asked(check):
    for how in ({"NO_COLOR": "1"}, {"TERM": "tmux-256color"}, {"TERM": "screen"}, {"TERM": "linux"}, {"TMUX": "/tmp/t,1,0"}):
        me = at_terminal(check, KITTY, **how)
        text = "\n".join(me.run(TRAIN))
        check.true(f"{how}: as text", re.search("[⠁-⣿]", text), text)
        check.equal(f"{how}: asked", me.screen.asked, [])
        check.equal("left", me.leave(), 0)
    batch = PicturePerson(check.program, check.folder, "--db", "duckdb::memory:", "-e", TRAIN + ROC, answers=KITTY)
    check.people.append(batch)
    check.equal("status", batch.end(), 0)
    check.equal("a script asks nothing", batch.screen.asked, [])


def chosen(check):
    """Who says what the terminal is, is believed."""
    me = at_terminal(check, SILENT)
    me.run("\\set charts sixel")
    me.run(TRAIN)
    me.run("\\set charts kitty")
    me.run(ROC)
    check.equal("both", [p.size for p in me.screen.pictures], [(600, 240)] * 2)
    me.run("\\set charts off")
    check.true("off", "│" not in "\n".join(me.run(ROC)), me.screen.text())
    check.equal("asked", (me.screen.asked, len(me.screen.pictures)), ([], 2))
    check.equal("left", me.leave(), 0)


def not_through_the_pager(check):
    """The rows go there, the picture to the terminal; a picture that would scroll away is text."""
    me = at_terminal(check, KITTY, rows=20, PAGER="cat > paged.txt")
    me.run(TRAIN)
    local = SCORED + "EXPLAIN m WITH explain.scope = local;"
    me.run(local)
    paged = (check.folder / "paged.txt").read_text()
    check.true("rows", "600 rows" in paged and "\x1b_" not in paged, paged[-200:])
    check.equal("pictures", len(me.screen.pictures), 3)
    me.resize(90, 14)
    before = len(me.screen.pictures)
    check.true("no room", "⠉" in "\n".join(me.run(ROC)), me.screen.text())
    check.equal("no picture", len(me.screen.pictures), before)
    check.equal("left", me.leave(), 0)


if __name__ == "__main__":
    main(kitty, sixel, rounds, counts, swarms, keys_are_kept, silence, never_asked, chosen, not_through_the_pager)
