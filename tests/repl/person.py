"""A person at a terminal: types, looks at the screen, waits until it shows what is expected."""

import fcntl
import os
import pathlib
import pty
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import traceback

from screen import Screen, width

#: No wait is longer; a busy machine gets much time, a quick one needs none of it.
PATIENCE = float(__import__("os").environ.get("QUERN_PATIENCE", "90"))

ENTER, TAB, ESCAPE, BACKSPACE = "\r", "\t", "\x1b", "\x7f"
UP, DOWN, RIGHT, LEFT, HOME, END = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[H", "\x1b[F"
PROMPT = "quern> "


def ctrl(letter):
    return chr(ord(letter.upper()) - 64)


def paste(text):
    return "\x1b[200~" + text.replace("\n", "\r") + "\x1b[201~"


class Person:
    def __init__(self, program, folder, *arguments, columns=80, rows=24, **environment):
        self.screen = Screen(columns, rows)
        self.leader, follower = pty.openpty()
        self._size(follower, columns, rows)
        variables = {**os.environ, "LC_ALL": "C.UTF-8", "TERM": "xterm-256color", "PAGER": "", "NO_COLOR": "",
                     "XDG_STATE_HOME": str(folder), "HOME": str(folder), **environment}

        def own_terminal():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen([program, *arguments], cwd=folder, stdin=follower, stdout=follower,
                                        stderr=follower, env=variables, preexec_fn=own_terminal, close_fds=True)
        os.close(follower)
        self.bytes = b""

    def _size(self, terminal, columns, rows):
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def resize(self, columns, rows):
        self.screen.resize(columns, rows)
        self._size(self.leader, columns, rows)

    def read(self, seconds):
        """Feeds the screen with what comes within so many seconds; False at the end of the terminal."""
        if not select.select([self.leader], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self.leader, 1 << 16)
        except OSError:
            return False
        if not data:
            return False
        self.bytes += data
        whole = self.bytes.decode("utf-8", "ignore") if self._cut() else self.bytes.decode("utf-8")
        rest = self.bytes[len(whole.encode()):]
        self.bytes = rest
        self.screen.feed(whole)
        return True

    def _cut(self):
        try:
            self.bytes.decode("utf-8")
            return False
        except UnicodeDecodeError as error:
            return error.end == len(self.bytes)

    def type(self, text):
        """Types while reading: a program that echoes must not wait for a reader."""
        data = text.encode() if isinstance(text, str) else text
        while data:
            _, writable, _ = select.select([], [self.leader], [], 0.05)
            if writable:
                data = data[os.write(self.leader, data[:4096]):]
            self.read(0)

    def until(self, what, seen=None):
        """Waits until a text is on the screen, or a function of this says so."""
        seen = seen or (lambda: what in self.screen.text())
        end = time.monotonic() + PATIENCE
        while not seen():
            alive = self.read(0.05)
            if not alive and not seen():
                raise AssertionError(f"the terminal closed before {what!r}:\n{self.screen.all_text()}")
            if time.monotonic() > end:
                raise AssertionError(f"never seen: {what!r}; the screen:\n{self.screen.text()}")
        return self

    def until_prompt(self):
        """The last line is an empty prompt, with the cursor on it."""
        def ready():
            lines = self.screen.text().split("\n")
            return lines[-1].rstrip() == PROMPT.rstrip() and self.screen.column == len(PROMPT) and \
                self.screen.row == len(lines) - 1 and not self.screen.left
        return self.until("the prompt", ready)

    def run(self, text):
        """Types an entry and waits for the next prompt; returns the lines between."""
        before = len(self.screen.gone) + self.screen.row
        before += (len(PROMPT) + sum(width(c) for c in text)) // self.screen.columns
        self.type(text + ENTER)
        self.until("the answer", lambda: len(self.screen.gone) + self.screen.row > before)
        self.until_prompt()
        return self.screen.all_text().split("\n")[before + 1:-1]

    def line(self):
        """The line of the cursor."""
        return "".join(self.screen.lines[self.screen.row]).rstrip()

    def leave(self):
        self.type(ctrl("d"))
        return self.end()

    def end(self):
        """Reads to the end; the exit status."""
        stop = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < stop:
            self.read(0.02)
        return self.process.wait(timeout=1)

    def close(self):
        """The window is closed."""
        os.close(self.leader)
        self.leader = -1

    def clean(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        if self.leader >= 0:
            os.close(self.leader)


class Checks:
    """A folder, the program, and people at it."""

    def __init__(self, program):
        self.program = str(pathlib.Path(program).resolve())
        self.failures = []
        self.people = []
        self.folder = None

    def person(self, *arguments, **how):
        someone = Person(self.program, self.folder, *(arguments or ("--db", "duckdb::memory:")), **how)
        self.people.append(someone)
        return someone

    def at_prompt(self, *arguments, **how):
        return self.person(*arguments, **how).until_prompt()

    def equal(self, what, found, expected):
        if found != expected:
            self.failures.append(f"{what}:\n  found    {found!r}\n  expected {expected!r}")

    def true(self, what, condition, found=""):
        if not condition:
            self.failures.append(f"{what}\n{found}")


def main(*tests):
    """Each test in a folder of its own; with names as arguments, only those."""
    checks = Checks(sys.argv[1])
    for test in tests:
        if sys.argv[2:] and test.__name__ not in sys.argv[2:]:
            continue
        with tempfile.TemporaryDirectory(prefix="quern-repl-") as folder:
            checks.folder = pathlib.Path(folder)
            try:
                test(checks)
            except Exception:  # pylint: disable=broad-except
                checks.failures.append(f"{test.__name__}: {traceback.format_exc()}")
            for someone in checks.people:
                someone.clean()
            checks.people.clear()
    for failure in checks.failures:
        print("FAILED " + failure)
    print(f"{len(checks.failures)} failed")
    sys.exit(1 if checks.failures else 0)
