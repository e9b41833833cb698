"""Rows of a statement, in columns: a table that gives them to Python, numpy, pandas and Arrow, and shows itself
in a notebook."""

from quern import _arrow, _values, html

SHOWN_ROWS = 20  # by a table that is shown: the first ones; see Table.shown


class Table:
    """Rows in columns, held as the library gave them. Immutable.

    `len(table)` counts rows; iterating gives tuples; `table["name"]` is a column."""

    def __init__(self, fields, batches, bars=-1):
        self.fields = tuple(fields)
        self._batches = list(batches)
        self._bars = bars
        self.shown = SHOWN_ROWS  # how many rows a notebook shows

    @property
    def names(self):
        """Of the columns; two may be alike."""
        return [field.name for field in self.fields]

    @property
    def types(self):
        """The database's words for the columns' types."""
        return [field.type for field in self.fields]

    def __len__(self):
        return sum(batch.rows for batch in self._batches)

    def __bool__(self):
        return True  # a table without rows is a table

    def _index(self, column):
        if isinstance(column, int):
            return range(len(self.fields))[column]
        places = [i for i, field in enumerate(self.fields) if field.name == column]
        if len(places) != 1:
            found = "no column is" if not places else f"{len(places)} columns are"
            raise KeyError(f"{found} called {column!r}; there are {', '.join(map(repr, self.names))}")
        return places[0]

    def _arrays(self, index):
        return [(batch.column(index), batch) for batch in self._batches]

    # ---------------------------------------------------------------- Python
    def column(self, column):
        """A column as a list, by name or number; NULL is None."""
        index = self._index(column)
        out = []
        for array, _ in self._arrays(index):
            out += _values.values(array, self.fields[index])
        return out

    def rows(self, most=None):
        """Rows as a list of tuples, all of them or the first ones."""
        out = []
        for batch in self._batches:
            if most is not None and len(out) >= most:
                break
            columns = [_values.values(batch.column(i), field) for i, field in enumerate(self.fields)]
            out += zip(*columns) if columns else [()] * batch.rows
        return out if most is None else out[:most]

    def __iter__(self):
        return iter(self.rows())

    def dicts(self):
        """Rows as a list of dicts. Raises ValueError where two columns have one name."""
        names = self.names
        if len(set(names)) != len(names):
            raise ValueError(f"columns of one name cannot be keys of a dict: {', '.join(names)}; use rows()")
        return [dict(zip(names, row)) for row in self.rows()]

    def scalar(self):
        """The value of a table of one row and one column. Raises ValueError where it is another."""
        if len(self) != 1 or len(self.fields) != 1:
            raise ValueError(f"{len(self)} rows of {len(self.fields)} columns are no single value")
        return self.rows()[0][0]

    # ---------------------------------------------------------------- numpy, pandas, Arrow
    def __getitem__(self, column):
        """A column as a numpy array, or as a list where there is no numpy."""
        try:
            from quern import _numpy
        except ImportError:
            return self.column(column)
        index = self._index(column)
        return _numpy.column(self._arrays(index), self.fields[index])

    def to_numpy(self):
        """Columns by name, as arrays: NULL is NaN in floats, NaT in dates and times, None among objects (texts,
        blobs, lists, intervals), and masked in whole numbers and booleans. DECIMAL is the nearest float64. Arrays
        may be read-only views of the library's memory, which they keep."""
        from quern import _numpy

        return {field.name: _numpy.column(self._arrays(i), field) for i, field in enumerate(self.fields)}

    def to_dataframe(self):
        """A pandas DataFrame. Whole numbers and booleans with NULLs have pandas' nullable types; the rest is as
        to_numpy() has it."""
        from quern import _numpy

        columns = [_numpy.series(self._arrays(i), field) for i, field in enumerate(self.fields)]
        return _numpy.frame(columns, self.names)

    def to_arrow(self):
        """A pyarrow.Table that shares our memory."""
        import pyarrow

        schema = _arrow.ArrowSchema()
        _arrow.lend_schema(_arrow.Field("", "+s", "", self.fields), schema, nullable=False)
        schema = pyarrow.Schema._import_from_c(_arrow.ctypes.addressof(schema))
        batches = []
        for held in self._batches:
            array = _arrow.ArrowArray()
            _arrow.lend_array(held.array, held, array)
            batches.append(pyarrow.RecordBatch._import_from_c(_arrow.ctypes.addressof(array), schema))
        return pyarrow.Table.from_batches(batches, schema)

    def __arrow_c_stream__(self, requested_schema=None):
        """Arrow's PyCapsule interface: polars, pyarrow and DuckDB's package take a table as it is."""
        stream = _arrow.new_stream()
        _arrow.lend_stream(self.fields, self._batches, stream)
        return _arrow.stream_capsule(stream)

    # ---------------------------------------------------------------- shown
    def __repr__(self):
        return html.text_table(self, self.shown)

    def _repr_html_(self):
        return html.table(self, self.shown)

    @property
    def bars(self):
        """The column that is worth bars beside its rows; None: none."""
        return self._bars if self._bars >= 0 else None
