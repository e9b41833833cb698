"""Python's tables as columns of one kind each: DataFrames, dicts of columns, lists of dicts, Tables. What is sent to
the database or to a model starts here."""

import datetime
import decimal
from typing import Any, List, NamedTuple

from quern._parameters import plain
from quern.tables import Table


class Column(NamedTuple):
    name: str
    kind: str  # "boolean", "integer", "number", "decimal", "text", "blob", "date", "timestamp", "time" or "list"
    values: List[Any]  # Python's; None for NULL


_KINDS = ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "text"), (bytes, "blob"),
          (decimal.Decimal, "decimal"), (datetime.datetime, "timestamp"), (datetime.date, "date"),
          (datetime.time, "time"), ((list, tuple), "list"))
# Kinds that hold what two others do.
_WIDER = {frozenset(("integer", "number")): "number", frozenset(("integer", "decimal")): "decimal",
          frozenset(("date", "timestamp")): "timestamp", frozenset(("boolean", "integer")): "integer"}


def columns_of(data):
    """The columns of `data`. Raises TypeError for what is no table, ValueError for columns of different lengths or
    of values that have no kind in common."""
    pairs = [(str(name), _listed(values)) for name, values in _pairs(data)]
    lengths = {len(values) for _, values in pairs}
    if len(lengths) > 1:
        raise ValueError("columns of different lengths: " + ", ".join(f"{n!r} {len(v)}" for n, v in pairs))
    if not pairs:
        raise ValueError("the data has no columns")
    return [_column(name, values) for name, values in pairs]


def _pairs(data):
    if isinstance(data, Table):
        return [(name, data.column(i)) for i, name in enumerate(data.names)]
    if isinstance(data, dict):
        return list(data.items())
    if hasattr(data, "columns") and hasattr(data, "iloc"):
        return [(name, data.iloc[:, i]) for i, name in enumerate(data.columns)]
    if isinstance(data, (list, tuple)) and all(isinstance(row, dict) for row in data):
        names = list(dict.fromkeys(name for row in data for name in row))
        return [(name, [row.get(name) for row in data]) for name in names]
    raise TypeError(f"a {type(data).__name__} is no table: there are DataFrames, dicts of columns, lists of dicts and "
                    "quern's tables")


def _listed(values):
    """Values as Python's own: numpy and pandas give theirs, missing ones as None."""
    if isinstance(values, (str, bytes)) or not hasattr(values, "__iter__"):
        raise TypeError(f"a column is a sequence of values, not a {type(values).__name__}")
    kind = getattr(getattr(values, "dtype", None), "kind", "")
    if hasattr(values, "isna"):  # pandas: its marks for what is missing are many
        missing = values.isna().tolist()
        return [None if gone else _single(value) for gone, value in zip(missing, values.tolist())]
    if kind == "M":
        return [None if str(v) == "NaT" else _single(v) for v in values.astype("M8[us]").tolist()]
    return [_single(v) for v in (values.tolist() if kind else values)]


def _single(value):
    if isinstance(value, (list, tuple)):
        return [_single(v) for v in value]
    if hasattr(value, "to_pydatetime"):
        return value.to_pydatetime(warn=False)
    if isinstance(value, (bool, int, float, str, bytes, datetime.date, datetime.time, decimal.Decimal)):
        return value
    if hasattr(value, "tolist"):
        return _single(value.tolist())
    return plain(value)


def _kind_of(value):
    return next(kind for types, kind in _KINDS if isinstance(value, types))


def _column(name, values):
    kinds = {_kind_of(value) for value in values if value is not None}
    while len(kinds) > 1:
        pair = next((p for p in _WIDER if p <= kinds), None)
        if pair is None:
            raise ValueError(f"column {name!r} holds values of different kinds: {', '.join(sorted(kinds))}")
        kinds = kinds - pair | {_WIDER[pair]}
    kind = kinds.pop() if kinds else "text"
    if kind == "number":
        values = [None if v is None else float(v) for v in values]
    if kind == "integer" and any(v is not None and not -2**63 <= v < 2**63 for v in values):
        kind = "decimal"
    return Column(name, kind, values)
