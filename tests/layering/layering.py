#!/usr/bin/env python3
"""Checks who includes whom, as docs and CMake promise it.

Every `#include` of our C++ files is read. A quoted path is taken from the root of the tree and must
be allowed for the including folder by OURS; a library's header must be allowed by FOREIGN, and stays in
.cpp files but for headers that only their own folder may include. Numbers of docs/decisions must run from 001 without a gap. tests/ and bench/
may include anything. With --self-test, plants one violation of each kind and expects it to be found.
"""

import argparse
import pathlib
import re
import sys
import tempfile

# Folder -> prefixes of our own headers it may include besides its own. The first match wins, so a
# folder with rules of its own stands before the folder that holds it.
CONNECTORS = ["connectors/connector.h", "connectors/kernel_errors.h", "connectors/table_name.h", "connectors/validity.h", "connectors/some_columns.h", "connectors/sql_text.h", "connectors/write_scope.h"]
OURS = {
    "base/": [],
    "parser/": ["base/"],
    "connectors/duckdb/": ["base/", *CONNECTORS],
    "connectors/postgres/": ["base/", *CONNECTORS],
    "connectors/mysql/": ["base/", *CONNECTORS],
    "connectors/sqlite/": ["base/", *CONNECTORS],
    "connectors/conformance/": ["base/", "connectors/connector.h"],
    "connectors/": ["base/"],
    "compiler/": ["base/", "parser/ast.h", "connectors/connector.h"],
    "codegen/llvm/": ["base/", "compiler/ir/", "compiler/plan/", "codegen/"],
    "codegen/onnx/": ["base/", "codegen/export/"],
    "codegen/": ["base/", "compiler/ir/", "compiler/plan/"],
    "runtime/": ["base/", "compiler/ir/", "compiler/plan/", "codegen/", "connectors/connector.h",
                 "connectors/places.h", "connectors/write_scope.h"],
    "api/": ["base/", "parser/ast.h", "parser/parser.h", "parser/script.h", "connectors/", "compiler/",
             "codegen/", "runtime/"],
    "cli/": ["api/", "base/staged_file.h"],
    "notebooks/": ["api/"],
    "examples/": ["api/"],
}

# Headers that stay inside their folder even where the folder's prefix is allowed above.
PRIVATE = ["codegen/llvm/", "codegen/onnx/", "connectors/duckdb/", "connectors/postgres/", "connectors/mysql/",
           "connectors/sqlite/", "runtime/engines/torch/script/"]

# Library -> (pattern of its headers, folders that may include them). In .cpp files, or in headers that
# no other folder may include; the slow ones of IN_SOURCES_ONLY in .cpp files only.
IN_SOURCES_ONLY = {"nlohmann", "CLI11"}
FOREIGN = {
    "ANTLR": (r"antlr4|Quern\w*(Lexer|Parser|Visitor|Listener)\.h", ["parser/"]),
    "DuckDB": (r"duckdb\.h", ["connectors/duckdb/"]),
    "libpq": (r"libpq|postgresql/", ["connectors/postgres/"]),
    "MySQL": (r"cppconn/|mysql|mariadb", ["connectors/mysql/"]),
    "SQLite": (r"sqlite3", ["connectors/sqlite/"]),
    "XGBoost": (r"xgboost/", ["runtime/engines/xgboost/"]),
    "LibTorch": (r"torch/|ATen/|c10/", ["runtime/engines/torch/"]),
    "LLVM": (r"llvm/|llvm-c/", ["codegen/llvm/"]),
    "ONNX": (r"onnx/|google/protobuf", ["codegen/onnx/"]),
    "nlohmann": (r"nlohmann/", ["base/", "parser/", "connectors/", "compiler/", "codegen/",
                                "runtime/", "api/", "cli/"]),
    "CLI11": (r"CLI/", ["cli/"]),
    "the dynamic loader": (r"dlfcn\.h", ["base/"]),
    "Catch2": (r"catch2/", ["connectors/conformance/"]),
}

FREE = ("tests/", "bench/")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
CPP_SUFFIXES = {".cpp", ".cc", ".c", ".h", ".hpp", ".inc", ".def"}


def foreign_of(header):
    """The library a header belongs to, or None."""
    for library, (pattern, _) in FOREIGN.items():
        if re.match(pattern, header):
            return library
    return None


def folder_of(path):
    return next((folder for folder in OURS if path.startswith(folder)), None)


def seen_outside(path):
    """True where another folder may include this header."""
    if path.startswith(tuple(PRIVATE)):
        return False
    own = folder_of(path)
    return any(path.startswith(tuple(allowed)) for folder, allowed in OURS.items()
               if folder != own and allowed)


def check_own(path, header):
    """Why `path` may not include our `header`, or None."""
    folder = folder_of(path)
    private = next((p for p in PRIVATE if header.startswith(p)), None)
    if private and not path.startswith(private):
        return f"{header} is private to {private}"
    if header.startswith(folder) or any(header.startswith(p) for p in OURS[folder]):
        return None
    return f"{folder} may not include {header}"


def check_include(root, path, bracket, header):
    library = foreign_of(header)
    if library:
        _, folders = FOREIGN[library]
        if not any(path.startswith(f) for f in folders):
            return f"{header} ({library}) is allowed only in {', '.join(folders)}"
        if path.endswith((".h", ".hpp")) and (library in IN_SOURCES_ONLY or seen_outside(path)):
            return f"{header} ({library}) may be included by a .cpp file only"
        return None
    if header.startswith(".") or "/../" in header:
        return f"{header}: write the path from the root of the tree"
    ours = folder_of(header) is not None or (root / header).is_file()
    if bracket == '"' and not ours:
        return f'"{header}": not a path from the root of the tree'
    if ours and (root / header).is_file():
        return check_own(path, header)
    return None


