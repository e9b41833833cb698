#!/usr/bin/env python3
"""Training from a DuckDB table, against a bare C program whose rows lie in memory already.

A million rows of 28 features are made twice over: as a table on disk and as a raw file. Quern opens the
database with a memory limit of 128 MB, reads the table, trains and stores the model; the whole process is
timed. The peer has the raw file in memory before its clock starts, makes a QuantileDMatrix of it and trains
with the same parameters. First the two models must give the same margins; then both run alternately. Peaks
of memory are those above a process that is idle: connected to the database, and the library loaded.
"""

import argparse
import pathlib
import statistics
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from measuring import run_once, spread, verdict  # noqa: E402

WALL_GOAL = 1.10
MEMORY_GOAL = 1.3
LIMIT = "SET memory_limit = '128MB'; "
SAMPLE = 10000
#: Sums in float32 of the same trees; nothing else may differ.
TOLERANCE = 1e-5


class Contest:
    """The data in a folder, and the two ways to train on it."""

    def __init__(self, programs, folder, rows, rounds):
        self.quern, self.bare = str(programs / "quern"), str(programs / "bare_xgboost")
        self.folder, self.rows, self.rounds = folder, rows, rounds
        run_once([str(programs / "higgs_like"), str(rows), "1", "higgs.duckdb", "higgs.raw"], folder)

    def sql(self, text):
        return run_once([self.quern, "--db", "duckdb:higgs.duckdb", "--csv", "-e", text], self.folder)

    def ours(self):
        return self.sql(LIMIT + "SELECT * FROM higgs TO TRAIN xgboost.gbtree WITH objective = 'binary:logistic', "
                        f"tree_method = hist, max_depth = 6, max_bin = 256, num_round = {self.rounds}, seed = 7, "
                        "split.method = none LABEL signal INTO higgs_model")

    def theirs(self):
        run = run_once([self.bare, "train", "higgs.raw", str(self.rows), str(self.rounds), "bare.ubj"], self.folder)
        run.seconds = float(run.output)
        return run

    def idle(self):
        """Peaks of both programs when they do nothing: ours, theirs."""
        return self.sql(LIMIT + "SELECT 1").peak_mib, run_once([self.bare, "idle"], self.folder).peak_mib

    def difference(self):
        """How far the margins of the two models lie apart at most, and the bounds of the margins."""
        chunks = self.sql("SELECT hex(bytes) AS b FROM quern_model_chunks WHERE version = 1 ORDER BY chunk").output
        payload = bytes.fromhex("".join(chunks.split()[1:]))
        (self.folder / "ours.ubj").write_bytes(payload)
        said = run_once([self.bare, "margins", "higgs.raw", str(min(SAMPLE, self.rows)), "bare.ubj", "ours.ubj"],
                        self.folder)
        return [float(word) for word in said.output.split()]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("programs", type=pathlib.Path, help="folder of quern and the peers")
    parser.add_argument("--rows", type=int, default=1000000)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="quern-bench-") as name:
        contest = Contest(options.programs.absolute(), pathlib.Path(name), options.rows, options.rounds)
        contest.theirs()  # both warm up, and leave the models to compare
        contest.ours()
        worst, low, high = contest.difference()
        print(f"margins of both models on {min(SAMPLE, options.rows)} rows, from {low:.3f} to {high:.3f}: "
              f"largest difference {worst:.3g}")
        if not worst <= TOLERANCE or high - low < 1:
            print("wrong answer: the two models are not the same")
            return 1
        idle = contest.idle()
        pairs = [(contest.theirs(), contest.ours()) for _ in range(options.runs)]

    memory = [(bare.peak_mib - idle[1], ours.peak_mib - idle[0]) for bare, ours in pairs]
    wall = [ours.seconds / bare.seconds for bare, ours in pairs]
    work = [ours.processor_seconds / bare.processor_seconds for bare, ours in pairs]
    peak = [ours / bare for bare, ours in memory]
    print(f"{options.rows} rows x 28, {options.rounds} rounds, {options.runs} runs, alternately; "
          "median [least, largest]")
    print(f"bare C program, from memory     s   {spread([bare.seconds for bare, _ in pairs])}")
    print(f"quern, from a table on disk     s   {spread([ours.seconds for _, ours in pairs])}")
    print(f"ratio of the wall time              {spread(wall)}  {verdict(statistics.median(wall), WALL_GOAL)}")
    print(f"ratio of the processor time         {spread(work)}")
    print(f"bare C program, above {idle[1]:3.0f} idle  MiB {spread([bare for bare, _ in memory], 0)}")
    print(f"quern, above {idle[0]:3.0f} idle           MiB {spread([ours for _, ours in memory], 0)}")
    print(f"ratio of the peaks                  {spread(peak)}  {verdict(statistics.median(peak), MEMORY_GOAL)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
