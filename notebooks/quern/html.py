"""Tables as HTML and as text. Data never is markup here: it is escaped, and characters that would steer a
terminal or turn the reading direction are shown by their number."""

import datetime
import unicodedata

# Widths that cut: of a value in a cell, and of a text table.
CELL = 200
LINE = 160

STYLE = """<style>
.quern { font-size: 13px; line-height: 1.45; }
.quern .scroll { overflow-x: auto; width: 0; min-width: 100%; }
.quern table { border-collapse: collapse; border: none; margin: 0; font-size: inherit; }
.quern table th, .quern table td { padding: 2px 14px 2px 0; text-align: left !important; white-space: pre-wrap;
  max-width: 40em; vertical-align: top; border: none; border-bottom: 1px solid rgba(128, 128, 128, .3); background: none; }
.quern th { font-weight: 600; opacity: .75; } .quern table td.n, .quern table th.n { text-align: right !important;
  font-variant-numeric: tabular-nums; } .quern .null { opacity: .5; }
.quern .note { opacity: .7; margin: 4px 0; } .quern pre { white-space: pre; overflow-x: auto; background: none; }
.quern svg { display: block; max-width: 100%; height: auto; margin: 4px 0; }
.quern svg text { fill: currentColor; font: 12px system-ui, sans-serif; }
.quern svg text.f { fill-opacity: .7; } .quern svg .rule { stroke: currentColor; stroke-opacity: .18; fill: none; }
.quern svg .dash { stroke-dasharray: 4 4; stroke-opacity: .5; }
.quern progress { width: 16em; vertical-align: middle; accent-color: #2f81d0; }
</style>"""


def boxed(inside):
    return f'{STYLE}<div class="quern">{inside}</div>'


# Characters that are shown by their number: controls, surrogates, and those that change what is read around them.
_SHOWN_BY_NUMBER = {"Cc", "Cs", "Cf", "Zl", "Zp"}
_JOINERS = {"\u200c", "\u200d"}  # of scripts and emoji


def visible(text, lines=False):
    """Text without characters that act on a terminal or on its surroundings. `lines`: ends of lines may stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible_character(c, lines) for c in text)


def _visible_character(c, lines):
    if c in _JOINERS or (lines and c in "\n\t"):
        return c
    if unicodedata.category(c) not in _SHOWN_BY_NUMBER:
        return c
    number = ord(c)
    if 0xDC80 <= number <= 0xDCFF:
        return f"\\x{number - 0xDC00:02x}"  # a byte that was no UTF-8
    return {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(c) or (f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}")


def escaped(text, lines=False):
    """Text for the inside of an element and of quoted attributes."""
    out = visible(text, lines).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return out.replace('"', "&quot;").replace("'", "&#39;")


def cut(text, most):
    return text if len(text) <= most else text[:most - 1] + "…"


def shown(value):
    """A value as a word."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.10g}" if value == value else "nan"
    if isinstance(value, bytes):
        return "\\x" + value[:CELL].hex()
    if isinstance(value, list):
        return "[" + ", ".join(shown(v) for v in value[:CELL]) + "]"
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ")
    return str(value)


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) or type(value).__name__ == "Decimal"


def _count(number, word):
    return f"{number:,} {word}" + ("" if number == 1 else "s")


def cut_note(table, most):
    """What a table that is shown leaves out; "" where nothing."""
    rows = len(table)
    return _count(rows, "row") if rows <= most else f"{most:,} of {_count(rows, 'row')} shown"


def table(table, most):
    """The first rows in HTML."""
    rows = table.rows(most)
    numeric = [any(is_number(row[i]) for row in rows) for i in range(len(table.fields))]
    kinds = [' class="n"' if n else "" for n in numeric]
    head = "".join(f"<th{kind}>{escaped(cut(name, CELL))}</th>" for kind, name in zip(kinds, table.names))
    body = "".join("<tr>" + "".join(_cell(value, kind) for value, kind in zip(row, kinds)) + "</tr>\n" for row in rows)
    note = f'<div class="note">{cut_note(table, most)}</div>'
    rows = f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody></table>"
    inside = f'<div class="scroll">{rows}</div>{note}'  # a wide table scrolls, what is said of it stays
    return boxed(inside)


def _cell(value, kind):
    if value is None:
        return f'<td{kind}><span class="null">NULL</span></td>'
    return f"<td{kind}>{escaped(cut(shown(value), CELL))}</td>"


# ---------------------------------------------------------------- text
def width(text):
    """Columns of a terminal."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 0 if unicodedata.combining(c) else 1 for c in text)


def _padded(text, size, right):
    room = " " * max(size - width(text), 0)
    return room + text if right else text + room


def text_table(table, most, line=LINE):
    """The first rows in plain text, as the command line prints them; columns that find no room are counted."""
    rows = table.rows(most)
    names = [visible(cut(name, CELL)) for name in table.names]
    texts = [[visible(cut(shown(value), 60)) for value in row] for row in rows]
    right = [any(is_number(row[i]) for row in rows) for i in range(len(names))]
    sizes = [max([width(name), *(width(row[i]) for row in texts)]) for i, name in enumerate(names)]
    fit = _fitting(sizes, line)
    lines = [" | ".join(_padded(name, size, False) for name, size in zip(names[:fit], sizes)),
             "-+-".join("-" * size for size in sizes[:fit])]
    lines += [" | ".join(_padded(t, s, r) for t, s, r in zip(row[:fit], sizes, right)) for row in texts]
    left_out = len(names) - fit
    more = f", {_count(left_out, 'column')} not shown: {', '.join(names[fit:])}" if left_out else ""
    return "\n".join([x.rstrip() for x in lines] + [f"({cut_note(table, most)}{cut(more, 300)})"])


def _fitting(sizes, line):
    """How many columns a line holds; one at least."""
    used = 0
    for i, size in enumerate(sizes):
        used += size + 3
        if used > line and i > 0:
            return i
    return len(sizes)
