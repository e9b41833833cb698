#!/usr/bin/env python3
"""The grammar that docs/language.md prints is that of grammar/QuernParser.g4, rule by rule."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def in_file():
    """Rules by name, without comments, labels and the blanks that lay them out."""
    text = (ROOT / "grammar" / "QuernParser.g4").read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/", "", text[text.index("statement :"):], flags=re.DOTALL)
    text = re.sub(r"//[^\n]*|\s#\s*\w+|\b(?:sign|op)=", "", text)
    return dict(split_rule(rule) for rule in text.split(";") if rule.strip())


def split_rule(rule):
    name, body = " ".join(rule.split()).split(" : ", 1)
    return name, body


def in_page():
    page = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
    block = re.search(r"^## Grammar$.*?^```text\n(.*?)^```$", page, re.MULTILINE | re.DOTALL).group(1)
    return dict(split_rule(rule) for rule in re.split(r"\n(?=\w)", block) if rule.strip())


def main():
    there, here = in_file(), in_page()
    wrong = sorted(name for name in there.keys() | here.keys() if there.get(name) != here.get(name))
    for name in wrong:
        print(f"{name}\n  grammar: {there.get(name)}\n  docs/language.md: {here.get(name)}")
    print(f"{len(there)} rules, {len(wrong)} differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
