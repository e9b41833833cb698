"""What the end-to-end tests share: running the program in a fresh folder, and saying what went wrong.

The program's contract: `quern [--db URI] -e SQL | -f FILE | -`, `--format table|csv`, `--help`,
`--version`; exit status 0 all done, 1 a statement failed, 2 usage.
"""

import os
import pathlib
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLES = [ROOT / "examples/data/iris.csv", ROOT / "examples/data/churn.csv"]


class Failures(list):
    """Collects what is wrong, so that one run tells everything."""

    def expect(self, condition, text):
        if not condition:
            self.append(text)

    def report(self, name):
        """Prints the outcome and returns the exit status."""
        for failure in self:
            print(f"FAILED: {failure}")
        print(f"{name}: {'failed' if self else 'passed'}")
        return 1 if self else 0


class Workplace:
    """A temporary folder with the bundled tables in it, in which the program runs."""

    def __init__(self, program):
        self.program = str(pathlib.Path(program).resolve())
        self._folder = tempfile.TemporaryDirectory(prefix="quern-e2e-")
        self.path = pathlib.Path(self._folder.name)
        for table in TABLES:
            shutil.copy(table, self.path)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._folder.cleanup()

    def run(self, *arguments, stdin="", environment=None):
        """Runs the program; the result has returncode, stdout and stderr as text."""
        return subprocess.run([self.program, *arguments], cwd=self.path, input=stdin,
                              capture_output=True, text=True, timeout=300, check=False,
                              env={**os.environ, **(environment or {})})

    def mapped(self, *arguments):
        """Runs the program and returns the names of all shared objects the loader opened for it."""
        log = self.path / "loader"
        done = self.run(*arguments, environment={"LD_DEBUG": "files", "LD_DEBUG_OUTPUT": str(log)})
        names = set()
        for file in self.path.glob("loader.*"):
            for line in file.read_text(errors="replace").splitlines():
                if "file=" in line:
                    names.add(pathlib.Path(line.split("file=")[1].split(" ")[0]).name)
            file.unlink()
        return done, names
