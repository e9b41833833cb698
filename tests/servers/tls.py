#!/usr/bin/env python3
"""tls.py QUERN postgres|mariadb: connects to a private server by TLS, with a certificate of an authority of our own.

Where the server's programs or openssl are missing, prints why the test was skipped and ends well.
"""

import os
import pathlib
import shutil
import socket
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import servers  # noqa: E402


class WithCertificate:
    """A server whose certificate is for localhost."""

    def certify(self):
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        self.run("openssl", "req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj",
                 "/CN=Quern test")
        self.run("openssl", "req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost")
        self.run("openssl", "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                 "-CAcreateserial", "-out", "server.pem", "-days", "2")


class TlsMariaDB(servers.MariaDB, WithCertificate):
    question = "SELECT variable_value FROM information_schema.session_status WHERE variable_name = 'ssl_cipher'"

    def install(self):
        super().install()
        self.certify()
        for name, authority in (("good", "ca.pem"), ("bad", "server.pem")):
            (self.folder / f"{name}.cnf").write_text(
                f"[quern]\nssl-ca={self.folder}/{authority}\nssl-verify-server-cert\n", encoding="utf-8")

    def command(self):
        return [*super().command(), *(f"--ssl-{what}={self.folder}/{file}" for what, file in
                                      (("ca", "ca.pem"), ("cert", "server.pem"), ("key", "server.key")))]

    def cases(self):
        """Options, and what the answer begins with; "" where TLS must not be used."""
        authority = f"ssl-ca={self.folder}/ca.pem"
        return [("", ""), ("ssl-mode=disabled", ""), (f"ssl-mode=disabled&{authority}", ""),
                ("ssl-mode=preferred", "TLS"), ("ssl-mode=required", "TLS"), ("tls=skip-verify", "TLS"),
                (f"ssl-mode=verify_identity&{authority}", "TLS"), (f"ssl-mode=verify_ca&{authority}", "TLS"),
                ("ssl-mode=verify_identity", "error[Q5002]"), ("tls=true", "error[Q5002]"),
                # The URI goes before an option file.
                (f"defaults-file={self.folder}/good.cnf", "TLS"),
                (f"defaults-file={self.folder}/good.cnf&ssl-mode=disabled", ""),
                (f"defaults-file={self.folder}/bad.cnf", "error[Q5002]"),
                (f"defaults-file={self.folder}/bad.cnf&ssl-mode=disabled", ""),
                (f"defaults-file={self.folder}/bad.cnf&ssl-mode=required", "TLS"),
                (f"defaults-file={self.folder}/bad.cnf&ssl-mode=verify_identity&{authority}", "TLS")]

    def uri_with(self, options):
        return f"{self.uri}&{options}"


class TlsPostgres(servers.Postgres, WithCertificate):
    """PostgreSQL speaks TLS over TCP only."""

    question = "SELECT CASE WHEN ssl THEN version ELSE '' END FROM pg_stat_ssl WHERE pid = pg_backend_pid()"

    def install(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        super().install()
        self.certify()

    def settings(self):
        return super().settings() | {
            "listen_addresses": "'127.0.0.1'", "port": str(self.port), "ssl": "on",
            "ssl_cert_file": f"'{self.folder}/server.pem'", "ssl_key_file": f"'{self.folder}/server.key'"}

    def cases(self):
        authority = f"sslrootcert={self.folder}/ca.pem"
        return [("sslmode=disable", ""), ("sslmode=prefer", "TLS"), ("sslmode=require", "TLS"),
                (f"sslmode=verify-ca&{authority}", "TLS"), (f"sslmode=verify-full&{authority}", "TLS"),
                ("sslmode=verify-full", "error[Q5002]"),
                (f"sslmode=verify-full&sslrootcert={self.folder}/server.pem", "error[Q5002]")]

    def uri_with(self, options):
        return f"postgresql://tester@localhost:{self.port}/postgres?{options}"


def answer(quern, server, options):
    done = subprocess.run([quern, "--db", server.uri_with(options), "--csv", "-e", server.question],
                          capture_output=True, text=True, check=False, env=os.environ | {"HOME": "/nonexistent"})
    return done.stdout.splitlines()[-1].strip('"') if done.returncode == 0 else done.stderr


def main(quern, engine):
    if shutil.which("openssl") is None:
        print("SKIPPED: openssl is not installed")
        return 0
    try:
        server = {"mariadb": TlsMariaDB, "postgres": TlsPostgres}[engine]()
    except servers.Missing as why:
        print(f"SKIPPED: {why}")
        return 0
    with server:
        wrong = 0
        for options, wanted in server.cases():
            found = answer(quern, server, options)
            if found[:len(wanted)] == wanted and (wanted or not found):
                continue
            wrong += 1
            print(f"with `{options}` expected {wanted or 'no TLS'}, found: {found}")
        print(f"{len(server.cases())} ways to connect, {wrong} wrong")
        return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
