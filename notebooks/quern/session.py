"""A session on one database: scripts, rows, settings, models. What takes long runs without Python's lock, in a
thread of its own, so that Ctrl-C stops it within a moment and leaves the session usable."""

import ctypes
import json
import threading
from ctypes import byref, c_void_p
from contextlib import contextmanager
from typing import NamedTuple

from quern import _arrow, _editor, _load, _parameters, _run
from quern._library import END, Summary, check, encoded, library, take_problems, text_of
from quern.errors import Error
from quern.tables import Table


def connect(uri="", threads=None, code_cache=None):
    """Opens a session: "duckdb:file", "duckdb::memory:", "sqlite:file", "postgresql://...", "mysql://..."; "": the
    default database, quern.duckdb in the current folder.

    \\param threads     of the database and of trainings; None: their own defaults.
    \\param code_cache  a folder for code that long predictions compile; None: none is kept.
    Raises Error."""
    return Session(uri, threads, code_cache)


@contextmanager
def _options(**values):
    lib = library()
    handle = c_void_p(lib.quern_options_new())
    try:
        for name, value in values.items():
            if value is None or value is False:
                continue
            text = "true" if value is True else str(value)
            check("quern_options_set", handle, name.encode(), encoded(text))
        yield handle
    finally:
        lib.quern_options_free(handle)


class Compiled(NamedTuple):
    message: str  # "returns 2 columns: a INTEGER, b VARCHAR", "trains flowers: ..."
    plan: dict  # what EXPLAIN (FORMAT JSON) gives; None of plain SQL
    fields: tuple  # of its rows; None where it returns none


class Session:
    """See connect(). Threads: one at a time, which is checked; cancel() any."""

    def __init__(self, uri="", threads=None, code_cache=None):
        self.uri = uri
        self._handle = c_void_p()
        self._use = {}  # "owner": the thread that uses it
        with _options(threads=threads, code_cache=code_cache) as options:
            uri = encoded(uri, "a URI")
            _run.wait_for(lambda: check("quern_open", uri, options, byref(self._handle)), lambda: None)

    def close(self):
        """Ends the session. Tables that it gave stay; streams end in an error."""
        handle, self._handle = self._handle, c_void_p()
        if handle:
            library().quern_close(handle)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __del__(self):
        if getattr(self, "_handle", None):
            self.close()

    @contextmanager
    def _own(self):
        """Keeps other threads out while the library works for this one."""
        if not self._handle:
            raise ValueError("the session is closed")
        me = threading.get_ident()
        if self._use.setdefault("owner", me) != me:
            raise RuntimeError("another thread or a running statement uses the session; each thread needs its own")
        try:
            yield self._handle
        finally:
            self._use.pop("owner", None)

    def _looking(self, look):
        """What is called while a statement runs must not use the session."""
        def call():
            me, self._use["owner"] = self._use["owner"], None
            try:
                look()
            finally:
                self._use["owner"] = me
        return call if look else None

    def cancel(self):
        """Stops what runs; it fails with Q4001. Threads: any."""
        if self._handle:
            library().quern_cancel(self._handle)

    # ---------------------------------------------------------------- statements
    def execute(self, script, parameters=None, *, keep_going=False, dry_run=False, name=None, progress=None,
                on_event=None):
        """Runs the statements of a script, one after another, and gives their Result.

        \\param parameters  a list or tuple for `?` and `$1`, all of which must be used; a dict for `:name`.
        \\param keep_going  later statements run after a failed one.
        \\param dry_run     every statement is checked and described, none is run.
        \\param name        of the script in messages; files of \\i are looked for beside it.
        \\param progress    called now and then, in this thread, with a Progress.
        \\param on_event    called in the thread that runs, with "statement" or "done" and an Outcome, "problem" and a
            Problem, "echo" and words; must return at once.
        Raises Error, whose `result` is what ran before; KeyboardInterrupt, after the statement was stopped."""
        listener = _run.Listener(self.cancel)
        listener.on_event = on_event
        seen = None

        def look():
            nonlocal seen
            newest = listener.progress
            if newest is not None and newest is not seen:
                seen = newest
                progress(newest)

        how = {"keep_going": keep_going, "dry_run": dry_run, "name": name}
        return self._heard(script, parameters, how, listener, look if progress else None)

    def _heard(self, script, parameters, how, listener, look):
        text = encoded(script, "a script")
        with self._own() as handle, _parameters.handle_of(parameters) as values, _options(**how) as options:
            callbacks, summary, problems = listener.callbacks(), Summary(ctypes.sizeof(Summary)), c_void_p()

            def call():
                return library().quern_run(handle, text, len(text), values, options, byref(callbacks), byref(summary),
                                           byref(problems))

            try:
                status = _run.wait_for(call, self.cancel, self._looking(look))
            finally:
                heard = take_problems(problems)
        if listener.error is not None:
            raise listener.error
        if status:
            raise Error(heard, listener.result)
        return listener.result

    def query(self, statement, parameters=None):
        """Runs one statement, or several, and gives the rows of the last one that returned any, as a Table; one
        without columns where none did. Raises as execute() does."""
        table = self.execute(statement, parameters).table
        return Table((), ()) if table is None else table

    def stream(self, statement, parameters=None):
        """Runs one statement whose rows are fetched batch by batch, so that memory stays flat: a Stream. The next
        statement of the session ends it. Raises Error."""
        return Stream(self, statement, parameters)

    def compile(self, statement, parameters=None):
        """What one statement would do; nothing is run: Compiled. Raises Error."""
        text, handle, schema = encoded(statement, "a statement"), c_void_p(), _arrow.ArrowSchema()
        lib = library()
        with self._own() as own, _parameters.handle_of(parameters) as values:
            call = lambda: check("quern_compile", own, text, len(text), values, byref(handle))  # noqa: E731
            _run.wait_for(call, self.cancel)
        try:
            rows = check("quern_compiled_schema", handle, byref(schema)) != END
            plan = text_of(lib.quern_compiled_plan(handle))
            return Compiled(text_of(lib.quern_compiled_message(handle)), json.loads(plan) if plan else None,
                            _arrow.take_schema(schema) if rows else None)
        finally:
            lib.quern_compiled_free(handle)

    # ---------------------------------------------------------------- the rest
    @property
    def engine(self):
        """The database in words: "DuckDB 1.4.4"."""
        with self._own() as handle:
            return text_of(library().quern_engine(handle))

    def needs_more_input(self, text):
        """True where a text ends inside a statement."""
        data = encoded(text)
        with self._own() as handle:
            return bool(library().quern_needs_more_input(handle, data, len(data)))

    def complete(self, text, cursor=None):
        """What could be written at a cursor (None: the end): (begin, end, candidates) of text[begin:end]; a candidate
        has `text`, `kind` and `doc`. Raises Error."""
        return _editor.complete(self, text, len(text) if cursor is None else cursor)

    def inspect(self, text, cursor=None):
        """(title, lines) of what the word at a cursor means; ("", "") where there is nothing to say. Raises Error."""
        return _editor.inspect(self, text, len(text) if cursor is None else cursor)

    def set_variable(self, name, value):
        """Gives `:name`, `:'name'` and `:"name"` a value, a text, in the statements to come. Raises Error."""
        with self._own() as handle:
            check("quern_set_variable", handle, encoded(name), encoded(value))

    def set(self, name, value):
        """`SET quern.<name> = <value>`: "threads", "kernel", "fetch_connections", "model_store", "allow_torchscript". Raises Error."""
        with self._own() as handle:
            check("quern_set", handle, encoded(name), encoded(str(value)))

    def get(self, name):
        """What a setting is, as set() takes it. Raises Error."""
        value = ctypes.c_char_p()
        with self._own() as handle:
            check("quern_setting", handle, encoded(name), byref(value))
            return text_of(value.value)

    def register(self, name, data):
        """Makes a temporary table of a DataFrame, a dict of columns, a list of dicts or a Table, in place of one
        that this session made under the name before. Raises Error; ValueError for data without columns."""
        _load.load(self, name, data)

    def model(self, name):
        """A stored model, read into memory: "m", "schema.m@2". Raises Error."""
        from quern.models import Model

        with self._own() as handle:
            return Model._opened(lambda out: check("quern_model_open", handle, encoded(name), out))

    def __repr__(self):
        from quern.html import visible

        return f"<Session {visible(masked(self.uri)) or 'on the default database'}>"


