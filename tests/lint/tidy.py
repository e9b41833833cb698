#!/usr/bin/env python3
"""Runs clang-tidy over our sources, skipping those it has passed before.

A source is skipped when it, every header of ours it reaches and .clang-tidy are byte for byte as
they were when it last passed; the keys lie in BUILD/tidy-passed. Tests and benchmarks are left out:
their macros cost more in false alarms than they find.
"""

import argparse
import concurrent.futures
import hashlib
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Pinned: 14, Debian's default, rejects valid C++20 (captured structured bindings).
TIDY = "clang-tidy-19"
# Clang rejects LibTorch's headers in C++20 (vectors of a type that is not complete yet); of ours
# these include them.
LEFT_OUT = ("tests/", "connectors/conformance/", "bench/", "build/", "runtime/engines/torch/graph.cpp",
            "runtime/engines/torch/script/")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', re.MULTILINE)
# The commands are gcc's; clang must not stumble over gcc's own warning names.
EXTRA = ["--extra-arg=-Wno-unknown-warning-option", "--extra-arg=-Wno-unused-command-line-argument",
         "--extra-arg=-Wno-deprecated-declarations"]


def reachable(path, seen):
    """Adds `path` and every file of ours that it includes, directly or not, to `seen`."""
    if path in seen or not path.is_file():
        return
    seen.add(path)
    for header in INCLUDE.findall(path.read_text(encoding="utf-8", errors="replace")):
        reachable(ROOT / header, seen)


def key_of(source):
    seen = set()
    reachable(source, seen)
    digest = hashlib.sha256()
    for path in [ROOT / ".clang-tidy", pathlib.Path(__file__), *sorted(seen)]:
        digest.update(f"{path.relative_to(ROOT)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def sources_of(build, wanted):
    """Our own sources in the build's compile commands, or those of them that are `wanted`."""
    commands = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    sources = set()
    for command in commands:
        path = (pathlib.Path(command["directory"]) / command["file"]).resolve()
        if not path.is_relative_to(ROOT):
            continue
        relative = path.relative_to(ROOT).as_posix()
        if not relative.startswith(LEFT_OUT) and (not wanted or relative in wanted):
            sources.add(path)
    return sorted(sources)


def tidy(build, source):
    done = subprocess.run([TIDY, "-p", build, "--quiet", *EXTRA, source],
                          cwd=ROOT, capture_output=True, text=True, check=False)
    noise = re.compile(r"^\d+ warnings?.* generated\.$|^Suppressed .*|^Use -header-filter.*")
    lines = [x for x in (done.stdout + done.stderr).splitlines() if not noise.match(x)]
    return source, done.returncode == 0, "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("files", nargs="*", help="only these sources, paths from the root")
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    passed = build / "tidy-passed"
    passed.mkdir(exist_ok=True)

    keys = {source: key_of(source) for source in sources_of(build, set(arguments.files))}
    todo = [source for source, key in keys.items() if not (passed / key).exists()]
    print(f"clang-tidy: {len(todo)} of {len(keys)} sources to check", flush=True)
    failures = 0
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for source, ok, output in pool.map(lambda s: tidy(build, s), todo):
            if ok:
                (passed / keys[source]).touch()
                continue
            failures += 1
            print(f"{source.relative_to(ROOT)}:\n{output}", flush=True)
    return 1 if failures or not keys else 0


if __name__ == "__main__":
    sys.exit(main())
