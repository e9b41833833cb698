"""Completion where SQL stands in IPython: below `%%quern`, and behind `%quern` on a line."""

import re

from IPython.core.completer import Completion

from quern import _line
from quern.errors import Error

_CELL = re.compile(r"\s*%%quern\b([^\n]*)\n")
_LINE = re.compile(r"[ \t]*(?:[\w.]+[ \t]*=[ \t]*)?%quern[ \t]+(.*)")


def sql_at(text, cursor):
    """(begin, end, connection) of the SQL that a cursor is in; None where it is in something else."""
    cell = _CELL.match(text)
    if cell:
        line, begin, end = _line.Line(cell[1]), cell.end(), len(text)
    else:
        found = _LINE.match(text, text.rfind("\n", 0, cursor) + 1)
        if not found:
            return None
        line = _line.Line(found[1])
        # Blanks at the end are no part of what the line holds, but the cursor may be behind them.
        end = found.end()
        begin = found.start(1) + found[1].rfind(line.rest) if line.rest else end
    return (begin, end, line.options.get("--connection")) if begin <= cursor <= end else None


def completions(connections, text, cursor):
    """IPython's completions, or None where the cursor is not in SQL. No database is opened for it."""
    try:
        place = sql_at(text, cursor)
        if place is None:
            return None
        begin, end, name = place
        if (name or connections.current) not in connections.names():
            return []
        first, last, found = connections.get(name).complete(text[begin:end], cursor - begin)
    except (_line.Usage, Error, RuntimeError, ValueError):
        return []  # a key that completes nothing is no reason for an error
    return [Completion(begin + first, begin + last, candidate.text, type=candidate.kind) for candidate in found]


def install(shell, connections):
    """Has the shell's completer ask here first."""
    completer = getattr(shell, "Completer", None)
    if completer is None:
        return
    of_python = getattr(completer.completions, "of_python", completer.completions)

    def of_both(text, offset):
        found = completions(connections, text, offset)
        return of_python(text, offset) if found is None else iter(found)

    of_both.of_python = of_python
    completer.completions = of_both
