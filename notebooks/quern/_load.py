"""Python's tables as temporary tables of the database: created with the types of the columns, filled by INSERT with
the values as literals, or on DuckDB by its reader of CSV, which is many times faster."""

import os
import tempfile

from quern._columns import columns_of
from quern._parameters import plain

_CHUNK = 20_000  # values of one INSERT
_BY_FILE = 5_000  # values from which a file is worth it
_TYPES = {
    "boolean": ("BOOLEAN",) * 4,
    "integer": ("BIGINT", "BIGINT", "BIGINT", "INTEGER"),
    "number": ("DOUBLE", "DOUBLE PRECISION", "DOUBLE", "REAL"),
    "decimal": ("DECIMAL({p},{s})", "NUMERIC", "DECIMAL({p},{s})", "TEXT"),
    "text": ("VARCHAR", "TEXT", "LONGTEXT", "TEXT"),
    "blob": ("BLOB", "BYTEA", "LONGBLOB", "BLOB"),
    "date": ("DATE", "DATE", "DATE", "DATE"),
    "timestamp": ("TIMESTAMP", "TIMESTAMP", "DATETIME(6)", "TIMESTAMP"),
    "time": ("TIME", "TIME", "TIME(6)", "TEXT"),
    "list": ("{e}[]", "{e}[]", None, None),
}
_ENGINES = (("DuckDB", 0), ("PostgreSQL", 1), ("MySQL", 2), ("MariaDB", 2), ("SQLite", 3))
_DROPS = ("DROP TABLE IF EXISTS temp.{n}", "DROP TABLE IF EXISTS pg_temp.{n}", "DROP TEMPORARY TABLE IF EXISTS {n}",
          "DROP TABLE IF EXISTS temp.{n}")


def quoted(name, engine=0):
    mark = "`" if engine == 2 else '"'
    return mark + name.replace(mark, mark * 2) + mark


def _engine(session):
    words = session.engine
    found = next((number for word, number in _ENGINES if words.startswith(word)), None)
    if found is None:
        raise ValueError(f"tables of Python cannot be sent to {words}")
    return found


def _digits(values):
    """Precision and scale that hold all of them."""
    whole, scale = 1, 0
    for value in values:
        if value is not None:
            _, digits, exponent = _decimal(value).as_tuple()
            scale = max(scale, -exponent)
            whole = max(whole, len(digits) + exponent)
    if whole + scale > 38:
        raise ValueError(f"decimals of {whole} digits before and {scale} behind the point are beyond 38 in all")
    return max(whole + scale, 1), scale


def _decimal(value):
    import decimal

    out = decimal.Decimal(value)
    if not out.is_finite():
        raise ValueError(f"{value} is no decimal of a database")
    return out


def type_of(column, engine):
    form = _TYPES[column.kind][engine]
    if form is None:
        raise ValueError(f"column {column.name!r} holds lists, which the database has no type for")
    if column.kind == "list":
        inner = columns_of({column.name: [v for row in column.values if row is not None for v in row]})[0]
        return form.format(e=type_of(inner, engine))
    if "{p}" in form:
        precision, scale = _digits(column.values)
        return form.format(p=precision, s=scale)
    return form


def load(session, name, data):
    """See Session.register()."""
    columns = columns_of(data)
    engine = _engine(session)
    table = quoted(name, engine)
    types = [f"{quoted(c.name, engine)} {type_of(c, engine)}" for c in columns]
    drop = _DROPS[engine].format(n=table)
    if name in session.__dict__.setdefault("_registered", set()):
        session.execute(drop)
    session.execute(f"CREATE TEMPORARY TABLE {table} ({', '.join(types)})")
    session._registered.add(name)
    try:
        _fill(session, table, columns, engine)
    except BaseException:
        session.execute(drop)
        session._registered.discard(name)
        raise


def _fill(session, table, columns, engine):
    rows = len(columns[0].values)
    plainly = not any(c.kind in ("list", "blob") for c in columns)
    if engine == 0 and plainly and rows * len(columns) >= _BY_FILE:
        return _fill_by_file(session, table, columns)
    step = max(_CHUNK // len(columns), 1)
    for begin in range(0, rows, step):
        chunk = list(zip(*(c.values[begin:begin + step] for c in columns)))
        texts, values = [], []
        for row in chunk:
            texts.append("(" + ", ".join(_placed(value, values) for value in row) + ")")
        session.execute(f"INSERT INTO {table} VALUES {', '.join(texts)}", values)


def _placed(value, values):
    """`$1`, or ARRAY[$1, $2] for a list; what it stands for goes to `values`."""
    if isinstance(value, list):
        return "ARRAY[" + ", ".join(_placed(v, values) for v in value) + "]"
    values.append(plain(value))
    return f"${len(values)}"


def _fill_by_file(session, table, columns):
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".csv", newline="", delete=False) as file:
        try:
            texts = [[_csv(v) for v in c.values] for c in columns]
            file.writelines(",".join(row) + "\n" for row in zip(*texts))
            file.close()
            names = ", ".join(f"'c{i}': '{type_of(c, 0)}'" for i, c in enumerate(columns))
            session.execute(f"INSERT INTO {table} SELECT * FROM read_csv($1, header = false, auto_detect = false, "
                            f"columns = {{{names}}}, delim = ',', quote = '\"', escape = '\"', nullstr = '\\N', "
                            "allow_quoted_nulls = false, parallel = false, max_line_size = 100000000)", [file.name])
        finally:
            os.unlink(file.name)


def _csv(value):
    if value is None:
        return "\\N"
    if isinstance(value, (bool, int, float)):
        return repr(value)
    return '"' + str(plain(value)).replace('"', '""') + '"'
