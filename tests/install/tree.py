#!/usr/bin/env python3
"""Installs into one folder, moves the tree to another, and uses it there as a stranger would: the program, the
examples built with CMake and with pkg-config, each header alone, man page and completions.

usage: tree.py BUILD CMAKE CXX CC
"""

import csv
import pathlib
import re
import shutil
import sys
import tempfile

from checking import COUNT, IRIS, ROOT, Failures, clean_environment, command, needed_from, train_and_count

WANTED = ["bin/quern", "lib/libquern.so", "lib/libquern.so.0", "lib/quern/quern_duckdb.so", "lib/quern/libduckdb.so",
          "include/quern/quern.h", "include/quern/quern.hpp", "include/quern/api/quern.hpp", "include/quern/base/column.h",
          "lib/cmake/Quern/QuernConfig.cmake", "lib/pkgconfig/quern.pc", "share/man/man1/quern.1",
          "share/bash-completion/completions/quern", "share/zsh/vendor-completions/_quern",
          "share/fish/vendor_completions.d/quern.fish", "share/doc/quern/copyright", "share/doc/quern/licences.md",
          "share/quern/python/quern/__init__.py", "share/quern/python/quern/kernel/__main__.py"]


def check_libraries(tree, build, failures):
    """Nothing that was installed looks for libraries in the folder where it was built."""
    for binary in [tree / "bin/quern", *(tree / "lib").glob("*.so.*"), *(tree / "lib/quern").glob("*.so")]:
        header = command("readelf", "-d", binary).stdout
        paths = re.findall(r"R(?:UN)?PATH\)\s+Library r(?:un)?path: \[(.*)\]", header)
        absolute = [path for path in ":".join(paths).split(":") if path and not path.startswith("$ORIGIN")]
        failures.expect(not absolute, f"{binary.name} looks for libraries in {absolute}")
        failures.expect(not needed_from(binary, [build]), f"{binary.name} takes libraries of the build")


def check_example_cpp(tree, place, tools, expected, failures):
    build = place / "embed_cpp"
    words = [tools.cmake, "-S", ROOT / "examples/embed_cpp", "-B", build, f"-DCMAKE_PREFIX_PATH={tree}",
             f"-DCMAKE_CXX_COMPILER={tools.cxx}", "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror"]
    for step in (words, [tools.cmake, "--build", build]):
        done = command(*step)
        failures.expect(done.returncode == 0, f"embed_cpp: {done.stdout}{done.stderr}")
        if done.returncode:
            return
    done = command(build / "embed_cpp", IRIS, cwd=place)
    wanted = (f"trained flowers@1: xgboost.gbtree\n{expected} flowers with long petals are called virginica\n"
              "a small one is setosa\n")
    failures.expect(done.stdout == wanted, f"embed_cpp says\n{done.stdout}{done.stderr}\nnot\n{wanted}")
    failures.expect(needed_from(build / "embed_cpp", [tree]), "embed_cpp does not use the installed library")
    missing = command(build / "embed_cpp", "nowhere.csv", cwd=place)
    failures.expect(missing.returncode == 1 and "error[Q2001]" in missing.stderr and "^" in missing.stderr,
                    f"embed_cpp does not draw its error: {missing.stderr}")


def check_example_c(tree, place, tools, failures):
    environment = clean_environment(PKG_CONFIG_PATH=str(tree / "lib/pkgconfig"))
    flags = command("pkg-config", "--cflags", "--libs", "quern", environment=environment)
    failures.expect(flags.returncode == 0, f"pkg-config: {flags.stderr}")
    program = place / "embed_c"
    done = command(tools.cc, "-std=c11", "-Wall", "-Wextra", "-pedantic", "-Werror", ROOT / "examples/embed_c/main.c",
                   *flags.stdout.split(), f"-Wl,-rpath,{tree}/lib", "-o", program)
    failures.expect(done.returncode == 0, f"embed_c: {done.stderr}")
    with open(IRIS, encoding="utf-8", newline="") as file:
        lengths = [float(row["petal_length"]) for row in csv.DictReader(file) if row["species"] == "setosa"]
    wanted = f"{len(lengths)} rows, mean {sum(lengths) / len(lengths):.3f}\n"
    done = command(program, IRIS, cwd=place)
    failures.expect(done.stdout == wanted, f"embed_c says {done.stdout}{done.stderr}, not {wanted}")


def check_example_python(tree, place, failures):
    done = command(sys.executable, ROOT / "examples/embed_python/iris.py", tree / "lib/libquern.so", IRIS, cwd=place)
    wanted = "trained flowers@1: xgboost.gbtree\n50 rows\nerror[Q2001]: "
    failures.expect(done.stdout.startswith(wanted), f"embed_python says\n{done.stdout}{done.stderr}\nnot\n{wanted}")


