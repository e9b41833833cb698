"""python3 -m quern.kernel install [--user | --prefix FOLDER | --sys-prefix] [--name NAME]: tells Jupyter of the kernel.
Without `install`: runs it, as Jupyter does."""

import argparse
import json
import os
import pathlib
import site
import sys
import tempfile

_LOGO = """<svg xmlns="NAMESPACE" viewBox="0 0 64 64">
<circle cx="32" cy="32" r="28" fill="#2f81d0"/><circle cx="32" cy="32" r="7" fill="#fff"/>
<g stroke="#fff" stroke-width="4" stroke-linecap="round">LINES</g></svg>
"""


def logo():
    """A mill stone from above."""
    import math

    lines = []
    for i in range(8):
        at = math.pi / 4 * i
        x, y, turn = math.cos(at), math.sin(at), at + 0.5
        lines.append(f'<line x1="{32 + 12 * x:.1f}" y1="{32 + 12 * y:.1f}" '
                     f'x2="{32 + 22 * math.cos(turn):.1f}" y2="{32 + 22 * math.sin(turn):.1f}"/>')
    return _LOGO.replace("NAMESPACE", "http:" "//www.w3.org/2000/svg").replace("LINES", "".join(lines))


def description():
    """The kernel for Jupyter. A package or a library that Python does not find by itself is found by its path."""
    out = {"argv": [sys.executable, "-m", "quern.kernel", "-f", "{connection_file}"], "display_name": "Quern (SQL)",
           "language": "sql", "interrupt_mode": "signal", "metadata": {}}
    parent = str(pathlib.Path(__file__).resolve().parents[2])
    environment = {}
    if parent not in map(os.path.realpath, [*site.getsitepackages(), site.getusersitepackages()]):
        environment["PYTHONPATH"] = parent
    if os.environ.get("QUERN_LIBRARY"):
        environment["QUERN_LIBRARY"] = os.path.abspath(os.environ["QUERN_LIBRARY"])
    return {**out, "env": environment} if environment else out


def install(arguments):
    from jupyter_client.kernelspec import KernelSpecManager

    parser = argparse.ArgumentParser(prog="python3 -m quern.kernel install", description=__doc__.splitlines()[0])
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--user", action="store_true", help="for you alone (the default)")
    where.add_argument("--prefix", help="into FOLDER/share/jupyter/kernels", metavar="FOLDER")
    where.add_argument("--sys-prefix", action="store_true", help="into this Python's own tree, such as a venv")
    parser.add_argument("--name", default="quern", help="of the kernel (quern)")
    chosen = parser.parse_args(arguments)
    prefix = sys.prefix if chosen.sys_prefix else chosen.prefix
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        path = pathlib.Path(folder)
        (path / "kernel.json").write_text(json.dumps(description(), indent=1), encoding="utf-8")
        (path / "logo-svg.svg").write_text(logo(), encoding="utf-8")
        place = KernelSpecManager().install_kernel_spec(folder, chosen.name, user=prefix is None, prefix=prefix)
    print(f"installed the kernel {chosen.name} in {place}")


def main():
    if sys.argv[1:2] == ["install"]:
        return install(sys.argv[2:])
    from ipykernel.kernelapp import IPKernelApp

    from quern.kernel import QuernKernel

    return IPKernelApp.launch_instance(kernel_class=QuernKernel)


if __name__ == "__main__":
    main()
