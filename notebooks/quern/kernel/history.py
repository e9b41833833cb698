"""What was run in kernels: a file of one JSON text a line, which only its owner may read. Passwords in URIs are not
written."""

import fnmatch
import json
import os
import pathlib
import re

_MOST = 10_000  # cells that are remembered
_PASSWORD = re.compile(r"(\b\w+://[^\s:/@'\"]+):[^\s@'\"]+@")


def path():
    """$XDG_STATE_HOME/quern/kernel_history; None where QUERN_HISTORY is empty."""
    named = os.environ.get("QUERN_HISTORY")
    if named is not None:
        return pathlib.Path(named) if named else None
    state = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return pathlib.Path(state) / "quern" / "kernel_history"


class History:
    """Cells of earlier kernels, session 0, and of this one, session 1. What cannot be read or written is left alone:
    no cell fails for it."""

    def __init__(self):
        self._path = path()
        self._earlier = self._read()
        self._now = []

    def _read(self):
        try:
            lines = self._path.read_text(encoding="utf-8").splitlines() if self._path else []
        except (OSError, UnicodeDecodeError):
            return []
        out = []
        for line in lines[-_MOST:]:
            try:
                cell = json.loads(line)
            except ValueError:
                continue
            if isinstance(cell, str):
                out.append(cell)
        return out

    def add(self, code):
        self._now.append(code)
        if not self._path:
            return
        text = json.dumps(_PASSWORD.sub(r"\1:***@", code)) + "\n"
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(file, text.encode("utf-8"))
            finally:
                os.close(file)
        except OSError:
            self._path = None

    def find(self, access, start=None, stop=None, n=None, pattern=None, unique=False):
        """(session, number, code), the oldest first: "tail" the last n, "search" those that a pattern of * and ?
        matches, "range" from `start` to below `stop` of this kernel."""
        cells = [(0, i, code) for i, code in enumerate(self._earlier, 1)]
        own = [(1, i, code) for i, code in enumerate(self._now, 1)]
        if access == "range":
            return [cell for cell in own if (start or 0) <= cell[1] and (stop is None or cell[1] < stop)]
        cells += own
        if access == "search":
            cells = [cell for cell in cells if fnmatch.fnmatchcase(cell[2], pattern or "*")]
        if unique:
            newest = {code: i for i, (_, _, code) in enumerate(cells)}
            cells = [cell for i, cell in enumerate(cells) if newest[cell[2]] == i]
        return cells[-n:] if n else cells