def check_decisions(root):
    """Problems of the numbering of docs/decisions."""
    names = sorted(p.name for p in (root / "docs/decisions").glob("*.md"))
    for expected, name in enumerate(names, start=1):
        if not re.fullmatch(rf"{expected:03d}-[a-z0-9-]+\.md", name):
            yield f"docs/decisions/{name}: expected {expected:03d}-title-in-lower-case.md here"


def check_tree(root):
    """All violations under `root`, as texts, and the number of files read."""
    problems, files = [], 0
    for folder in sorted({f.split("/")[0] for f in OURS}):
        for file in sorted((root / folder).rglob("*")):
            path = file.relative_to(root).as_posix()
            if file.suffix not in CPP_SUFFIXES or not file.is_file() or path.startswith(FREE):
                continue
            files += 1
            text = file.read_text(encoding="utf-8", errors="replace")
            for match in INCLUDE.finditer(text):
                reason = check_include(root, path, match.group(1), match.group(2))
                if reason:
                    line = text.count("\n", 0, match.start()) + 1
                    problems.append(f"{path}:{line}: {reason}")
    problems.extend(check_decisions(root))
    return problems, files


# file -> (its text, what the report on it must say; "" for a file that is fine)
PLANTED = {
    "base/span.h": ("#include <cstddef>\n", ""),
    "base/up.cpp": ('#include "parser/ast.h"\n', "base/ may not include parser/ast.h"),
    "base/load.cpp": ("#include <dlfcn.h>\n", ""),
    "parser/ast.h": ('#include "base/span.h"\n', ""),
    "parser/parser.h": ('#include "parser/ast.h"\n#include <antlr4-runtime.h>\n', "a .cpp file only"),
    "parser/read.cpp": ('#include <antlr4-runtime.h>\n#include "QuernLexer.h"\n', ""),
    "parser/read.h": ("#include <antlr4-runtime.h>\n", ""),
    "runtime/engines/xgboost/learn.h": ("#include <xgboost/c_api.h>\n", "a .cpp file only"),
    "connectors/connector.h": ('#include "base/span.h"\n', ""),
    "connectors/duckdb/open.cpp": ("#include <duckdb.h>\n", ""),
    "connectors/duckdb/handles.h": ("#include <duckdb.h>\n", ""),
    "connectors/duckdb/rows.h": ('#include "connectors/connector.h"\n', ""),
    "connectors/sqlite/rows.cpp": ('#include "connectors/duckdb/rows.h"\n', "private to"),
    "compiler/ir/ir.h": ('#include "parser/ast.h"\n#include "connectors/connector.h"\n', ""),
    "compiler/bind/bind.cpp": ('#include "parser/parser.h"\n', "may not include parser/parser.h"),
    "compiler/passes/json.h": ("#include <nlohmann/json.hpp>\n", "a .cpp file only"),
    "codegen/walk.h": ('#include "compiler/ir/ir.h"\n', ""),
    "codegen/walk.cpp": ('  #  include "connectors/connector.h"\n', "codegen/ may not include"),
    "codegen/jit.cpp": ("#include <llvm/IR/IRBuilder.h>\n", "only in codegen/llvm/"),
    "runtime/train.cpp": ('#include "codegen/walk.h"\n#include "connectors/connector.h"\n', ""),
    "runtime/load.cpp": ("#include <dlfcn.h>\n", "only in base/"),
    "runtime/learn.cpp": ("#include <xgboost/c_api.h>\n", "runtime/engines/xgboost/"),
    "api/session.h": ('#include "parser/parser.h"\n', ""),
    "api/rows.cpp": ('#include "connectors/duckdb/rows.h"\n', "private to"),
    "cli/main.cpp": ('#include <CLI/CLI.hpp>\n#include "api/session.h"\n', ""),
    "cli/draw.cpp": ('#include "base/span.h"\n', "cli/ may not include base/span.h"),
    "cli/near.cpp": ('#include "draw.h"\n', "not a path from the root"),
    "cli/dots.cpp": ('#include "../api/session.h"\n', "from the root of the tree"),
    "api/test.cpp": ("#include <catch2/catch.hpp>\n", "only in connectors/conformance/"),
    "tests/free.cpp": ("#include <dlfcn.h>\n", ""),
    "docs/decisions/001-first.md": ("# first\n", ""),
    "docs/decisions/003-third.md": ("# third\n", "expected 002-"),
}


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for path, (text, _) in PLANTED.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        problems, _ = check_tree(root)
    failures = []
    for path, (_, expected) in PLANTED.items():
        found = [p for p in problems if p.startswith(path + ":")]
        if len(found) != (1 if expected else 0) or (expected and expected not in found[0]):
            failures.append(f"{path}: expected {expected or 'nothing'!r}, found {found}")
    return failures, len(PLANTED)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("--root", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parents[2])
    arguments = parser.parse_args()
    problems, files = self_test() if arguments.self_test else check_tree(arguments.root)
    print("\n".join(problems) if problems else f"{files} files, nothing to report")
    if files == 0:
        print("no files found")
    return 1 if problems or files == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
