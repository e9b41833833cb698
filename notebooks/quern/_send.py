"""Columns as an Arrow struct, for calls that only read it: it lives as long as what struct_of() gives with it."""

import ctypes
from array import array as numbers
from ctypes import POINTER, c_void_p, cast, pointer

from quern._arrow import Field
from quern._library import ArrowArray

_FORMATS = {"boolean": "b", "integer": "l", "number": "g", "decimal": "g", "text": "u", "blob": "z", "date": "tdD",
            "timestamp": "tsu:", "time": "ttu", "list": "+l"}


def _bitmap(flags):
    out = bytearray((len(flags) + 7) // 8 or 1)
    for i, flag in enumerate(flags):
        if flag:
            out[i >> 3] |= 1 << (i & 7)
    return bytes(out)


def _fixed(column):
    from quern.models import number_of

    if column.kind == "boolean":
        return _bitmap([bool(v) for v in column.values])
    if column.kind in ("number", "decimal"):
        return numbers("d", [0.0 if v is None else float(v) for v in column.values]).tobytes()
    if column.kind == "integer":
        return numbers("q", [0 if v is None else v for v in column.values]).tobytes()
    factor = 1_000_000 if column.kind == "time" else 1
    whole = [0 if v is None else round(number_of(v) * factor) for v in column.values]
    return numbers("i" if column.kind == "date" else "q", whole).tobytes()


def _offsets(lengths):
    ends = [0]
    for length in lengths:
        ends.append(ends[-1] + length)
    if ends[-1] >= 2**31:
        raise ValueError("a column of 2 GiB or more; score the rows in parts")
    return numbers("i", ends).tobytes()


class _Builder:
    """Keeps what the arrays point at."""

    def __init__(self):
        self.kept = []

    def _buffer(self, data):
        self.kept.append(data)
        return cast(ctypes.c_char_p(data), c_void_p).value

    def array(self, rows, buffers, children=()):
        out = ArrowArray(length=rows, n_buffers=len(buffers), n_children=len(children))
        places = (c_void_p * len(buffers))(*(None if b is None else self._buffer(b) for b in buffers))
        pointers = (POINTER(ArrowArray) * len(children))(*(pointer(child) for child in children))
        out.buffers = cast(places, POINTER(c_void_p))
        out.children = cast(pointers, POINTER(POINTER(ArrowArray)))
        self.kept += [places, pointers, *children]
        return out

    def column(self, column):
        """(field, array)"""
        from quern._columns import columns_of

        values = column.values
        gone = sum(v is None for v in values)
        valid = _bitmap([v is not None for v in values]) if gone else None
        children, inner = (), ()
        if column.kind in ("text", "blob"):
            data = [b"" if v is None else v.encode("utf-8", "surrogateescape") if isinstance(v, str) else v
                    for v in values]
            buffers = [valid, _offsets(map(len, data)), b"".join(data)]
        elif column.kind == "list":
            buffers = [valid, _offsets(0 if v is None else len(v) for v in values)]
            items = [float(i) if i is not None else None for v in values if v is not None for i in v]
            field, child = self.column(columns_of({"item": items})[0]._replace(kind="number"))
            children, inner = (child,), (field,)
        else:
            buffers = [valid, _fixed(column)]
        out = self.array(len(values), buffers, children)
        out.null_count = gone
        return Field(column.name, _FORMATS[column.kind], "", inner), out


def struct_of(columns):
    """(fields, array, what it lives by)"""
    builder = _Builder()
    made = [builder.column(column) for column in columns]
    rows = len(columns[0].values) if columns else 0
    array = builder.array(rows, [None], [child for _, child in made])
    return tuple(field for field, _ in made), array, builder
