"""Models in memory: rows scored one at a time or in columns, without a database."""

import ctypes
import datetime
from ctypes import byref, c_float, c_void_p

from quern import _arrow
from quern._columns import columns_of
from quern._library import (VALUE_LIST, VALUE_NUMBER, VALUE_TEXT, Value, check, encoded, library, text_of)
from quern._send import struct_of
from quern.tables import Table

_EPOCH = datetime.datetime(1970, 1, 1)


class Model:
    """A model of a session's store (Session.model()) or of a file of EXPORT MODEL or of XGBoost (Model.load()).
    Threads: any, at the same time."""

    def __init__(self, handle):
        lib = library()
        self._handle = handle
        count = lib.quern_model_columns(handle)
        self.columns = [text_of(lib.quern_model_column_name(handle, i)) for i in range(count)]
        self.kinds = [text_of(lib.quern_model_column_kind(handle, i)) for i in range(count)]
        names = (lib.quern_model_class_name(handle, i) for i in range(lib.quern_model_classes(handle)))
        self.classes = [text_of(name) for name in names]  # empty: it predicts a number

    @classmethod
    def _opened(cls, opening):
        handle = c_void_p()
        opening(byref(handle))
        return cls(handle)

    @classmethod
    def load(cls, path):
        """Reads a file. Raises Error."""
        return cls._opened(lambda out: check("quern_model_from_file", encoded(str(path), "a path"), out))

    def __del__(self):
        handle, self._handle = getattr(self, "_handle", None), None
        if handle:
            library().quern_model_free(handle)

    def __repr__(self):
        what = f"{len(self.classes)} classes" if self.classes else "a number"
        return f"<Model of {', '.join(self.columns)}: {what}>"

    # ---------------------------------------------------------------- rows
    def _outputs(self, row):
        """\\param row  a dict of all columns, or their values in order."""
        if isinstance(row, dict):
            missing = [name for name in self.columns if name not in row]
            if missing:
                raise KeyError(f"the row has no {', '.join(missing)}; NULL is None")
            row = [row[name] for name in self.columns]
        kept = []
        values = (Value * len(row))(*(_value(v, kept) for v in row))
        out = (c_float * library().quern_model_outputs(self._handle))()
        check("quern_model_predict_row", self._handle, values, len(row), out, len(out))
        return out

    def predict_row(self, row):
        """The number, or the class as text, that TO PREDICT gives. \\param row  a dict with all columns of the model
        (others are left alone), or a list of values in their order; None is NULL. Raises Error, KeyError."""
        out = self._outputs(row)
        if not self.classes:
            return out[0]
        return self.classes[library().quern_model_class_of(self._handle, out, len(out))]

    def probabilities(self, row):
        """The probability of each class. Raises ValueError for a model of numbers; as predict_row() does."""
        if not self.classes:
            raise ValueError("the model predicts a number: it has no classes")
        return dict(zip(self.classes, self._outputs(row)))

    # ---------------------------------------------------------------- columns
    def predict(self, data):
        """Scores a DataFrame, a dict of columns, a list of dicts or a Table, whose columns are found by name: a Table
        of `predicted` and, of a model of classes, `probability_<class>` for each. Raises Error."""
        if isinstance(data, Table) and len(data):
            parts = [self._scored(data.fields, held.array) for held in data._batches]
            return Table(parts[0][0], [held for _, held in parts])
        columns = [self._suited(c) for c in columns_of(data) if c.name in self.columns]
        fields, array, kept = struct_of(columns)
        out_fields, held = self._scored(fields, array)
        del kept  # until here the library read it
        return Table(out_fields, [held])

    def _suited(self, column):
        """A column without a value has no kind of its own: that of the model, then."""
        if any(value is not None for value in column.values):
            return column
        words = self.kinds[self.columns.index(column.name)]
        kind = next((k for k in ("text", "boolean", "list", "date", "timestamp", "time") if words.startswith(k)), "number")
        return column._replace(kind=kind)

    def _scored(self, fields, array):
        schema, out_schema, out = _arrow.ArrowSchema(), _arrow.ArrowSchema(), _arrow.ArrowArray()
        _arrow.lend_schema(_arrow.Field("", "+s", "", fields), schema, nullable=False)
        try:
            check("quern_model_predict", self._handle, byref(schema), byref(array), byref(out_schema), byref(out))
        finally:
            schema.release(byref(schema))
        return _arrow.take_schema(out_schema), _arrow.Held(out)


def _value(value, kept):
    """A value for C; what it points at goes to `kept`."""
    value = getattr(value, "item", lambda: value)() if getattr(value, "shape", None) == () else value
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return Value()
    if isinstance(value, (str, bytes)):
        data = encoded(value)
        kept.append(data)
        return Value(VALUE_TEXT, 0, 0.0, ctypes.cast(ctypes.c_char_p(data), c_void_p), len(data))
    if isinstance(value, (list, tuple)) or hasattr(value, "__array__"):
        numbers = (ctypes.c_double * len(value))(*value)
        kept.append(numbers)
        return Value(VALUE_LIST, 0, 0.0, ctypes.cast(numbers, c_void_p), len(numbers))
    return Value(VALUE_NUMBER, 0, number_of(value), None, 0)


def number_of(value):
    """Dates as days, timestamps as microseconds since 1970, times in seconds."""
    if isinstance(value, datetime.datetime):
        moment = value.astimezone(datetime.timezone.utc).replace(tzinfo=None) if value.tzinfo else value
        return (moment - _EPOCH) // datetime.timedelta(microseconds=1)
    if isinstance(value, datetime.date):
        return value.toordinal() - _EPOCH.toordinal()
    if isinstance(value, datetime.time):
        return value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6
    return float(value)
