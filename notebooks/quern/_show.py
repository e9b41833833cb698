"""A script as a notebook shows it: each statement's message, warnings, rows and chart as soon as it has ended, and one
line of progress that is updated in place. The magics and the kernel share it; they differ in where it is sent."""

import os
import queue
import re
import time
import urllib.parse

from quern import _run, charts, html

_QUIET = 0.4  # seconds before progress is shown: what is quick needs none
_PAUSE = 0.15  # seconds between two updates


class Settings:
    """What `%quern --set name=value` changes."""

    FORMS = {"rows": "how many rows of a table are shown", "charts": "on or off", "progress": "on or off",
             "format": "auto, table or dataframe: what is given to Python"}

    def __init__(self):
        self.rows, self.charts, self.progress, self.format = 20, True, True, "auto"

    def change(self, name, value):
        """Raises ValueError, which says what there is."""
        if name not in self.FORMS:
            known = "; ".join(f"{key}: {words}" for key, words in self.FORMS.items())
            raise ValueError(f"there is no setting {name!r}; there are {known}")
        if name == "rows" and value.isdecimal():
            self.rows = int(value)
        elif name in ("charts", "progress") and value in ("on", "off"):
            setattr(self, name, value == "on")
        elif name == "format" and value in ("auto", "table", "dataframe"):
            self.format = value
        else:
            raise ValueError(f"{value!r} is no value of {name}: {self.FORMS[name]}")

    def __str__(self):
        flags = {True: "on", False: "off"}
        values = {name: getattr(self, name) for name in self.FORMS}
        return ", ".join(f"{name}={flags.get(v, v) if isinstance(v, bool) else v}" for name, v in values.items())


def bundle(plain, markup=None):
    """What Jupyter calls a MIME bundle."""
    out = {"text/plain": plain}
    if markup:
        out["text/html"] = markup
    return out


def of_words(words):
    text = html.visible(words, lines=True)
    return bundle(text, html.boxed(f'<div class="note">{html.escaped(words, lines=True)}</div>'))


def of_lines(words):
    """Words in lines that stay below one another."""
    text = html.visible(words, lines=True)
    return bundle(text, html.boxed(f"<pre>{html.escaped(words, lines=True)}</pre>"))


def of_problem(problem):
    """A warning or a note, with its place in the text."""
    return of_lines(problem.rendered.rstrip("\n"))


def of_outcome(outcome, settings, shows_rows=True):
    """The bundles of a statement that ended well; without its rows where they go to Python."""
    out = [of_words(outcome.message)] if outcome.message else []
    drawn = settings.charts and (shows_rows or outcome.table is None)
    chart = charts.of_outcome(outcome) if drawn else None
    if outcome.table is not None:
        outcome.table.shown = settings.rows
    if outcome.table is not None and shows_rows:
        out.append(bundle(repr(outcome.table), outcome.table._repr_html_()))
    if chart is not None:
        out.append(bundle(repr(chart), chart._repr_html_()))
    return out + _of_page(outcome.text)


_PAGE = re.compile(r"\bTO\s+(?:EVALUATE|EXPLAIN)\b.*\breport\s*=\s*'((?:[^']|'')+)'", re.IGNORECASE | re.DOTALL)


def _of_page(text):
    """A link to the page that `WITH report = 'file.html'` wrote."""
    found = _PAGE.search(text)
    path = found.group(1).replace("''", "'") if found else ""
    if not os.path.isfile(path):
        return []
    place = urllib.parse.quote(path if os.path.isabs(path) else f"./{path}")
    link = f'<a href="{html.escaped(place)}" target="_blank" rel="noopener">{html.escaped(path)}</a>'
    return [bundle(f"report: {html.visible(path)}", html.boxed(f'<div class="note">report: {link}</div>'))]


_WORDS = {"scan": "reading", "fit": "fitting features", "train": "training", "predict": "predicting",
          "evaluate": "evaluating", "explain": "explaining", "write": "writing", "other": "working"}


def of_progress(now):
    """One line, with a bar where the end is known."""
    words = [_WORDS[now.stage]]
    if now.trials:
        words.append(f"trial {now.trial} of {now.trials}")
    if now.folds:
        words.append(f"fold {now.fold} of {now.folds}")
    if now.rounds:
        words.append(f"round {now.round} of {now.rounds}")
    if now.rows:
        words.append(f"{now.rows:,} rows")
    words += [f"{name} {value:.5g}" for name, value in now.metrics.items()]
    text = html.visible(", ".join(words))
    bar = f'<progress max="{now.rounds}" value="{now.round}"></progress> ' if now.rounds else ""
    return bundle(text, html.boxed(f'<div class="note">{bar}{html.escaped(text)}</div>'))


class Screen:
    """Where a run is shown. `emit(bundle)` adds an output; `line(bundle)` shows the line of progress or changes it;
    None takes it away."""

    def emit(self, bundle):
        raise NotImplementedError

    def line(self, bundle):
        raise NotImplementedError


def run(session, text, parameters, how, settings, screen, shows_rows=True):
    """Runs a script and shows what becomes of it. Gives the Result. Raises as Session.execute() does; warnings and
    notes were shown then, errors were not."""
    heard = queue.SimpleQueue()
    listener = _run.Listener(session.cancel)
    listener.on_event = lambda event, what: heard.put((event, what))
    begun = shown = time.monotonic()
    newest, open_line = None, False

    def drain():
        while not heard.empty():
            event, what = heard.get()
            if event == "echo":
                screen.emit(of_words(what))
            elif event == "problem" and what.severity != "error":
                screen.emit(of_problem(what))
            elif event == "done":
                for one in of_outcome(what, settings, shows_rows):
                    screen.emit(one)

    def look():
        nonlocal newest, shown, open_line
        drain()
        now = time.monotonic()
        if not settings.progress or listener.progress in (None, newest) or now - begun < _QUIET or now - shown < _PAUSE:
            return
        newest, shown, open_line = listener.progress, now, True
        screen.line(of_progress(newest))

    how = {"name": "<cell>", **how}
    try:
        return session._heard(text, parameters, how, listener, look)
    finally:
        drain()
        if open_line:
            screen.line(None)


# ---------------------------------------------------------------- errors
_RED, _BOLD, _GREEN, _END = "\x1b[31m", "\x1b[1m", "\x1b[32m", "\x1b[0m"


def coloured(text):
    """A rendered problem in colour: nothing in it can steer the terminal but our own colours."""
    return [_coloured(line) for line in html.visible(text, lines=True).split("\n")]


def _coloured(line):
    if re.match(r"(error|warning|note)(\[|:)", line):
        word, rest = line.split(":", 1) if ":" in line else (line, "")
        return f"{_RED}{_BOLD}{word}{_END}:{_BOLD}{rest}{_END}"
    if re.fullmatch(r" *\| *\^+.*", line):
        return f"{_RED}{line}{_END}"
    return f"{_GREEN}help:{_END}{line[5:]}" if line.startswith("help:") else line
