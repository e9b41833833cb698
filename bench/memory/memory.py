#!/usr/bin/env python3
"""Training and prediction with SET memory_limit = '512MB' on features of 2.7 GB.

24 million rows of 28 features are made twice over: as a table on disk and as a raw file. The peer is a bare C
program that hands libxgboost the raw file page by page, and judges the last round on these rows as Quern does. First the answers: under the limit and with 16 GB, Quern
must store the same bytes as its model, and write the same predictions into a table; the bare program's model must
give the same margins. Then the peaks of memory: training may take the limit on top of the bare program's peak,
prediction the limit on top of an idle Quern's. One run each: a peak hardly varies.
"""

import argparse
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from measuring import run_once, verdict  # noqa: E402

LIMIT, PLENTY = "512MB", "16GB"
LIMIT_MIB = 512e6 / 2**20
SAMPLE = 10000
TRAIN = ("SELECT * FROM higgs TO TRAIN xgboost.gbtree WITH objective = 'binary:logistic', tree_method = hist, "
         "max_depth = 6, max_bin = 256, num_round = {rounds}, seed = 7, split.method = none LABEL signal INTO higgs_model")
PREDICT = "SELECT * EXCLUDE signal FROM higgs TO PREDICT p_{limit}.guess WITH predict.columns = 'f1' USING higgs_model"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("programs", type=pathlib.Path, help="folder of quern and the peer")
    parser.add_argument("--rows", type=int, default=24_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    programs = options.programs.absolute()
    bare = str(programs / "bare_xgboost")
    with tempfile.TemporaryDirectory(prefix="quern-bench-") as name:
        folder = pathlib.Path(name)

        def sql(text, limit=LIMIT):
            return run_once([str(programs / "quern"), "--db", "duckdb:higgs.duckdb", "--csv", "-e",
                             f"SET memory_limit = '{limit}'; {text}"], folder)

        run_once([str(programs / "higgs_like"), str(options.rows), "1", "higgs.duckdb", "higgs.raw"], folder)
        theirs = run_once([bare, "stream", "higgs.raw", str(options.rows), str(options.rounds), "bare.ubj"], folder)
        trained = {limit: sql(TRAIN.format(rounds=options.rounds), limit) for limit in (LIMIT, PLENTY)}
        same = sql("SELECT count(*) AS n, count(DISTINCT payload_check) AS d FROM quern_models").output
        bytes_same = sql("SELECT count(DISTINCT md5(bytes)) AS d FROM quern_model_chunks").output
        chunks = sql("SELECT hex(bytes) AS b FROM quern_model_chunks WHERE version = 1 ORDER BY chunk").output
        (folder / "ours.ubj").write_bytes(bytes.fromhex("".join(chunks.split()[1:])))
        metric = float(theirs.output.split("logloss:")[1].split()[0])
        reported = sql("DESCRIBE MODEL higgs_model").output.split(f"round {options.rounds},train logloss,")
        print(f"logloss of the training rows: {reported[-1].split()[0]}, the bare program's {metric}")
        if abs(float(reported[-1].split()[0]) - metric) > 1e-5:
            print("wrong answer: the metrics are not the same")
            return 1
        worst = float(run_once([bare, "margins", "higgs.raw", str(SAMPLE), "bare.ubj", "ours.ubj"], folder).output.split()[0])
        print(f"models stored under {LIMIT} and {PLENTY}, and distinct ones: {same.split()[1]}; "
              f"largest difference of margins from the bare program's: {worst:.3g}")
        if same.split()[1] != "2,1" or bytes_same.split()[1] != "1" or worst > 1e-5:
            print("wrong answer: the models are not the same")
            return 1
        predicted = {limit: sql(PREDICT.format(limit=limit), limit) for limit in (LIMIT, PLENTY)}
        sums = [sql(f"SELECT count(*) AS n, sum(hash(rowid, guess)) AS s FROM p_{limit}", PLENTY).output.split()[1]
                for limit in (LIMIT, PLENTY)]
        if sums[0] != sums[1] or not sums[0].startswith(f"{options.rows},"):
            print(f"wrong answer: the predictions are not the same: {sums}")
            return 1
        idle = sql("SELECT 1").peak_mib
    features = options.rows * 28 * 4 / 2**20
    print(f"predictions under both: {sums[0].split(',')[0]} rows, the same")
    print(f"{options.rows} rows x 28, {features:.0f} MiB of features, {options.rounds} rounds; peaks in MiB")
    print(f"bare C program, from a file       {theirs.peak_mib:6.0f}  in {theirs.seconds:.0f} s")
    print(f"quern trains under {LIMIT}         {trained[LIMIT].peak_mib:6.0f}  in {trained[LIMIT].seconds:.0f} s  "
          f"{verdict(trained[LIMIT].peak_mib, round(theirs.peak_mib + LIMIT_MIB))}")
    print(f"quern trains under {PLENTY}          {trained[PLENTY].peak_mib:6.0f}  in {trained[PLENTY].seconds:.0f} s")
    print(f"quern predicts under {LIMIT}       {predicted[LIMIT].peak_mib:6.0f}  in {predicted[LIMIT].seconds:.0f} s  "
          f"{verdict(predicted[LIMIT].peak_mib, round(idle + LIMIT_MIB))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
