"""Columns as numpy arrays and pandas DataFrames. Numbers, dates and timestamps are views of the library's memory
where a column came in one batch, else one copy; nothing is made of single values but texts and lists."""

import numpy as np

from quern import _texts as _column_of_texts
from quern import _values

_DTYPES = {"c": "i1", "s": "i2", "i": "i4", "l": "i8", "C": "u1", "S": "u2", "I": "u4", "L": "u8", "f": "f4",
           "g": "f8", "tdD": "M8[D]", "ttu": "m8[us]", "tsu:": "M8[us]", "tsn:": "M8[ns]", "tsu:UTC": "M8[us]"}
_INFINITE_DAY = 2**31 - 1


class _Memory:
    """A buffer for numpy that keeps what it belongs to alive."""

    def __init__(self, address, count, dtype, owner):
        self.owner = owner
        self.__array_interface__ = {"version": 3, "shape": (count,), "typestr": np.dtype(dtype).str,
                                    "data": (address, True)}


def _view(array, index, dtype, count, owner):
    if count == 0:
        return np.empty(0, dtype)
    return np.asarray(_Memory(array.buffers[index], count, dtype, owner))


def _bits(array, index, owner):
    end = array.offset + array.length
    packed = _view(array, index, "u1", (end + 7) // 8, owner)
    return np.unpackbits(packed, count=end, bitorder="little")[array.offset:].view(bool)


def nulls(array, owner):
    """True where a value is NULL; None where none is."""
    if array.null_count == 0 or not array.buffers[0]:
        return None
    return ~_bits(array, 0, owner)


def joined(parts, empty):
    if len(parts) == 1:
        return parts[0]
    return np.concatenate(parts) if parts else empty


def _joined_nulls(arrays):
    masks = [(nulls(array, owner), array.length) for array, owner in arrays]
    if all(mask is None for mask, _ in masks):
        return None
    return np.concatenate([np.zeros(length, bool) if mask is None else mask for mask, length in masks])


def plain(arrays, field):
    """(values, mask of the nulls or None); what a null's value is, means nothing.

    \\param arrays  pairs of an ArrowArray and what holds it."""
    format = field.format
    mask = _joined_nulls(arrays)
    if format == "b":
        return joined([_bits(a, 1, owner) for a, owner in arrays], np.empty(0, bool)), mask
    if format == "tdD":
        days = joined([_view(a, 1, "i4", a.offset + a.length, owner)[a.offset:] for a, owner in arrays],
                      np.empty(0, "i4"))
        return _dates(days, mask)
    if format in _DTYPES:
        dtype = _DTYPES[format]
        out = joined([_view(a, 1, dtype, a.offset + a.length, owner)[a.offset:] for a, owner in arrays],
                     np.empty(0, dtype))
        return out, mask
    if format.startswith("d:") and _values.is_whole(field):
        return _wholes(arrays, field), mask
    if format.startswith("d:"):
        return _decimals(arrays, int(format.split(",")[1])), mask
    if format == "u" and _values.number_of(field.type) is None:
        return _texts(arrays, mask), mask
    return _objects(arrays, field), mask


def _dates(days, mask):
    """Days as numpy counts them; infinite ones have no place there and are NaT."""
    out = days.astype("i8").view("M8[D]")
    infinite = np.abs(days.astype("i8")) >= _INFINITE_DAY
    if mask is not None:
        infinite |= mask
    if infinite.any():
        out[infinite] = np.datetime64("NaT")
    return out, mask


def _words(array, owner):
    """128-bit numbers: (the lower 64 bits, the upper ones)"""
    words = _view(array, 1, "u8", 2 * (array.offset + array.length), owner)[2 * array.offset:]
    return words[0::2].view("i8"), words[1::2].view("i8")


def _wholes(arrays, field):
    """int64 where all of them fit, else Python's integers."""
    parts = []
    for array, owner in arrays:
        low, high = _words(array, owner)
        known = nulls(array, owner)
        fits = high == low >> 63
        if not (fits if known is None else fits | known).all():
            return _objects(arrays, field)
        parts.append(np.ascontiguousarray(low))
    return joined(parts, np.empty(0, "i8"))


def _decimals(arrays, scale):
    """The nearest float64 of each: 128-bit numbers are no type of numpy's."""
    parts = []
    for array, owner in arrays:
        signed, high = _words(array, owner)
        # Both sides of the division are exact then, so that its result is the nearest number.
        exact = (high == signed >> 63) & (np.abs(signed) <= 2**53) & (scale <= 22)
        part = signed / 10.0**min(scale, 22)
        for i in np.flatnonzero(~exact):
            part[i] = float(_exact(int(high[i]) * 2**64 + int(signed[i]) % 2**64, scale))
        parts.append(part)
    return joined(parts, np.empty(0, "f8"))


def _exact(number, scale):
    return _values.decimal.Decimal(number).scaleb(-scale, _values.decimal.Context(prec=60))


def _texts(arrays, mask):
    parts = []
    for array, owner in arrays:
        ends = _view(array, 1, "i4", array.offset + array.length + 1, owner)[array.offset:].astype("i8")
        data = _view(array, 2, "u1", int(ends[-1]), owner)[ends[0]:]
        parts.append((data, ends - ends[0]))
    out = _column_of_texts.texts(parts)
    if mask is not None:
        out[mask] = None
    return out


def _objects(arrays, field):
    """Texts, blobs, lists and intervals: Python's own values, None for NULL."""
    texts = []
    for array, _owner in arrays:
        texts += _values.values(array, field)
    out = np.empty(len(texts), object)
    out[:] = texts
    return out


def column(arrays, field):
    """One array: NULL is NaN in floats, NaT in dates and times, None among objects; whole numbers and booleans
    with NULLs are a masked array."""
    out, mask = plain(arrays, field)
    if mask is None or out.dtype.kind == "O":
        return out
    if out.dtype.kind in "iub":
        return np.ma.MaskedArray(out, mask)
    if not out.flags.writeable:
        out = out.copy()
    out[mask] = np.nan if out.dtype.kind == "f" else np.array("NaT", out.dtype)
    return out


def series(arrays, field):
    """What pandas makes a column of: its nullable types where whole numbers or booleans have NULLs."""
    import pandas as pd

    out = column(arrays, field)
    if isinstance(out, np.ma.MaskedArray):
        kind = pd.arrays.BooleanArray if out.dtype.kind == "b" else pd.arrays.IntegerArray
        return kind(np.array(out.data), np.array(out.mask))
    if out.dtype.kind in "mM":
        return _in_pandas(out, field.format.endswith("UTC"))
    return out


def _in_pandas(out, utc):
    """pandas counts nanoseconds: what is beyond its years 1677 to 2262 stays Python's values."""
    import pandas as pd

    known = out[~np.isnat(out)] if out.dtype.kind == "M" else out[:0]
    if known.size and (known.min() < np.datetime64("1678-01-01") or known.max() >= np.datetime64("2262-01-01")):
        return out.astype(object)
    nanos = out.astype(out.dtype.str[1] + "8[ns]")
    if out.dtype.kind == "m":
        return pd.Series(nanos)
    return pd.Series(nanos).dt.tz_localize("UTC") if utc else pd.Series(nanos)


def frame(columns, names):
    """A DataFrame; columns of the same name are allowed."""
    import pandas as pd

    out = pd.DataFrame(dict(enumerate(columns)), copy=False)
    out.columns = names
    return out
