#!/usr/bin/env python3
"""The prompt: how long from the start of the program to the first prompt, on a pseudo-terminal, and how long a key waits for completion.

The prompt must take a statement and answer it before anything is timed; `quern -e "SELECT 1"` runs alternately, which
opens the same database without a terminal. Completion is timed by completion_speed in a database of 10,000
columns. Prints medians, quartiles and whether the goals are met.
"""

import os
import pathlib
import pty
import statistics
import subprocess
import sys
import tempfile
import time

PROMPT_GOAL_MS = 30.0


def start(quern, folder):
    """The program at a terminal, and the milliseconds until its prompt is there."""
    leader, follower = pty.openpty()
    variables = {**os.environ, "TERM": "xterm", "PAGER": "", "QUERN_HISTORY": "", "LC_ALL": "C.UTF-8"}
    begin = time.perf_counter()
    process = subprocess.Popen([quern, "--db", "duckdb::memory:"], cwd=folder, stdin=follower, stdout=follower,
                               stderr=follower, env=variables, start_new_session=True)
    os.close(follower)
    seen = b""
    while b"quern> " not in seen:
        seen += os.read(leader, 65536)
    return process, leader, (time.perf_counter() - begin) * 1000


def leave(process, leader):
    os.write(leader, b"\x04")
    try:
        while os.read(leader, 65536):
            pass
    except OSError:
        pass
    os.close(leader)
    return process.wait()


def answers(quern, folder):
    process, leader, _ = start(quern, folder)
    os.write(leader, b"SELECT 41 + 1 AS answer;\r")
    seen = b""
    while b"(1 row)" not in seen:
        seen += os.read(leader, 65536)
    return leave(process, leader) == 0 and b" 42" in seen


def batch(quern, folder):
    begin = time.perf_counter()
    subprocess.run([quern, "--db", "duckdb::memory:", "-e", "SELECT 1"], cwd=folder, check=True, capture_output=True)
    return (time.perf_counter() - begin) * 1000


def main():
    programs = pathlib.Path(sys.argv[1]).resolve()
    quern = str(programs / "quern")
    with tempfile.TemporaryDirectory() as folder:
        if not answers(quern, folder):
            print("wrong answer at the prompt")
            return 1
        prompts, batches = [], []
        for _ in range(32):
            process, leader, took = start(quern, folder)
            leave(process, leader)
            prompts.append(took)
            batches.append(batch(quern, folder))
    for name, times in (("to the prompt", prompts[2:]), ("quern -e 'SELECT 1'", batches[2:])):
        low, middle, high = statistics.quantiles(times, n=4)
        print(f"{name:24s} ms {middle:7.2f}  [{low:.2f}, {high:.2f}]  least {min(times):.2f}")
    met = statistics.median(prompts[2:]) < PROMPT_GOAL_MS
    print(f"goal: at most {PROMPT_GOAL_MS:g} ms: {'met' if met else 'NOT met'}", flush=True)
    return subprocess.run([programs / "completion_speed"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
