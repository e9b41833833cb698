#!/usr/bin/env python3
"""A session outlives its server: one that was restarted, killed or is still down is an error, and then the next
statement has a new connection, with a warning; a transaction that was open is said to be lost.

restart.py PROGRAM ENGINE   ENGINE is postgres or mariadb
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "servers"))
import servers  # noqa: E402
from two import Prompt  # noqa: E402

FAILURES = []
ANEW = "the connection was lost and opened anew"
TRAIN = "SELECT x, y FROM t TO TRAIN xgboost.gbtree WITH num_round = 2 LABEL y INTO m;"
LOST = "the connection was lost, and the transaction that was open with it"


class Session:
    """A prompt that tells when a statement is done, whatever came of it."""

    def __init__(self, program, uri, folder):
        self.program = program
        self.path = folder
        self.prompt = Prompt(self, "--db", f"'{uri}'")
        self.count = 0

    def say(self, sql):
        self.count += 1
        # The echo of what is typed lacks the number.
        return self.prompt.say(f"{sql}\n\\set n {self.count}\n\\echo done :n .", f"done {self.count} .")


def expect(found, *words):
    for word in words:
        if word not in found:
            FAILURES.append(f"expected `{word}`, found:\n{found}")


def down(server, clean):
    if clean:
        server.end()
    else:
        server.kill()


def after_restart(session, server, clean):
    down(server, clean)
    server.start()
    expect(session.say("SELECT concat('n', count(*)) AS n FROM t;"), "error[Q500")
    found = session.say("SELECT concat('n', count(*)) AS n FROM t;")
    expect(found, ANEW, "n100")
    if ANEW in session.say("SELECT 1 AS one;"):
        FAILURES.append("the warning comes twice")


def in_transaction(session, server, clean):
    session.say("BEGIN;")
    session.say("INSERT INTO t VALUES (1000, 0);")
    down(server, clean)
    server.start()
    expect(session.say("INSERT INTO t VALUES (1001, 0);"), "error[Q500")
    expect(session.say("INSERT INTO t VALUES (1002, 0);"), "error[Q500", LOST, "begin again")
    expect(session.say("SELECT concat('n', count(*)) AS n FROM t;"), "n100")


def while_down(session, server, transaction):
    """What is asked of a server that is down is forgotten; that a transaction is lost is not."""
    if transaction:
        session.say("BEGIN;")
        session.say("INSERT INTO t VALUES (1000, 0);")
    server.kill()
    expect(session.say("INSERT INTO t VALUES (1001, 0);"), "error[Q500")
    for _ in range(2):
        expect(session.say("INSERT INTO t VALUES (1002, 0);"), "error[Q5002]")
    server.start()
    found = session.say("SELECT concat('n', count(*)) AS n FROM t;")
    if transaction:
        expect(found, LOST)
        found = session.say("SELECT concat('n', count(*)) AS n FROM t;")
    else:
        expect(found, ANEW)
    expect(found, "n100")


def ours(session, server):
    """The statements of Quern find the new connection too, and the model that was stored; they warn themselves."""
    predict = "SELECT x FROM t TO PREDICT USING m;"
    wanted = session.say(predict).replace(f"done {session.count} .", "")
    server.kill()
    server.start()
    expect(session.say(predict), "error[Q500")
    found = session.say(predict).replace(f"done {session.count} .", "")
    rows = [line for line in wanted.splitlines() if line[:1].isdigit()]
    if len(rows) != 100:
        FAILURES.append(f"100 predictions expected before the restart, found:\n{wanted}")
    expect(found, ANEW, *rows)
    server.kill()
    server.start()
    expect(session.say(TRAIN), "error[Q500")
    expect(session.say(TRAIN), ANEW, "trained m@2")
    expect(session.say("SELECT x FROM t TO PREDICT p.guess USING m;"), "wrote 100 rows to p")
    expect(session.say("SELECT concat('n', count(*)) AS n FROM p;"), "n100")


def main(program, engine):
    with servers.SERVERS[engine](durable=True) as server:
        session = Session(str(pathlib.Path(program).resolve()), server.uri, server.folder)
        session.say("CREATE TABLE t (x INTEGER, y INTEGER);")
        rows = ", ".join(f"({x}, {int(x > 50)})" for x in range(100))
        session.say(f"INSERT INTO t VALUES {rows};")
        session.say(TRAIN)
        for clean in (True, False):
            after_restart(session, server, clean)
            in_transaction(session, server, clean)
        for transaction in (False, True):
            while_down(session, server, transaction)
        ours(session, server)
        session.prompt.leave()
    for failure in FAILURES:
        print("FAILED", failure)
    print(f"{engine}: a session outlives its server, {len(FAILURES)} failed")
    return 1 if FAILURES else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1], sys.argv[2]))
    except servers.Missing as why:
        print(f"SKIPPED: {why}")
