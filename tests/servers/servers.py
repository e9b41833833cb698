"""Private database servers for tests: in a temporary folder, on a socket there, as a user without rights.

Each server is a child of the process that starts it and dies with it. As root it runs as `nobody`.
"""

import contextlib
import grp
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import time

UNPRIVILEGED = "nobody"


class Missing(Exception):
    """The machine lacks a server's programs."""


def as_nobody(extra=()):
    """What a command line begins with so that it runs as an unprivileged user and ends with us."""
    ends_with_us = ["setpriv", "--pdeathsig", "KILL", *extra]
    if os.geteuid() != 0:
        return [*ends_with_us, "--"]
    user = pwd.getpwnam(UNPRIVILEGED)
    return [*ends_with_us, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups",
            "--inh-caps=-all", "--"]


def give_away(folder):
    if os.geteuid() == 0:
        user = pwd.getpwnam(UNPRIVILEGED)
        os.chown(folder, user.pw_uid, grp.getgrgid(user.pw_gid).gr_gid)


def environment():
    """Without what would tell a server or client of another database."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("PG", "MYSQL_", "MARIADB_"))} | {
        "LC_ALL": "C.UTF-8"}


def _children(parent):
    """Processes whose parent is this one; PostgreSQL gives each a process group of its own."""
    out = []
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rsplit(")", 1)[1].split()
            if int(fields[1]) == parent:
                out.append(int(stat.parent.name))
    return out


def _is_running(process):
    try:
        return pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


class Server:
    """One server. Use as a context: it is running inside, stopped and removed behind."""

    #: What `uri` begins with, and the variable that tests find it in.
    variable = ""

    def __init__(self, durable=False):
        self.durable = durable
        # A socket's path has at most 107 characters, whatever TMPDIR is.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="quern-db.", dir="/tmp"))
        self.data = self.folder / "data"
        self.log = self.folder / "server.log"
        self.process = None

    def __enter__(self):
        try:
            give_away(self.folder)
            self.install()
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def install(self):
        raise NotImplementedError

    def command(self):
        raise NotImplementedError

    def is_ready(self):
        raise NotImplementedError

    def start(self):
        """Starts it on what its data folder holds, and waits until it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([*as_nobody(), *self.command()], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, env=environment(),
                                            cwd=self.folder)
        deadline = time.monotonic() + 120
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the server does not start:\n" +
                                   self.log.read_text(errors="replace")[-3000:])
            time.sleep(0.02)

    def kill(self):
        """SIGKILL to the server and all its processes, in the middle of whatever they do."""
        children = _children(self.process.pid)
        self._signal(signal.SIGKILL)
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        while any(_is_running(child) for child in children):
            time.sleep(0.01)

    def end(self):
        """Stops it in order; sessions are told, and what was committed is on the disk."""
        self._signal(self.clean_signal)

    def keep(self):
        """Remembers the data as they are now."""
        self.end()
        self.run("cp", "-a", self.data, self.folder / "kept")
        self.start()

    def restore(self):
        """Goes back to what was kept."""
        if self.process is not None:
            self.kill()
        self.run("rm", "-rf", self.data)
        self.run("cp", "-a", self.folder / "kept", self.data)
        self.start()

    def stop(self):
        self._signal(self.stop_signal)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _signal(self, number):
        if self.process is None:
            return
        self.process.send_signal(number)
        self.process.wait(timeout=60)
        self.process = None

    def run(self, *command):
        done = subprocess.run([*as_nobody(), *map(str, command)], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment(),
                              cwd=self.folder, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{command[0]} failed:\n{done.stdout[-3000:]}")
        return done.stdout


class Postgres(Server):
    variable = "QUERN_TEST_POSTGRES"
    port = 5432  # a part of the socket's name
    stop_signal = signal.SIGQUIT  # at once, without a last checkpoint
    clean_signal = signal.SIGINT

    def __init__(self, durable=False):
        try:
            found = subprocess.run(["pg_config", "--bindir"], stdout=subprocess.PIPE, check=True,
                                   text=True).stdout.strip()
        except (OSError, subprocess.CalledProcessError):
            found = ""
        candidates = [pathlib.Path(found)] if found else []
        candidates += sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
        self.bin = next((c for c in candidates if (c / "initdb").exists()), None)
        if self.bin is None:
            raise Missing("PostgreSQL's server is not installed")
        super().__init__(durable)

    def install(self):
        self.run(self.bin / "initdb", "-D", self.data, "-U", "tester", "-A", "trust", "--no-sync",
                 "--no-instructions", "-E", "UTF8", "--locale=C.UTF-8")
        with (self.data / "postgresql.conf").open("a") as conf:
            conf.writelines(f"{name} = {value}\n" for name, value in self.settings().items())

    def settings(self):
        settings = {"listen_addresses": "''", "unix_socket_directories": f"'{self.folder}'",
                    "fsync": "off", "max_connections": "40", "log_min_messages": "error",
                    "timezone": "'UTC'"}
        if not self.durable:
            settings |= {"synchronous_commit": "off", "full_page_writes": "off"}
        return settings

    def command(self):
        return [str(self.bin / "postgres"), "-D", str(self.data)]

    def kill(self):
        """Its shared memory outlives it, and only a start on the same data would free it."""
        segment = (self.data / "postmaster.pid").read_text().splitlines()[6].split()[1]
        super().kill()
        subprocess.run(["ipcrm", "-m", segment], check=False, stderr=subprocess.DEVNULL)

    def is_ready(self):
        return subprocess.run([self.bin / "pg_isready", "-q", "-h", self.folder, "-p", str(self.port)], check=False,
                              env=environment()).returncode == 0

    @property
    def uri(self):
        return f"postgresql://tester@/postgres?host={self.folder}"


class MariaDB(Server):
    variable = "QUERN_TEST_MYSQL"
    stop_signal = signal.SIGKILL
    clean_signal = signal.SIGTERM

    def __init__(self, durable=False):
        if shutil.which("mariadbd") is None or shutil.which("mariadb-install-db") is None:
            raise Missing("MariaDB's server is not installed")
        super().__init__(durable)
        self.socket = self.folder / "my.sock"

    def install(self):
        # A server that starts removes the temporary tables of its folder for them: those of others too.
        self.run("mariadb-install-db", "--no-defaults", "--basedir=/usr", f"--datadir={self.data}",
                 "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve",
                 "--innodb-log-file-size=48M", f"--tmpdir={self.folder}")

    def command(self):
        out = ["mariadbd", "--no-defaults", f"--datadir={self.data}", f"--socket={self.socket}",
               f"--pid-file={self.folder}/pid", f"--tmpdir={self.folder}", "--skip-networking", "--local-infile=1",
               f"--plugin-dir={self.folder}", "--default-time-zone=+00:00",
               "--character-set-server=utf8mb4"]
        return out if self.durable else [*out, "--innodb-flush-log-at-trx-commit=0"]

    def is_ready(self):
        return subprocess.run(["mariadb-admin", "--no-defaults", f"--socket={self.socket}", "-uroot", "ping"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
                              env=environment()).returncode == 0

    @property
    def uri(self):
        return f"mysql://root@localhost/mysql?socket={self.socket}"


SERVERS = {"postgres": Postgres, "mariadb": MariaDB}
