#!/usr/bin/env python3
"""Which libraries a statement needs: prediction needs no libxgboost, and says what to do when training
does. What is mapped is read from /proc/PID/maps while the program waits for its next line at a prompt."""

import os
import pty
import select
import time

from checking import TRAIN, main

PREDICT = "SELECT 5 AS x TO PREDICT USING m"


def without_the_training_library(check):
    done = check.run("--db", "duckdb:m.duckdb", "-e", TRAIN)
    check.equal("training", done.returncode, 0)
    done = check.run("--db", "duckdb:m.duckdb", "--csv", "-e", PREDICT, QUERN_XGBOOST_LIBRARY="/nonexistent")
    check.equal("prediction without libxgboost", (done.returncode, done.stdout), (0, b"x,predicted_y\n5,1\n"))
    done = check.run("--db", "duckdb:m.duckdb", "-e", TRAIN, QUERN_XGBOOST_LIBRARY="/nonexistent")
    check.equal("training without libxgboost", done.returncode, 1)
    for words in (b"error[Q5006]", b"/nonexistent", b"libxgboost0", b"QUERN_XGBOOST_LIBRARY"):
        check.true(f"Q5006 names {words.decode()}", words in done.stderr, done.stderr)
    done = check.run("--db", "duckdb:m.duckdb", "--csv", "-e", "SELECT count(*) AS n FROM quern_models")
    check.equal("the failed training left nothing", done.stdout, b"n\n1\n")


class Prompt:
    """The program at a pseudo terminal."""

    def __init__(self, check, *arguments):
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(check.folder)
            os.execve(check.program, [check.program, *arguments], check.environment(TERM="dumb"))
        self.said = b""

    def wait_for(self, words, seconds=120):
        """Reads on until `words` come; False when they do not."""
        end = time.monotonic() + seconds
        while words not in self.said:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.terminal], [], [], left)[0]:
                return False
            try:
                self.said += os.read(self.terminal, 65536)
            except OSError:
                return False
        self.said = self.said[self.said.index(words) + len(words):]
        return True

    def send(self, line):
        os.write(self.terminal, line.encode() + b"\n")

    def maps(self):
        with open(f"/proc/{self.pid}/maps", encoding="utf-8") as maps:
            return maps.read()

    def end(self):
        self.send("\\q")
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def mapped_when_needed(check):
    prompt = Prompt(check, "--db", "duckdb:m.duckdb")
    check.true("a prompt comes", prompt.wait_for(b"quern> "), prompt.said)
    prompt.send("SELECT 41 + 1 AS answer;")
    check.true("SELECT answers", prompt.wait_for(b"(1 row)"), prompt.said)
    check.true("SELECT maps libduckdb", "libduckdb" in prompt.maps())
    check.true("SELECT does not map libxgboost", "xgboost" not in prompt.maps())
    prompt.send(PREDICT + ";")
    check.true("PREDICT answers", prompt.wait_for(b"(1 row)"), prompt.said)
    check.true("PREDICT does not map libxgboost", "xgboost" not in prompt.maps())
    prompt.send(TRAIN + ";")
    check.true("TRAIN answers", prompt.wait_for(b"trained m@"), prompt.said)
    check.true("TRAIN maps libxgboost", "libxgboost" in prompt.maps())
    check.equal("status of the prompt", prompt.end(), 0)


if __name__ == "__main__":
    main(without_the_training_library, mapped_when_needed)
