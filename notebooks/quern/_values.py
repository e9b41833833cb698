"""Columns as Python values, with nothing but the standard library: NULL is None, numbers are int and float,
DECIMAL is decimal.Decimal, dates and times are those of datetime."""

import ctypes
import datetime
import decimal
from typing import NamedTuple

_CODES = {"c": "b", "C": "B", "s": "h", "S": "H", "i": "i", "I": "I", "l": "q", "L": "Q", "f": "f", "g": "d"}
_WHOLE = {"HUGEINT", "UHUGEINT", "BIGNUM"}
_EPOCH = datetime.datetime(1970, 1, 1)
_EPOCH_DAY = _EPOCH.date().toordinal()
_DAY = 86_400_000_000  # microseconds


class Interval(NamedTuple):
    """SQL's INTERVAL: months have no fixed number of days, nor days of seconds."""

    months: int
    days: int
    microseconds: int

    def __str__(self):
        seconds, micros = divmod(abs(self.microseconds), 1_000_000)
        parts = [f"{n} {word}" for n, word in ((self.months, "months"), (self.days, "days")) if n]
        if self.microseconds or not parts:
            sign = "-" if self.microseconds < 0 else ""
            fraction = f".{micros:06d}" if micros else ""
            parts.append(f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{fraction}")
        return " ".join(parts)


def buffer(array, index, bytes):
    """The first bytes of a buffer, without a copy. The array must outlive it."""
    if bytes == 0 or not array.buffers[index]:
        return memoryview(b"")
    return memoryview((ctypes.c_char * bytes).from_address(array.buffers[index])).cast("B")


def bits(array, index):
    """A bitmap as a list of 0 and 1; None where the array has none."""
    end = array.offset + array.length
    if not array.buffers[index]:
        return None
    words = int.from_bytes(buffer(array, index, (end + 7) // 8), "little")
    # "1" in front keeps the zeros of the last bits; the text begins with the highest.
    text = bin(words & ((1 << end) - 1) | (1 << end))[3:]
    return [c == "1" for c in reversed(text)][array.offset:]


def values(array, field):
    """All values of a column."""
    out = _known_values(array, field)
    valid = bits(array, 0) if array.null_count else None
    return out if valid is None else [v if there else None for v, there in zip(out, valid)]


def _known_values(array, field):
    format = field.format
    if format == "b":
        return bits(array, 1) or []
    if format in _CODES:
        return _fixed(array, _CODES[format])
    if format in ("u", "z"):
        return _bytes(array, field)
    if format == "+l":
        ends = _offsets(array)
        items = values(array.children[0].contents, field.children[0])
        return [items[a:b] for a, b in zip(ends, ends[1:])]
    if format.startswith("d:"):
        return _wholes(array) if is_whole(field) else _decimals(array, int(format.split(",")[1]))
    return _moments(array, format)


def _fixed(array, code, factor=1):
    size = ctypes.sizeof({"b": ctypes.c_int8, "B": ctypes.c_int8, "h": ctypes.c_int16, "H": ctypes.c_int16,
                          "i": ctypes.c_int32, "I": ctypes.c_int32, "f": ctypes.c_float}.get(code, ctypes.c_int64))
    end = (array.offset + array.length) * factor
    if end == 0:
        return []
    return buffer(array, 1, size * end).cast(code).tolist()[array.offset * factor:]


def _offsets(array):
    if array.length == 0:
        return [0]
    return buffer(array, 1, 4 * (array.offset + array.length + 1)).cast("i").tolist()[array.offset:]


def _bytes(array, field):
    ends = _offsets(array)
    data = bytes(buffer(array, 2, ends[-1]))
    if field.format == "z":
        return [data[a:b] for a, b in zip(ends, ends[1:])]
    texts = texts_of(data, ends)
    known = bits(array, 0) if array.null_count else None
    number = number_of(field.type)
    if number is None:
        return texts
    return [number(t) if known is None or known[i] else None for i, t in enumerate(texts)]


def number_of(type):
    """How the text of a number that is too big for other types is read; None for true texts."""
    word = type.split("(")[0].upper()
    if word in _WHOLE:
        return int
    return decimal.Decimal if word in ("NUMERIC", "DECIMAL", "DECIMAL UNSIGNED") else None


def texts_of(data, ends):
    """Texts between offsets. ASCII is decoded once and cut, which is several times faster."""
    if data.isascii():
        text = data.decode("ascii")
        return [text[a:b] for a, b in zip(ends, ends[1:])]
    return [data[a:b].decode("utf-8", "surrogateescape") for a, b in zip(ends, ends[1:])]


def is_whole(field):
    """True for HUGEINT, which comes as a decimal without a fraction."""
    return field.type in _WHOLE and field.format.endswith(",0")


def _wholes(array):
    data = buffer(array, 1, 16 * (array.offset + array.length))
    return [int.from_bytes(data[i:i + 16], "little", signed=True) for i in range(16 * array.offset, len(data), 16)]


def _decimals(array, scale):
    exact = decimal.Context(prec=60)
    return [exact.scaleb(decimal.Decimal(whole), -scale) for whole in _wholes(array)]


# ---------------------------------------------------------------- dates and times
def _moments(array, format):
    if format == "tdD":
        return [date_of(days) for days in _fixed(array, "i")]
    if format == "ttu":
        return [_time_of(micros) for micros in _fixed(array, "q")]
    if format == "tin":
        return _intervals(array)
    if format.startswith("ts"):
        zone = datetime.timezone.utc if len(format) > 4 else None
        per = 1000 if format[2] == "n" else 1
        return [_moment_of(value, per, zone) for value in _fixed(array, "q")]
    raise ValueError(f"a column of the Arrow type {format}, which this version does not read")


def date_of(days):
    """A date; text where it is infinite or beyond the years 1 to 9999 of Python."""
    if abs(days) >= 2**31 - 1:
        return "infinity" if days > 0 else "-infinity"
    ordinal = days + _EPOCH_DAY
    if 1 <= ordinal <= datetime.date.max.toordinal():
        return datetime.date.fromordinal(ordinal)
    # The calendar repeats every 400 years, which are 146,097 days.
    cycles, rest = divmod(ordinal - 1, 146_097)
    day = datetime.date.fromordinal(rest + 1)
    year = day.year + 400 * cycles
    return f"{year:04d}-{day:%m-%d}" if year > 0 else f"{1 - year:04d}-{day:%m-%d} (BC)"


def _time_of(micros):
    if not 0 <= micros < _DAY:
        return str(Interval(0, 0, micros))  # 24:00:00
    return (_EPOCH + datetime.timedelta(microseconds=micros)).time()


def _moment_of(value, per, zone):
    """Nanoseconds are more than datetime holds: they are cut off."""
    if abs(value) >= 2**63 - 1:
        return "infinity" if value > 0 else "-infinity"
    days, rest = divmod(value // per, _DAY)
    day = date_of(days)
    if isinstance(day, str):
        return f"{day} {_time_of(rest)}" + ("" if zone is None else "+00")
    return datetime.datetime.combine(day, _time_of(rest), zone)


def _intervals(array):
    numbers = _fixed(array, "i", 4)
    nanos = _fixed(array, "q", 2)[1::2]
    return [Interval(numbers[4 * i], numbers[4 * i + 1], n // 1000) for i, n in enumerate(nanos)]
