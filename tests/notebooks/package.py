#!/usr/bin/env python3
"""The package as pip installs it into a virtual environment, without a network, and the kernel from there.

usage: package.py FOLDER_OF_LIBQUERN"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

NOTEBOOKS = pathlib.Path(__file__).resolve().parents[2] / "notebooks"
LIBRARY = None
PROGRAM = "import quern; print(quern.__file__); print(quern.connect('duckdb::memory:').query('SELECT 6 * 7').scalar())"


def run(*command, **environment):
    clean = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "QUERN_LIBRARY")}
    clean.update(environment, PIP_NO_INDEX="1", PIP_DISABLE_PIP_VERSION_CHECK="1")
    done = subprocess.run(command, env=clean, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.venv = pathlib.Path(cls.folder.name) / "venv"
        status, _, words = run(sys.executable, "-m", "venv", "--system-site-packages", str(cls.venv))
        if status:
            raise unittest.SkipTest(f"no virtual environment: {words}")
        cls.python = str(cls.venv / "bin" / "python3")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def install(self, *arguments, **environment):
        status, _, words = run(self.python, "-m", "pip", "install", "--force-reinstall", *arguments, **environment)
        self.assertEqual(status, 0, words)

    def test_installed_beside_a_library(self):
        self.install(str(NOTEBOOKS))
        status, said, words = run(self.python, "-c", PROGRAM, QUERN_LIBRARY=LIBRARY)
        self.assertEqual(status, 0, words)
        self.assertIn(str(self.venv), said)
        self.assertTrue(said.endswith("42\n"))
        status, _, words = run(self.python, "-c", PROGRAM, QUERN_LIBRARY="/nowhere")
        self.assertNotEqual(status, 0)
        self.assertIn("LibraryNotFound: QUERN_LIBRARY names neither", words.strip().replace("quern.errors.", ""))

    def test_with_the_library_in_the_wheel(self):
        self.install(str(NOTEBOOKS), QUERN_WHEEL_LIBRARY=LIBRARY)
        status, said, words = run(self.python, "-c", PROGRAM)
        self.assertEqual(status, 0, words)
        self.assertTrue(said.endswith("42\n"))

    def test_editable(self):
        self.install("-e", str(NOTEBOOKS))
        status, said, words = run(self.python, "-c", PROGRAM, QUERN_LIBRARY=LIBRARY)
        self.assertEqual(status, 0, words)
        self.assertTrue(said.startswith(str(NOTEBOOKS)))

    def test_kernel_in_a_virtual_environment(self):
        self.install(str(NOTEBOOKS))
        status, said, words = run(self.python, "-m", "quern.kernel", "install", "--sys-prefix", QUERN_LIBRARY=LIBRARY)
        if status and "jupyter_client" in words:
            self.skipTest("jupyter_client is not installed")
        self.assertEqual(status, 0, words)
        place = self.venv / "share" / "jupyter" / "kernels" / "quern"
        self.assertIn(str(place), said)
        spec = json.loads((place / "kernel.json").read_text(encoding="utf-8"))
        self.assertEqual(spec["argv"][1:3], ["-m", "quern.kernel"])
        self.assertEqual(pathlib.Path(spec["argv"][0]).parent, self.venv / "bin")
        self.assertEqual(spec["env"], {"QUERN_LIBRARY": LIBRARY})
        self.assertTrue((place / "logo-svg.svg").read_text(encoding="utf-8").startswith("<svg"))

    def test_the_same_sources_make_the_same_wheel(self):
        wheels = []
        for name in ("one", "two"):
            folder = pathlib.Path(self.folder.name) / name
            folder.mkdir()
            code = f"import sys; sys.path.insert(0, {str(NOTEBOOKS)!r}); import builder; print(builder.build_wheel({str(folder)!r}))"
            status, said, words = run(sys.executable, "-c", code)
            self.assertEqual(status, 0, words)
            wheels.append((folder / said.strip()).read_bytes())
        self.assertEqual(*wheels)


if __name__ == "__main__":
    LIBRARY = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main(verbosity=1)
