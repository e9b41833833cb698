#!/usr/bin/env python3
"""Times start-up: `quern -e "SELECT 1"` against a bare C program on the same DuckDB, and --help.

First both must answer 1; then they run alternately, so that a busy moment hits both. Prints medians,
the ratio of each pair (median, lower and upper quartile) and whether the goals are met. The exit
status is 1 when an answer is wrong, never because of a time.
"""

import argparse
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

RATIO_GOAL = 3.0
HELP_GOAL_MS = 10.0


def answer(command, folder):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else f"status {done.returncode}: {done.stderr}"


def milliseconds(command, folder):
    start = time.perf_counter()
    process = os.posix_spawn(command[0], command, os.environ, file_actions=[
        (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)])
    _, status = os.waitpid(process, 0)
    elapsed = (time.perf_counter() - start) * 1000
    if status:
        raise SystemExit(f"{command} failed in {folder}")
    return elapsed


def quartiles(values):
    low, middle, high = statistics.quantiles(values, n=4)
    return f"{middle:7.2f}  [{low:.2f}, {high:.2f}]  least {min(values):.2f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("quern", type=pathlib.Path)
    parser.add_argument("bare", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=30)
    arguments = parser.parse_args()
    quern, bare = str(arguments.quern.resolve()), str(arguments.bare.resolve())
    select = [quern, "--format", "csv", "-e", "SELECT 1"]

    with tempfile.TemporaryDirectory() as folder:
        for command in ([bare], select):
            found = answer(command, folder)
            if re.findall(r"\d+", found.splitlines()[-1] if found else "") != ["1"]:
                print(f"wrong answer of {command}: {found}")
                return 1
        print("both print 1")
        os.chdir(folder)
        pairs = [(milliseconds([bare], folder), milliseconds(select, folder))
                 for _ in range(arguments.runs + 2)][2:]  # the first two warm the caches
        helps = [milliseconds([quern, "--help"], folder) for _ in range(arguments.runs + 2)][2:]
        os.chdir("/")

    ratios = [ours / theirs for theirs, ours in pairs]
    print(f"{arguments.runs} runs, alternately; median [quartiles], least")
    print(f"bare C program, SELECT 1   ms {quartiles([p[0] for p in pairs])}")
    print(f"quern -e 'SELECT 1'        ms {quartiles([p[1] for p in pairs])}")
    print(f"ratio                         {quartiles(ratios)}  goal: at most {RATIO_GOAL:g}")
    print(f"quern --help               ms {quartiles(helps)}  goal: under {HELP_GOAL_MS:g}")
    met = statistics.median(ratios) <= RATIO_GOAL and statistics.median(helps) < HELP_GOAL_MS
    print("goals met" if met else "goals NOT met")
    return 0


if __name__ == "__main__":
    sys.exit(main())
