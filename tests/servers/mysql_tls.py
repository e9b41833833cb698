#!/usr/bin/env python3
"""mysql_tls.py QUERN: connects to a private MariaDB server by TLS, with a certificate of an authority of our own.

Where the server's programs or openssl are missing, prints why the test was skipped and ends well.
"""

import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import servers  # noqa: E402

CIPHER = "SELECT variable_value FROM information_schema.session_status WHERE variable_name = 'ssl_cipher'"


class TlsMariaDB(servers.MariaDB):
    """A server whose certificate is for localhost."""

    def install(self):
        super().install()
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        self.openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Quern test")
        self.openssl("req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost")
        self.openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                     "-out", "server.pem", "-days", "2")

    def openssl(self, *words):
        self.run("openssl", *words)

    def command(self):
        return [*super().command(), *(f"--ssl-{what}={self.folder}/{file}" for what, file in
                                      (("ca", "ca.pem"), ("cert", "server.pem"), ("key", "server.key")))]


def answer(quern, uri):
    done = subprocess.run([quern, "--db", uri, "--csv", "-e", CIPHER], capture_output=True, text=True, check=False,
                          env=os.environ | {"HOME": "/nonexistent"})
    return done.stdout.splitlines()[-1].strip('"') if done.returncode == 0 else done.stderr


def main():
    if shutil.which("openssl") is None:
        print("SKIPPED: openssl is not installed")
        return 0
    try:
        server = TlsMariaDB()
    except servers.Missing as why:
        print(f"SKIPPED: {why}")
        return 0
    with server:
        authority = f"ssl-ca={server.folder}/ca.pem"
        cases = [("", ""), ("ssl-mode=disabled", ""), (f"ssl-mode=disabled&{authority}", ""),
                 ("ssl-mode=preferred", "TLS"), ("ssl-mode=required", "TLS"), ("tls=skip-verify", "TLS"),
                 (f"ssl-mode=verify_identity&{authority}", "TLS"), (f"ssl-mode=verify_ca&{authority}", "TLS"),
                 ("ssl-mode=verify_identity", "error[Q5002]"), ("tls=true", "error[Q5002]")]
        wrong = 0
        for options, wanted in cases:
            found = answer(sys.argv[1], f"{server.uri}&{options}")
            if found[:len(wanted)] == wanted and (wanted or not found):
                continue
            wrong += 1
            print(f"with `{options}` expected {wanted or 'no TLS'}, found: {found}")
        print(f"{len(cases)} ways to connect, {wrong} wrong")
        return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
