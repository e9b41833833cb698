#!/usr/bin/env python3
"""docs/sqlflow.md says how many of SQLFlow's forms run; the cases of tests/sql/sqlflow are those forms."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FORMS = ROOT / "tests" / "sql" / "sqlflow"
TABLE_ROW = re.compile(r"^\| [^|]* \| (\d+) \| (`[^|]*`) \|$", re.MULTILINE)
ERRORS = re.compile(r"A further (\d+) programs.*`(\w+\.test)`", re.DOTALL)


def cases(name):
    return len(re.findall(r"^case ", (FORMS / name).read_text(encoding="utf-8"), re.MULTILINE))


def main():
    page = (ROOT / "docs" / "sqlflow.md").read_text(encoding="utf-8")
    claims = [(int(count), re.findall(r"`([^`]+)`", files)) for count, files in TABLE_ROW.findall(page)]
    claims += [(int(count), [file]) for count, file in ERRORS.findall(page)]
    wrong = [(count, files, sum(map(cases, files))) for count, files in claims if count != sum(map(cases, files))]
    for count, files, found in wrong:
        print(f"docs/sqlflow.md says {count}, {', '.join(files)} have {found} cases")
    named = {file for _, files in claims for file in files}
    missing = {file.name for file in FORMS.glob("*.test")} - named
    for file in sorted(missing):
        print(f"docs/sqlflow.md does not count {file}")
    return 1 if wrong or missing or not claims else 0


if __name__ == "__main__":
    sys.exit(main())