def masked(uri):
    """A URI without its password."""
    scheme, mark, rest = uri.partition("://")
    account, at, place = rest.rpartition("@")
    user = account.split(":")[0]
    return f"{scheme}{mark}{user}{':***' if ':' in account else ''}{at}{place}" if mark and at else uri


class Stream:
    """Rows on their way: iterate over it for Tables of one batch each, or hand it to whoever takes Arrow streams
    (polars, DuckDB's package, pyarrow; to_arrow() for one that knows no streams). Close it, or leave its `with` block, to
    stop the statement."""

    def __init__(self, session, statement, parameters):
        self._session = session
        self._rows = c_void_p()
        text = encoded(statement, "a statement")
        schema = _arrow.ArrowSchema()
        with session._own() as handle, _parameters.handle_of(parameters) as values:
            check("quern_query", handle, text, len(text), values, byref(self._rows))
            _run.wait_for(lambda: check("quern_rows_schema", self._rows, byref(schema)), session.cancel)
        self.fields = _arrow.take_schema(schema)

    @property
    def names(self):
        return [field.name for field in self.fields]

    def __iter__(self):
        return self

    def __next__(self):
        """The next batch as a Table. Raises StopIteration; Error where the statement failed."""
        if not self._rows:
            raise StopIteration
        array = _arrow.ArrowArray()
        with self._session._own():
            status = _run.wait_for(lambda: check("quern_rows_next", self._rows, byref(array)), self._session.cancel)
        if status == END:
            self.close()
            raise StopIteration
        return Table(self.fields, [_arrow.Held(array)])

    def to_arrow(self):
        """A pyarrow.RecordBatchReader of the rows that were not fetched yet."""
        import pyarrow

        if not self._rows:
            raise ValueError("the stream has ended")
        stream = _arrow.new_stream()
        check("quern_rows_stream", self._rows, byref(stream))
        return pyarrow.RecordBatchReader._import_from_c(ctypes.addressof(stream))

    def __arrow_c_stream__(self, requested_schema=None):
        """Arrow's PyCapsule interface. The stream takes the rows that were not fetched yet."""
        if not self._rows:
            raise ValueError("the stream has ended")
        stream = _arrow.new_stream()
        check("quern_rows_stream", self._rows, byref(stream))
        return _arrow.stream_capsule(stream)

    def close(self):
        """Stops the statement, unless an Arrow stream still has it."""
        rows, self._rows = self._rows, c_void_p()
        if rows:
            library().quern_rows_free(rows)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __del__(self):
        if getattr(self, "_rows", None):
            self.close()
