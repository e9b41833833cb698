"""One database of each engine, for tests that must come out alike on all of them."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "servers"))
import servers  # noqa: E402


def databases(running):
    """Name and URI: DuckDB and SQLite in the current folder, and the servers that are installed; these run until the
    ExitStack `running` is left."""
    out = {"duckdb": "duckdb:engines.duckdb", "sqlite": "sqlite:engines.db"}
    for name, server in servers.SERVERS.items():
        try:
            out[name] = running.enter_context(server()).uri
        except servers.Missing as why:
            print(f"without {name}: {why}")
    return out
