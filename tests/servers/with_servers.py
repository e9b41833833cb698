#!/usr/bin/env python3
"""with_servers.py NAME... -- COMMAND...: runs a command beside private servers.

NAME is postgres or mariadb. The command finds the URIs in QUERN_TEST_POSTGRES and QUERN_TEST_MYSQL. Where
a server's programs are missing, prints why the command was skipped and ends well.
"""

import contextlib
import os
import pathlib
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import servers  # noqa: E402


def end(number, _frame):
    raise SystemExit(128 + number)


def main():
    at = sys.argv.index("--")
    names, command = sys.argv[1:at], sys.argv[at + 1:]
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, end)
    with contextlib.ExitStack() as running:
        environment = dict(os.environ)
        for name in names:
            try:
                server = running.enter_context(servers.SERVERS[name]())
            except servers.Missing as why:
                print(f"SKIPPED: {why}")
                return 0
            environment[server.variable] = server.uri
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
