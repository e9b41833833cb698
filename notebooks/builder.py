"""Builds the package's wheel with Python's standard library alone (PEP 517, PEP 660): pip asks for nothing to be
downloaded then. QUERN_WHEEL_LIBRARY names a folder with libquern.so, its plug-ins and libduckdb.so: they go into the
wheel, which then needs no other installation, and is for machines like this one only."""

import base64
import hashlib
import os
import pathlib
import re
import sysconfig
import zipfile

HERE = pathlib.Path(__file__).resolve().parent


def _setting(name):
    text = (HERE / "pyproject.toml").read_text(encoding="utf-8")
    return re.search(rf'^{name} = "([^"]*)"', text, re.MULTILINE).group(1)


def _tag():
    if not os.environ.get("QUERN_WHEEL_LIBRARY"):
        return "py3-none-any"
    return "py3-none-" + re.sub(r"[-.]", "_", sysconfig.get_platform())


def _metadata():
    return {"METADATA": f"Metadata-Version: 2.1\nName: quern\nVersion: {_setting('version')}\n"
                        f"Summary: {_setting('description')}\nRequires-Python: {_setting('requires-python')}\n"
                        "License: Apache-2.0\n",
            "WHEEL": f"Wheel-Version: 1.0\nGenerator: quern-builder\nRoot-Is-Purelib: true\nTag: {_tag()}\n"}


def _sources():
    out = {str(path.relative_to(HERE)): path.read_bytes() for path in sorted((HERE / "quern").rglob("*.py"))}
    folder = os.environ.get("QUERN_WHEEL_LIBRARY")
    # In an installed tree the plug-ins lie in lib/quern; in the wheel all lie in one folder.
    paths = [p for pattern in ("*.so*", "quern/*.so") for p in sorted(pathlib.Path(folder).glob(pattern))] if folder else []
    for path in paths:
        if path.name != "libquern.so" and path.name.count(".so.") <= 1 and not re.search(r"\.so\.\d+\.\d", path.name):
            out[f"quern/lib/{path.name}"] = path.read_bytes()
    return out


def _write(folder, files):
    version = _setting("version")
    info = f"quern-{version}.dist-info"
    files = {**files, **{f"{info}/{name}": text.encode() for name, text in _metadata().items()}}
    rows = []
    for name, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        rows.append(f"{name},sha256={digest},{len(data)}\n")
    files[f"{info}/RECORD"] = ("".join(rows) + f"{info}/RECORD,,\n").encode()
    wheel = f"quern-{version}-{_tag()}.whl"
    with zipfile.ZipFile(pathlib.Path(folder) / wheel, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name)  # of 1980: the same sources give the same bytes
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(entry, data)
    return wheel


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    return _write(wheel_directory, _sources())


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    return _write(wheel_directory, {"quern.pth": f"{HERE}\n".encode()})


def build_sdist(sdist_directory, config_settings=None):
    raise NotImplementedError("the package is built from the source tree of Quern")
