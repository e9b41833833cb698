"""Running the program in a fresh folder, and collecting what is wrong."""

import os
import pathlib
import subprocess
import sys
import tempfile

TRAIN = ("SELECT i AS x, (i % 2)::INTEGER AS y FROM range(400) r(i) "
         "TO TRAIN xgboost.gbtree WITH num_round = 3 LABEL y INTO m")


class Check:
    """A folder, the program in it, and the failures so far."""

    def __init__(self, program):
        self.program = str(pathlib.Path(program).resolve())
        self._folder = tempfile.TemporaryDirectory(prefix="quern-cli-")
        self.folder = pathlib.Path(self._folder.name)
        self.failures = []

    def environment(self, **extra):
        return {**os.environ, "LC_ALL": "C.UTF-8", **extra}

    def run(self, *arguments, stdin=b"", **extra):
        """Runs the program to its end; bytes in, bytes out."""
        return subprocess.run([self.program, *arguments], cwd=self.folder, input=stdin,
                              capture_output=True, timeout=300, check=False,
                              env=self.environment(**extra))

    def start(self, *arguments, **streams):
        return subprocess.Popen([self.program, *arguments], cwd=self.folder,
                                env=self.environment(), **streams)

    def equal(self, what, found, expected):
        if found != expected:
            self.failures.append(f"{what}:\n  found    {found!r}\n  expected {expected!r}")

    def true(self, what, condition, found=""):
        if not condition:
            self.failures.append(f"{what}\n  {found}")

    def report(self):
        self._folder.cleanup()
        for failure in self.failures:
            print("FAILED " + failure)
        print(f"{len(self.failures)} failed")
        return 1 if self.failures else 0


def main(*checks):
    check = Check(sys.argv[1])
    for one in checks:
        one(check)
    sys.exit(check.report())
