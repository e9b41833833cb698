#!/usr/bin/env python3
"""Runs all benchmarks and writes docs/benchmarks.md: what is compared, the command, the figures.

report.py PROGRAMS PAGE   PROGRAMS is the folder of quern and the peers
report.py --check PAGE    only looks whether the page has every benchmark
"""

import ast
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
HEAD = """# Benchmarks

Written by `./dev bench`. Each benchmark proves its answer equal to its peer's before it takes any time; both
then run alternately, so that a busy moment hits both. The figures are of one machine and tell nothing about
another; the ratios tell more.
"""
#: Name, and the command behind the folder of programs.
BENCHMARKS = [("startup", ["{here}/startup/startup.py", "{programs}/quern", "{programs}/bare_duckdb"]),
              ("repl", ["{here}/repl/repl.py", "{programs}"]),
              ("parse", ["{programs}/parse_speed"]),
              ("bind", ["{programs}/bind_speed"]),
              ("features", ["{programs}/feature_speed"]),
              ("training", ["{here}/training/training.py", "{programs}"]),
              ("network_quality", ["{here}/network_quality/network_quality.py", "{programs}/quern", "{here}/../tests/data/iris.csv"]),
              ("network_score", ["{here}/network_score/network_score.py", "{programs}"]),
              ("network_train", ["{here}/network_train/network_train.py", "{programs}"]),
              ("memory", ["{here}/memory/memory.py", "{programs}"]),
              ("estimate", ["{here}/estimate/estimate.py", "{programs}/quern"]),
              ("sqlite", ["{programs}/sqlite_speed"]),
              ("postgres", ["{here}/../tests/servers/with_servers.py", "postgres", "--", "{programs}/postgres_speed"]),
              ("predict", ["{here}/../tests/servers/with_servers.py", "postgres", "--", "python3",
                           "{here}/predict/predict.py", "{programs}"]),
              ("inside", ["{here}/inside/inside.py", "{programs}"]),
              ("row", ["{programs}/row_speed"]),
              ("score", ["{programs}/score_speed"]),
              ("shapes", ["{programs}/shape_speed"]),
              ("explain", ["{programs}/explain_speed"]),
              ("peers", ["{here}/peers/peers.py", "{programs}"]),
              ("fused", ["{here}/fused/fused.py", "{programs}"]),
              ("first", ["{here}/first/first.py", "{programs}"]),
              ("csv", ["{here}/../tests/servers/with_servers.py", "postgres", "--", "python3", "{here}/csv/csv.py", "{programs}"]),
              ("mysql", ["{here}/../tests/servers/with_servers.py", "mariadb", "--", "{programs}/mysql_speed"]),
              ("stream", ["{here}/stream/stream.py", "{programs}"]),
              ("dataframe", ["{here}/dataframe/dataframe.py", "{programs}"]),
              ("cancel", ["{here}/cancel/cancel.py", "{programs}/quern"])]


def docstring(path):
    if path.suffix == ".py":
        return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    head = path.read_text(encoding="utf-8").split("\n\n")[0]
    return re.sub(r"^// ?", "", head, flags=re.MULTILINE)


def source_of(name):
    """The file of a benchmark whose head says what is compared."""
    folder = HERE / name
    return next(iter(sorted(folder.glob(f"{name}.py")) or sorted(folder.glob("*.cpp"))))


def first_match(path, pattern):
    try:
        found = re.search(pattern, pathlib.Path(path).read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        found = None
    return found.group(1) if found else ""


def machine():
    """The machine in words, without names."""
    flags = first_match("/proc/cpuinfo", r"^flags\s*:(.*)$").split()
    vectors = next((words for flag, words in (("avx512f", "AVX-512"), ("avx2", "AVX2")) if flag in flags), "no AVX2")
    memory = int(first_match("/proc/meminfo", r"^MemTotal:\s+(\d+)") or 0) / 1024 / 1024
    system = first_match("/etc/os-release", r'^PRETTY_NAME="(.*)"$')
    return (f"{len(os.sched_getaffinity(0))} cores of {os.uname().machine} with {vectors}, {memory:.0f} GB of memory, "
            f"{system}; load average before the first run: {os.getloadavg()[0]:.1f}")


def versions(programs):
    sql = "SELECT library_version FROM pragma_version()"
    duckdb = subprocess.run([programs / "quern", "--db", "duckdb::memory:", "--csv", "-e", sql], check=True,
                            capture_output=True, text=True).stdout.split()[-1]
    xgboost = subprocess.run([programs / "bare_xgboost", "idle"], check=True, capture_output=True, text=True).stdout
    quern = subprocess.run([programs / "quern", "--version"], check=True, capture_output=True, text=True).stdout
    return f"{quern.strip()}, DuckDB {duckdb.lstrip('v')}, {xgboost.strip()}"


def section(name, command, programs):
    """Runs one benchmark, showing what it prints as it comes; its part of the page."""
    words = [word.format(here=HERE, programs=programs) for word in command]
    if words[0].endswith(".py"):
        words.insert(0, sys.executable)
    print(f"== {name}", flush=True)
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=False)
    print(done.stdout, flush=True)
    if done.returncode != 0:
        raise SystemExit(f"{name}: the answer is wrong, or it did not run")
    return f"\n## {name}\n\n{docstring(source_of(name))}\n\n```text\n{done.stdout.rstrip()}\n```\n"


def main(programs, page):
    head = f"{HEAD}\nMeasured on {machine()}.\nWith {versions(programs)}.\n"
    text = head + "".join(section(name, command, programs) for name, command in BENCHMARKS)
    page.write_text(text, encoding="utf-8")


def check(page):
    """The page names every benchmark, and every folder here is one."""
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    names = {name for name, _ in BENCHMARKS}
    folders = {path.name for path in HERE.iterdir() if (path / "CMakeLists.txt").exists()}
    missing = sorted(name for name in names if f"\n## {name}\n" not in text)
    for name in missing:
        print(f"{page} has no section {name}: run ./dev bench")
    for name in sorted(names ^ folders):
        print(f"bench/{name} and the list of benchmarks do not agree")
    return 1 if missing or names != folders else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    if sys.argv[1] == "--check":
        sys.exit(check(pathlib.Path(sys.argv[2])))
    main(pathlib.Path(sys.argv[1]).absolute(), pathlib.Path(sys.argv[2]))
