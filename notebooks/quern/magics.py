"""`%quern` and `%%quern` in IPython: the same scripts as everywhere, with Python's variables as values, and rows as
Python's tables."""

import copy
import importlib.util

from IPython.core.error import UsageError
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class
from IPython.display import display

from quern import _cells, _line, _parameters, _run, _show
from quern.errors import Error
from quern.tables import Table


class StatementError(Error):
    """As Error; a notebook shows its caret alone, without the frames of Python between the cell and the library."""

    def _render_traceback_(self):
        return _show.coloured(str(self))


class _Notebook(_show.Screen):
    """IPython's outputs. A terminal has no line that can be changed in place."""

    def __init__(self, shell):
        self._changes = hasattr(shell, "kernel")
        self._handle = None

    def emit(self, bundle):
        display(bundle, raw=True)

    def line(self, bundle):
        if not self._changes:
            return
        bundle = bundle or _show.bundle("", " ")
        if self._handle is None:
            self._handle = display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)


@magics_class
class QuernMagics(Magics):
    def __init__(self, shell):
        super().__init__(shell)
        self.connections = _line.Connections()
        self.settings = _show.Settings()

    def _taken(self, name):
        if name not in self.shell.user_ns:
            raise _line.Usage(f"no Python variable is called {name!r}")
        return self.shell.user_ns[name]

    def _values(self, text):
        """Python's variables that the text may name and SQL has values for."""
        found = {name: self.shell.user_ns[name] for name in _run.names_in(text) if name in self.shell.user_ns}
        return {name: value for name, value in found.items() if _parameters.is_plain(value)}

    def _settings(self, line):
        """Those of the notebook, with what the line says for itself."""
        out = copy.copy(self.settings)
        for name in ("rows", "format"):
            if "--" + name in line.options:
                out.change(name, line.options["--" + name])
        return out

    def _given(self, table, settings):
        """What Python gets."""
        there = importlib.util.find_spec("pandas") is not None
        if settings.format == "table" or (settings.format == "auto" and not there):
            return table
        return table.to_dataframe()

    def _run(self, line, text, settings, shows_rows):
        session = self.connections.get(line.options.get("--connection"))
        how = {"keep_going": "--keep-going" in line.flags, "dry_run": "--dry-run" in line.flags}
        screen = _Notebook(self.shell)
        try:
            return _show.run(session, text, self._values(text), how, settings, screen, shows_rows)
        except Error as why:
            raise StatementError(why.problems, why.result) from None

    def _managed(self, text):
        line = _line.Line(text)
        settings = self._settings(line)
        words = _line.manage(line, self.connections, self.settings, self._taken)
        if words:
            display(_show.of_lines(words), raw=True)
        return line, settings, bool(words) or "--set" in line.options or "--close" in line.options

    @line_magic
    def quern(self, text):
        """A connection, a setting or one statement: %quern --help"""
        try:
            line, settings, done = self._managed(text)
            if not line.rest:
                if not done:
                    display(_show.of_lines(self.connections.described() + f"\n{self.settings}\n{_line.HELP}"), raw=True)
                return None
            result = self._run(line, line.rest, settings, False)
            given = None if result.table is None else self._given(result.table, settings)
            return self._assign(line.name, given) if line.name else given
        except (_line.Usage, ValueError) as why:
            raise UsageError(str(why)) from None

    @cell_magic("quern")
    def quern_cell(self, text, cell):
        """Statements, one after another: %%quern [options] [name <<]"""
        try:
            line, settings, _ = self._managed(text)
            script = f"{line.rest}\n{cell}" if line.rest else cell
            result = self._run(line, script, settings, not line.name)
            if line.name:
                table = result.table if result.table is not None else Table((), ())
                self._assign(line.name, self._given(table, settings))
        except (_line.Usage, ValueError) as why:
            raise UsageError(str(why)) from None

    def _assign(self, name, value):
        self.shell.user_ns[name] = value


def session(name=None):
    """The session that `%quern` uses, or the one of a connection's name: for Python beside the magics. Raises
    RuntimeError where `%load_ext quern` was not run."""
    from IPython import get_ipython

    shell = get_ipython()
    magics = None if shell is None else shell.magics_manager.registry.get(QuernMagics.__name__)
    if magics is None:
        raise RuntimeError("%load_ext quern comes first")
    return magics.connections.get(name)


def register(shell):
    """%load_ext quern"""
    magics = QuernMagics(shell)
    shell.register_magics(magics)
    _cells.install(shell, magics.connections)
