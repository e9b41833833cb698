"""Python's values as values of SQL."""

import ctypes
import datetime
import decimal
import uuid
from contextlib import contextmanager

from quern._library import encoded, library

_TEXTS = (datetime.time, decimal.Decimal, uuid.UUID)
_MICROSECOND = datetime.timedelta(microseconds=1)


def plain(value):
    """None, bool, int, float, str, bytes, a date, a datetime without a zone, or a list of these: what the library
    takes. Times, datetimes with a zone, decimals, UUIDs and integers beyond 64 bits become text, which databases read
    as what it is compared with; missing values of numpy and pandas are None; tuples and arrays of one dimension are
    lists. Raises TypeError for anything else."""
    if isinstance(value, (list, tuple)):
        return [_of_list(element) for element in value]
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return value if -2**63 <= value < 2**63 else str(int(value))
    if isinstance(value, (float, bytes)):
        return value
    if isinstance(value, (bytearray, memoryview)):
        return bytes(value)
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, datetime.datetime):
        return value if value.tzinfo is None else value.isoformat(" ")
    if isinstance(value, datetime.date):
        return value
    if isinstance(value, _TEXTS):
        return value.isoformat() if hasattr(value, "isoformat") else str(value)
    if isinstance(value, datetime.timedelta):
        return f"{value.days} days {value.seconds + value.microseconds / 1e6:f} seconds"
    return _of_numpy(value)


def _of_list(element):
    found = plain(element)
    if isinstance(found, list):
        raise TypeError("a list in a list is no value of a parameter")
    return found


def _of_numpy(value):
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    shape = getattr(value, "shape", None)
    if kind and shape is not None and len(shape) == 1 and hasattr(value, "tolist"):
        return [_of_list(element) for element in (value if kind in "mMO" else value.tolist())]
    if not kind or shape != ():
        raise TypeError(f"a {type(value).__name__} is no value of a parameter: there are None, bool, int, float, str, "
                        "bytes, dates, times, Decimal, UUID and lists of these")
    if kind in "mM":
        text = str(value)
        return None if text == "NaT" else text.replace("T", " ")
    return plain(value.item())


def is_plain(value):
    """True for what plain() takes."""
    try:
        plain(value)
    except (TypeError, ValueError):
        return False
    return True


@contextmanager
def handle_of(parameters):
    """The library's parameters while the block runs: a list's for `?` and `$1`, a dict's for `:name`."""
    if not parameters:
        yield None
        return
    lib = library()
    handle = ctypes.c_void_p(lib.quern_parameters_new())
    try:
        named = isinstance(parameters, dict)
        if not named and isinstance(parameters, (str, bytes)):
            raise TypeError("parameters are a list, a tuple or a dict of values")
        for name, value in parameters.items() if named else enumerate(parameters):
            _add(lib, handle, plain(value))
            if named and lib.quern_parameters_name(handle, encoded(name, "a parameter's name")):
                raise ValueError(f"no name for a parameter: {name!r}; letters, digits and _ make one")
        yield handle
    finally:
        lib.quern_parameters_free(handle)


def _add(lib, handle, value):
    if value is None:
        done = lib.quern_parameters_add_null(handle)
    elif isinstance(value, bool):
        done = lib.quern_parameters_add_boolean(handle, value)
    elif isinstance(value, int):
        done = lib.quern_parameters_add_integer(handle, value)
    elif isinstance(value, float):
        done = lib.quern_parameters_add_number(handle, value)
    elif isinstance(value, datetime.datetime):
        done = lib.quern_parameters_add_timestamp(handle, (value - datetime.datetime(1970, 1, 1)) // _MICROSECOND)
    elif isinstance(value, datetime.date):
        done = lib.quern_parameters_add_date(handle, (value - datetime.date(1970, 1, 1)).days)
    elif isinstance(value, list):
        for element in value:
            _add(lib, handle, element)
        done = lib.quern_parameters_add_list(handle, len(value))
    elif isinstance(value, str):
        data = encoded(value)
        done = lib.quern_parameters_add_text(handle, data, len(data))
    else:
        done = lib.quern_parameters_add_blob(handle, value, len(value))
    if done:
        raise MemoryError("no memory for a parameter")