def check_headers(tree, tools, failures):
    """Each header stands alone, and C's needs one folder only."""
    for header in sorted((tree / "include/quern").glob("*.h*")):
        in_c = header.name == "quern.h"
        compiler = [tools.cc, "-std=c11", "-xc"] if in_c else [tools.cxx, "-std=c++20", "-xc++"]
        folders = [f"-I{tree}/include"] + ([] if in_c else [f"-I{tree}/include/quern"])
        done = command(*compiler, "-fsyntax-only", "-Wall", "-Werror", *folders, "-include", f"quern/{header.name}",
                       "/dev/null")
        failures.expect(done.returncode == 0, f"{header.name} alone: {done.stderr}")


def check_words(tree, failures):
    """Man page and completions know the options of --help, and no others."""
    text = command(tree / "bin/quern", "--help").stdout
    options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", "\n".join(re.findall(r"^  -.*$", text, re.MULTILINE))))
    failures.expect(len(options) > 8, f"--help lists {options}")
    man = (tree / "share/man/man1/quern.1").read_text(encoding="utf-8").replace("\\-", "-")
    bash = (tree / "share/bash-completion/completions/quern").read_text(encoding="utf-8")
    zsh = (tree / "share/zsh/vendor-completions/_quern").read_text(encoding="utf-8")
    fish = (tree / "share/fish/vendor_completions.d/quern.fish").read_text(encoding="utf-8")
    texts = {"man page": man, "bash": bash, "zsh": zsh, "fish": re.sub(r"-l (\S+)", r"--\1", fish)}
    for name, words in texts.items():
        known = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", words))
        failures.expect(options <= known, f"{name} lacks {sorted(options - known)}")
        failures.expect(known <= options, f"{name} has {sorted(known - options)}, which --help has not")
    driven = command("bash", "-c", f"source '{tree}/share/bash-completion/completions/quern'; COMP_WORDS=(quern --fo); "
                     "COMP_CWORD=1; _quern; echo ${COMPREPLY[@]}; COMP_WORDS=(quern --format j); COMP_CWORD=2; _quern; "
                     "echo ${COMPREPLY[@]}")
    failures.expect(driven.stdout == "--format\njsonl\n", f"bash completes to {driven.stdout}{driven.stderr}")


class Tools:
    def __init__(self, cmake, cxx, cc):
        self.cmake, self.cxx, self.cc = cmake, cxx, cc


def check_package(tree, place, expected, failures):
    """The Python package of the tree finds the library of the tree."""
    program = ("import quern; db = quern.connect('duckdb::memory:'); print(db.execute(open('count.sql').read()).table.scalar())\n"
               "print([line.split()[-1] for line in open('/proc/self/maps') if 'libquern' in line][0])")
    (place / "count.sql").write_text(COUNT, encoding="utf-8")
    environment = clean_environment(PYTHONPATH=str(tree / "share/quern/python"), PYTHONDONTWRITEBYTECODE="1")
    environment.pop("QUERN_LIBRARY", None)
    done = command(sys.executable, "-c", program, cwd=place, environment=environment)
    lines = done.stdout.splitlines()
    failures.expect(lines and lines[0] == str(expected), f"the Python package says {done.stdout}{done.stderr}")
    failures.expect(str(tree / "lib") in done.stdout, f"the Python package uses {lines[-1:]}")


def main(build, cmake, cxx, cc):
    failures = Failures()
    tools = Tools(cmake, cxx, cc)
    with tempfile.TemporaryDirectory(prefix="quern-install-") as folder:
        place = pathlib.Path(folder)
        done = command(cmake, "--install", build, "--prefix", place / "first")
        failures.expect(done.returncode == 0, done.stderr)
        tree = place / "second home"  # a blank in a path is nobody's mistake
        (place / "first").rename(tree)
        for path in WANTED:
            failures.expect((tree / path).exists(), f"not installed: {path}")
        stray = [p for p in tree.rglob("*.cmake") if str(place / "first") in p.read_text(encoding="utf-8")]
        failures.expect(not stray, f"{stray} name the folder of the installation")
        shutil.copy(IRIS, place / "iris.csv")
        expected = train_and_count(tree / "bin/quern", place)
        failures.expect(isinstance(expected, int) and 30 < expected < 50, f"the program counts {expected}")
        check_libraries(tree, build, failures)
        check_words(tree, failures)
        check_example_cpp(tree, place, tools, expected, failures)
        check_example_python(tree, place, failures)
        # The flags of pkg-config are split at blanks by whoever uses them.
        straight = place / "third"
        tree.rename(straight)
        check_headers(straight, tools, failures)
        check_package(straight, place, expected, failures)
        check_example_c(straight, place, tools, failures)
    return failures.report("installed tree")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
