"""The line behind `%quern` and `%%quern`: a connection, options, `name <<`, a statement. Connections have names and
live as long as the notebook's Python, or until they are closed."""

import os
import re

from quern import session as sessions

_URI = re.compile(r"(duckdb|sqlite|postgres|postgresql|mysql|mariadb):\S*\Z")
_ASSIGNED = re.compile(r"\s*([^\W\d]\w*)\s*<<(?:\s+|\Z)")
_FLAGS = ("--dry-run", "--keep-going", "--connections", "--help")
_VALUED = ("--connection", "--close", "--set", "--register", "--rows", "--format")
HELP = """%quern URI                    connect: duckdb:FILE, duckdb::memory:, sqlite:FILE, postgresql://..., mysql://...
%quern --connection NAME URI  connect under a name; without a URI: use that connection from now on
%quern --connections          list them
%quern --close NAME           close one
%quern --set NAME=VALUE       rows=20, charts=on|off, progress=on|off, format=auto|table|dataframe
%quern --register NAME        make a temporary table of a DataFrame of that name
%quern SELECT ...             run a statement and give its rows: rows = %quern SELECT ...
%%quern [--connection NAME] [--keep-going] [--dry-run] [--rows N] [--format F] [name <<]
                              run the statements below; `name <<` keeps the rows of the last that gave some
In statements :name is the value of a Python variable, :"name" a name that it holds, quoted."""


class Usage(ValueError):
    """A line that means nothing; its text says what was expected."""


class Line:
    """A line, taken apart. `rest` is the SQL in it."""

    def __init__(self, text):
        self.uri = self.name = None
        self.options, self.flags = {}, set()
        rest = text.strip()
        while rest.startswith("--"):
            rest = self._option(rest)
        assigned = _ASSIGNED.match(rest)
        if assigned:
            self.name, rest = assigned.group(1), rest[assigned.end():]
        word = rest.split(None, 1)[0] if rest else ""
        if _URI.match(word):
            self.uri, rest = word, rest[len(word):].strip()
        self.rest = rest

    def _option(self, text):
        word, _, rest = text.partition(" ")
        word, sign, value = word.partition("=")
        if word in _FLAGS and not sign:
            self.flags.add(word)
            return rest.lstrip()
        if word not in _VALUED:
            raise Usage(f"there is no option {word}; there are {', '.join(_VALUED + _FLAGS)}")
        if not sign:
            value, _, rest = rest.lstrip().partition(" ")
        if not value:
            raise Usage(f"{word} needs a value")
        self.options[word] = value
        return rest.lstrip()


class Connections:
    """Sessions by name; one of them is in use. The first one is opened when it is first needed: on what QUERN_DB
    names, else on the default database."""

    MAIN = "main"

    def __init__(self):
        self._open = {}
        self.current = self.MAIN

    def connect(self, name, uri):
        """Opens a session under a name, in place of one of that name, and uses it. Raises Error."""
        opened = sessions.connect(uri)
        self.close(name)
        self._open[name] = opened
        self.current = name
        return opened

    def close(self, name):
        session = self._open.pop(name, None)
        if session is not None:
            session.close()
        return session is not None

    def close_all(self):
        for name in list(self._open):
            self.close(name)

    def names(self):
        return list(self._open)

    def get(self, name=None):
        """Raises Usage for a name without a connection."""
        wanted = self.current if name is None else name
        if wanted not in self._open:
            if wanted != self.MAIN:
                raise Usage(f"no connection is called {wanted!r}; there are {', '.join(self._open) or 'none'}")
            self._open[wanted] = sessions.connect(os.environ.get("QUERN_DB", ""))
        return self._open[wanted]

    def described(self):
        lines = [f"{'*' if name == self.current else ' '} {name}: {sessions.masked(s.uri) or 'the default database'}, "
                 f"{s.engine}" for name, s in self._open.items()]
        return "\n".join(lines) or "no connection is open; %quern URI opens one"


def manage(line, connections, settings, take):
    """Does what a line says besides SQL, and gives words for the user; "" where there was nothing.

    \\param take  gives the table that --register names. Raises Usage, Error."""
    words = []
    if "--help" in line.flags:
        words.append(HELP)
    if line.uri is not None:
        session = connections.connect(line.options.get("--connection", connections.MAIN), line.uri)
        words.append(f"connected to {sessions.masked(line.uri)}, {session.engine}")
    elif "--connection" in line.options and not line.rest and not line.flags and len(line.options) == 1:
        connections.get(line.options["--connection"])
        connections.current = line.options["--connection"]
        words.append(f"using {connections.current}")
    if "--set" in line.options:
        name, sign, value = line.options["--set"].partition("=")
        if not sign:
            raise Usage("--set takes name=value; now " + str(settings))
        settings.change(name, value)
    if "--register" in line.options:
        name = line.options["--register"]
        connections.get(line.options.get("--connection")).register(name, take(name))
        words.append(f"table {name} is what {name} holds now")
    if "--close" in line.options and not connections.close(line.options["--close"]):
        raise Usage(f"no connection is called {line.options['--close']!r}")
    if "--connections" in line.flags:
        words.append(connections.described())
    return "\n".join(words)
