#!/usr/bin/env python3
"""Makes the Debian packages, reads what they hold and ask for, unpacks them and runs the program there.

usage: packages.py BUILD CMAKE CXX CC
"""

import pathlib
import re
import shutil
import sys
import tempfile

from checking import IRIS, Failures, command, needed_from, train_and_count

NEEDED = ["libantlr4-runtime", "libc6", "libmariadb3", "libpq5", "libsqlite3-0", "libstdc++6"]


def fields_of(package):
    text = command("dpkg-deb", "-f", package).stdout
    return dict(re.findall(r"^(\S+): (.*)$", text, re.MULTILINE))


def paths_in(package):
    lines = command("dpkg-deb", "-c", package).stdout.splitlines()
    return {line.split()[5].removeprefix("."): line.split()[1] for line in lines}


def check_runtime(package, failures):
    fields = fields_of(package)
    names = [re.split(r"[ (:]", name.strip())[0] for name in fields.get("Depends", "").split(",")]
    for name in NEEDED:
        failures.expect(any(n.startswith(name) for n in names), f"quern does not depend on {name}: {fields.get('Depends')}")
    failures.expect(not any("duckdb" in n or "xgboost" in n or "llvm" in n or "torch" in n for n in names),
                    f"quern depends on {names}")
    failures.expect(fields.get("Recommends") == "libxgboost0", f"quern recommends {fields.get('Recommends')}")
    paths = paths_in(package)
    for path in ("/usr/bin/quern", "/usr/lib/libquern.so.0", "/usr/lib/quern/quern_duckdb.so",
                 "/usr/lib/quern/libduckdb.so", "/usr/share/man/man1/quern.1", "/usr/share/doc/quern/copyright",
                 "/usr/share/bash-completion/completions/quern"):
        failures.expect(path in paths, f"quern lacks {path}")
    failures.expect(not any("include" in path or path.endswith("libquern.so") for path in paths),
                    "quern holds what quern-dev is for")
    failures.expect(set(paths.values()) == {"root/root"}, f"owners: {set(paths.values())}")


def check_development(package, failures):
    fields = fields_of(package)
    failures.expect(re.fullmatch(r"quern \(= [\d.]+\)", fields.get("Depends", "")), f"quern-dev: {fields}")
    paths = paths_in(package)
    for path in ("/usr/include/quern/quern.h", "/usr/lib/libquern.so", "/usr/lib/pkgconfig/quern.pc",
                 "/usr/lib/cmake/Quern/QuernConfig.cmake"):
        failures.expect(path in paths, f"quern-dev lacks {path}")
    failures.expect("/usr/bin/quern" not in paths, "quern-dev holds the program")


def main(build, cmake, *_):
    if shutil.which("dpkg-shlibdeps") is None:
        print("SKIPPED: dpkg-dev is not installed")
        return 0
    failures = Failures()
    with tempfile.TemporaryDirectory(prefix="quern-packages-") as folder:
        place = pathlib.Path(folder)
        cpack = pathlib.Path(cmake).with_name("cpack")
        done = command(cpack, "--config", f"{build}/CPackConfig.cmake", "-G", "DEB", "-B", place / "made")
        packages = {path.name.split("_")[0]: path for path in (place / "made").glob("*.deb")}
        wanted = {"quern", "quern-dev"} | ({"quern-torch"} if (pathlib.Path(build) / "lib/quern_torch.so").exists() else set())
        failures.expect(set(packages) == wanted, f"made {set(packages)}: {done.stdout}{done.stderr}")
        if failures:
            return failures.report("packages")
        check_runtime(packages["quern"], failures)
        check_development(packages["quern-dev"], failures)
        root = place / "root"
        command("dpkg-deb", "-x", packages["quern"], root)
        shutil.copy(IRIS, place / "iris.csv")
        answer = train_and_count(root / "usr/bin/quern", place)
        failures.expect(isinstance(answer, int) and 30 < answer < 50, f"the unpacked program counts {answer}")
        failures.expect(needed_from(root / "usr/bin/quern", [root]), "the program does not take its own library")
    return failures.report("packages")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
