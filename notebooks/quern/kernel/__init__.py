"""The kernel `quern`: cells of SQL, with completion, documentation on Shift-Tab, interruption and history. Lines that
begin with `%quern` choose connections and settings, as in IPython."""

import re
import signal
import threading

from ipykernel.kernelbase import Kernel

import quern
from quern import _editor, _line, _show, html
from quern.errors import Error
from quern.kernel.history import History

_LINE = re.compile(r"\s*(?:%{1,2}quern\b|\\c(?:onnect)?(?=\s))[ \t]*([^\n]*)(?:\n|\Z)")


def lines_and_script(code):
    """What stands behind `%quern` in the first lines, and the statements below them."""
    lines = []
    while (found := _LINE.match(code)) is not None:
        lines.append(found.group(1).strip())
        code = code[found.end():]
    return lines, code


def _deaf():
    """Once a cell has ended there is nothing to interrupt: a signal that comes late must not strike the answer.
    ipykernel listens again when the next request comes."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)


class _Outputs(_show.Screen):
    """The messages by which a kernel shows something."""

    def __init__(self, kernel, silent):
        self._kernel, self._silent = kernel, silent
        self._id = None

    def _send(self, kind, bundle, transient):
        if not self._silent:
            content = {"data": bundle, "metadata": {}, "transient": transient}
            self._kernel.send_response(self._kernel.iopub_socket, kind, content)

    def emit(self, bundle):
        self._send("display_data", bundle, {})

    def line(self, bundle):
        kind = "display_data" if self._id is None else "update_display_data"
        if self._id is None:
            self._id = f"quern-{self._kernel.execution_count}"
        self._send(kind, bundle or _show.bundle("", " "), {"display_id": self._id})


class QuernKernel(Kernel):
    implementation = "quern"
    implementation_version = quern.__version__
    language_info = {"name": "sql", "mimetype": "text/x-sql", "file_extension": ".sql", "pygments_lexer": "sql",
                     "codemirror_mode": "sql"}
    banner = "Quern: SQL that trains, predicts and explains, on your own database. %quern --help tells more."

    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.connections = _line.Connections()
        self.settings = _show.Settings()
        self.history = History()

    # ---------------------------------------------------------------- execution
    def do_execute(self, code, silent, store_history=True, user_expressions=None, allow_stdin=False):
        try:
            return self._answer(code, silent, store_history)
        finally:
            _deaf()

    def _answer(self, code, silent, store_history):
        screen = _Outputs(self, silent)
        if store_history and not silent:
            self.history.add(code)
        try:
            self._execute(code, screen)
        except Error as why:
            return self._failed(why.code or "Error", why.problems[0].message if why.problems else str(why),
                                _show.coloured(str(why)), silent)
        except KeyboardInterrupt:
            return self._failed("KeyboardInterrupt", "the statement was stopped", ["interrupted: the statement was "
                                "stopped; the session goes on"], silent)
        except Exception as why:  # a fault of the line's or of ours: the kernel lives on
            return self._failed(type(why).__name__, str(why), [f"{type(why).__name__}: {html.visible(str(why), True)}"],
                                silent)
        return {"status": "ok", "execution_count": self.execution_count, "payload": [], "user_expressions": {}}

    def _execute(self, code, screen):
        lines, script = lines_and_script(code)
        how, session, settings = {}, None, self.settings
        for text in lines:
            line = _line.Line(text)
            if line.name or line.options.keys() & {"--register", "--format"}:
                raise _line.Usage("the kernel has no Python variables: use %load_ext quern in a notebook of Python")
            words = _line.manage(line, self.connections, self.settings, None)
            if words or not (text or script.strip()):
                screen.emit(_show.of_lines(words or f"{self.connections.described()}\n{self.settings}\n{_line.HELP}"))
            how = {"keep_going": "--keep-going" in line.flags, "dry_run": "--dry-run" in line.flags}
            if "--connection" in line.options:
                session = self.connections.get(line.options["--connection"])
            settings = self._for_this_cell(settings, line)
            script = f"{line.rest}\n{script}" if line.rest else script
        if script.strip():
            _show.run(session or self.connections.get(), script, None, how, settings, screen)

    @staticmethod
    def _for_this_cell(settings, line):
        if "--rows" not in line.options:
            return settings
        out = _show.Settings()
        out.__dict__.update(settings.__dict__)
        out.change("rows", line.options["--rows"])
        return out

    def _failed(self, name, value, lines, silent):
        content = {"ename": name, "evalue": html.visible(value, lines=True), "traceback": lines}
        if not silent:
            self.send_response(self.iopub_socket, "error", content)
        return {"status": "error", "execution_count": self.execution_count, **content}

    # ---------------------------------------------------------------- editing
    def _with_session(self, code, cursor, ask, nothing):
        """Asks about the statements of a cell; what went wrong is no news while somebody types."""
        lines, script = lines_and_script(code)
        shift = len(code) - len(script)
        if cursor < shift:
            return nothing
        try:
            return ask(self.connections.get(), script, cursor - shift, shift)
        except (Error, ValueError, OSError, ImportError):
            return nothing

    def do_complete(self, code, cursor_pos):
        nothing = {"matches": [], "cursor_start": cursor_pos, "cursor_end": cursor_pos, "metadata": {}, "status": "ok"}

        def ask(session, script, cursor, shift):
            begin, end, candidates = _editor.complete(session, script, cursor)
            begin, end = begin + shift, end + shift
            kinds = [{"start": begin, "end": end, "text": c.text, "type": c.kind, "signature": c.doc} for c in candidates]
            return {"matches": [c.text for c in candidates], "cursor_start": begin, "cursor_end": end,
                    "metadata": {"_jupyter_types_experimental": kinds}, "status": "ok"}

        return self._with_session(code, cursor_pos, ask, nothing)

    def do_inspect(self, code, cursor_pos, detail_level=0, omit_sections=()):
        nothing = {"status": "ok", "found": False, "data": {}, "metadata": {}}

        def ask(session, script, cursor, _shift):
            title, text = _editor.inspect(session, script, cursor)
            if not title:
                return nothing
            page = f"<b>{html.escaped(title)}</b><pre>{html.escaped(text, lines=True)}</pre>"
            return {"status": "ok", "found": True, "metadata": {},
                    "data": _show.bundle(f"{title}\n\n{html.visible(text, lines=True)}", html.boxed(page))}

        return self._with_session(code, cursor_pos, ask, nothing)

    def do_is_complete(self, code):
        _, script = lines_and_script(code)
        if not script.strip() or re.match(r"\s*\\", script):
            return {"status": "complete"}
        try:
            more = self.connections.get().needs_more_input(script)
        except (Error, ValueError, OSError, ImportError):
            return {"status": "unknown"}
        return {"status": "incomplete", "indent": ""} if more else {"status": "complete"}

    def do_history(self, hist_access_type, output, raw, session=None, start=None, stop=None, n=None, pattern=None,
                   unique=False):
        found = self.history.find(hist_access_type, start, stop, n, pattern, unique)
        return {"status": "ok", "history": [(s, i, (code, None) if output else code) for s, i, code in found]}

    def do_shutdown(self, restart):
        self.connections.close_all()
        return {"status": "ok", "restart": restart}
