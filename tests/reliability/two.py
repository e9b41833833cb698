#!/usr/bin/env python3
"""Two processes on one DuckDB file. DuckDB lets one process write or several read: who comes second is told
who holds the file and what to do, or reads along with a note; nothing is damaged.

two.py PROGRAM
"""

import os
import pathlib
import subprocess
import sys
import tempfile

FAILURES = []


def expect(condition, what, found=""):
    if not condition:
        FAILURES.append(f"{what}\n{found}")


class Folder:
    def __init__(self, program):
        self.program = str(pathlib.Path(program).resolve())
        self._folder = tempfile.TemporaryDirectory(prefix="quern-two-")
        self.path = pathlib.Path(self._folder.name)

    def run(self, *arguments):
        return subprocess.run([self.program, "--csv", *arguments], cwd=self.path, capture_output=True, text=True,
                              check=False, timeout=120, env={**os.environ, "LC_ALL": "C.UTF-8"})


class Prompt:
    """A session that stays open: statements go in, and come back when they are done. Its terminal cannot edit, for
    completion asks the database by itself."""

    def __init__(self, folder, *arguments):
        self.process = subprocess.Popen(["script", "-qec", " ".join([folder.program, "--csv", *arguments]), "/dev/null"],
                                        cwd=folder.path, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, bufsize=1, env={**os.environ, "PAGER": "", "TERM": "dumb"})

    def say(self, sql, until):
        self.process.stdin.write(sql + "\n")
        self.process.stdin.flush()
        heard = ""
        while until not in heard:
            line = self.process.stdout.readline()
            if not line:
                raise SystemExit(f"the first session ended:\n{heard}")
            heard += line.replace("\r", "")
        return heard

    def leave(self):
        self.process.communicate("\\q\n", timeout=60)


def a_writer_first(folder):
    """The file of a session that may write cannot be opened beside it, not even for reading."""
    first = Prompt(folder)
    first.say("CREATE TABLE t AS SELECT 1 AS x;", "created quern.duckdb")
    first.say("SELECT 'rea' || 'dy' AS r;", "ready")
    for sql in ("SELECT * FROM t", "CREATE TABLE u AS SELECT 2 AS y"):
        for database in ((), ("--db", "duckdb:quern.duckdb")):
            second = folder.run(*database, "-e", sql)
            expect(second.returncode == 1 and "error[Q5002]" in second.stderr, f"second session: {sql}", second.stderr)
            expect("(PID " in second.stderr and "quern" in second.stderr, "the holder is named", second.stderr)
            expect("help: end that process, or open another database" in second.stderr, "no remedy", second.stderr)
    attached = folder.run("--db", "duckdb::memory:", "-e", "ATTACH 'duckdb:quern.duckdb' AS other")
    expect(attached.returncode == 1 and "(PID " in attached.stderr, "ATTACH of a held file", attached.stderr)
    first.say("INSERT INTO t VALUES (41); SELECT sum(x) AS total FROM t;", "42")
    first.leave()
    later = folder.run("-e", "SELECT sum(x) AS total FROM t")
    expect(later.stdout == "total\n42\n", "after the first has left", later.stdout + later.stderr)


def a_reader_first(folder):
    """A file that is held for reading only is opened for reading too, with a note; a write says what to do."""
    first = Prompt(folder, "--db", "duckdb::memory:")
    first.say("ATTACH 'quern.duckdb' AS home (READ_ONLY);", "ok")
    first.say("SELECT 'rea' || 'dy' AS r;", "ready")
    second = folder.run("-e", "SELECT sum(x) AS total FROM t")
    expect(second.stdout == "total\n42\n", "reading along", second.stdout + second.stderr)
    expect("note: quern.duckdb is open in" in second.stderr and "for reading only" in second.stderr, "no note", second.stderr)
    for sql in ("INSERT INTO t VALUES (1)", "SELECT i AS x, i % 2 AS y FROM range(99) r(i) TO TRAIN xgboost.gbtree LABEL y INTO m"):
        second = folder.run("-e", sql)
        expect(second.returncode == 1 and "error[Q5005]" in second.stderr, f"a write: {sql}", second.stderr)
        expect("help: end " in second.stderr and "which holds quern.duckdb" in second.stderr, "no remedy", second.stderr)
    first.leave()
    later = folder.run("-e", "INSERT INTO t VALUES (1)")
    expect(later.returncode == 0, "writing after the reader has left", later.stderr)


def main(program):
    folder = Folder(program)
    a_writer_first(folder)
    a_reader_first(folder)
    for failure in FAILURES:
        print("FAILED " + failure)
    print(f"{len(FAILURES)} failed")
    return 1 if FAILURES else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
