"""What the benchmarks share: running a program once, its time and its peak of memory, and the spread."""

import dataclasses
import os
import statistics
import subprocess
import tempfile
import time


@dataclasses.dataclass
class Run:
    """One run of a program to its end."""

    seconds: float
    processor_seconds: float  # of all its threads: a busy machine changes it little
    peak_mib: float
    output: str


def run_once(command, folder):
    """Runs a command, which must succeed; its peak is that of the whole process, libraries included."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        environment = {**os.environ, "OMP_WAIT_POLICY": "passive"}  # as the program sets it for itself
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                   env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode != 0:
            words = err.read().decode(errors="replace")
            raise SystemExit(f"{command[0]} ended with status {process.returncode}: {words}")
        return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, out.read().decode())


def spread(values, digits=2):
    """Median, least and largest."""
    return f"{statistics.median(values):.{digits}f} [{min(values):.{digits}f}, {max(values):.{digits}f}]"


def verdict(value, goal):
    """Whether a median keeps within its goal, in words."""
    return f"goal: at most {goal:g}, {'met' if value <= goal else 'NOT met'}"
