#!/usr/bin/env python3
"""The kernel through Jupyter's own client: cells, errors, completion, inspection, interruption, history. Needs
QUERN_LIBRARY, ipykernel and jupyter_client."""

import os
import pathlib
import queue
import subprocess
import sys
import tempfile
import time
import unittest

try:
    import ipykernel  # noqa: F401
    from jupyter_client.manager import KernelManager
except ImportError:
    print("SKIPPED: ipykernel and jupyter_client are not installed")
    sys.exit(0)

IRIS = str(pathlib.Path(__file__).resolve().parents[2] / "examples" / "data" / "iris.csv")
PATIENCE = 120  # seconds that a busy machine may take for anything
FOREVER = "SELECT count(*) FROM range(1000000000) a(i), range(1000) b(j) WHERE hash(i + j) = 1"


class Kernel(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        prefix = pathlib.Path(cls.folder.name)
        os.environ.update(JUPYTER_PATH=str(prefix / "share" / "jupyter"), QUERN_DB="duckdb::memory:",
                          QUERN_HISTORY=str(prefix / "history"), IPYTHONDIR=str(prefix / "ipython"),
                          JUPYTER_RUNTIME_DIR=str(prefix / "runtime"))
        subprocess.run([sys.executable, "-m", "quern.kernel", "install", "--prefix", str(prefix)], check=True,
                       stdout=subprocess.DEVNULL)
        cls.manager = KernelManager(kernel_name="quern")
        cls.manager.start_kernel(cwd=cls.folder.name)
        cls.client = cls.manager.client()
        cls.client.start_channels()
        cls.client.wait_for_ready(timeout=PATIENCE)

    @classmethod
    def tearDownClass(cls):
        cls.client.stop_channels()
        cls.manager.shutdown_kernel(now=False)
        cls.folder.cleanup()

    def messages(self, request, until_idle=True):
        """Those of one request on the channel of outputs, up to the kernel's being idle again."""
        end = time.monotonic() + PATIENCE
        while True:
            message = self.client.get_iopub_msg(timeout=max(end - time.monotonic(), 0.01))
            if message["parent_header"].get("msg_id") != request:
                continue
            yield message
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return

    def reply(self, request):
        end = time.monotonic() + PATIENCE
        while True:
            message = self.client.get_shell_msg(timeout=max(end - time.monotonic(), 0.01))
            if message["parent_header"].get("msg_id") == request:
                return message["content"]

    def execute(self, code, **options):
        # Else what is asked right behind an error is answered with "aborted".
        request = self.client.execute(code, **{"stop_on_error": False, **options})
        shown = [m["content"]["data"] for m in self.messages(request) if m["msg_type"] == "display_data"]
        return self.reply(request), shown

    def test_cells(self):
        reply, shown = self.execute("SELECT 41 + 1 AS answer; SELECT '<b>' AS b")
        self.assertEqual(reply["status"], "ok")
        self.assertIn("42", shown[0]["text/plain"])
        self.assertIn("&lt;b&gt;", shown[1]["text/html"])
        self.assertEqual(self.execute("SELECT 1", silent=True)[1], [])
        self.assertEqual(self.execute("")[0]["status"], "ok")
        self.assertEqual(self.execute("  -- nothing but a comment")[0]["status"], "ok")

    def test_training_shows_its_chart(self):
        reply, shown = self.execute(f"SELECT * FROM '{IRIS}' TO TRAIN xgboost.gbtree WITH num_round = 5 LABEL species INTO m")
        self.assertEqual(reply["status"], "ok")
        self.assertTrue(any("trained m@" in data["text/plain"] for data in shown))
        self.assertTrue(any("<svg" in data.get("text/html", "") for data in shown))

    def test_errors(self):
        request = self.client.execute("SELECT 1;\nSELECT * FROM 'é', nowhere_at_all", stop_on_error=False)
        errors = [m["content"] for m in self.messages(request) if m["msg_type"] == "error"]
        self.assertEqual(self.reply(request)["status"], "error")
        self.assertEqual(len(errors), 1)
        self.assertRegex(errors[0]["ename"], r"Q2\d\d\d")
        self.assertIn("^", "\n".join(errors[0]["traceback"]))
        for code, words in (("%quern --nonsense", "there is no option"), ("%quern name << SELECT 1", "no Python variables"),
                            ("%quern nonsense:x", "Error")):
            self.assertEqual(self.execute(code)[0]["status"], "error", code)

    def test_connections(self):
        reply, shown = self.execute(f"%quern --connection lite sqlite:{self.folder.name}/lite.db\nCREATE TABLE t(a); "
                                    "INSERT INTO t VALUES (3); SELECT a FROM t")
        self.assertEqual(reply["status"], "ok", reply)
        self.assertIn("connected to sqlite:", shown[0]["text/plain"])
        reply, shown = self.execute("\\c duckdb::memory:\nSELECT 'duck' AS d")
        self.assertEqual(reply["status"], "ok", reply)
        self.assertIn("duck", shown[-1]["text/plain"])
        _, shown = self.execute("%quern --connection lite SELECT a + 1 AS a FROM t")
        self.assertIn("4", shown[-1]["text/plain"])
        self.assertEqual(self.execute("%quern --connection main")[0]["status"], "ok")

    def test_completion_counts_characters(self):
        self.execute("CREATE OR REPLACE TABLE customers (customer_id INTEGER)")
        code = "SELECT '🌾ü' FROM custom"
        request = self.client.complete(code, len(code))
        reply = self.reply(request)
        self.assertIn("customers", reply["matches"])
        self.assertEqual(code[reply["cursor_start"]:reply["cursor_end"]], "custom")
        reply = self.reply(self.client.complete("%quern --rows 5\n" + code, len(code) + 16))
        self.assertEqual(reply["cursor_start"], len(code) + 16 - 6)
        self.assertIn("customers", reply["matches"])
        kinds = {one["text"]: one["type"] for one in reply["metadata"]["_jupyter_types_experimental"]}
        self.assertEqual(kinds["customers"], "table")

    def test_inspection(self):
        code = "SELECT * FROM t TO TRAIN xgboost.gbtree WITH max_depth = 3 LABEL a INTO m"
        reply = self.reply(self.client.inspect(code, code.index("max_depth") + 3))
        self.assertTrue(reply["found"])
        self.assertIn("max_depth", reply["data"]["text/plain"])
        self.assertFalse(self.reply(self.client.inspect("   ", 1))["found"])

    def test_is_complete(self):
        for code, status in (("SELECT (1", "incomplete"), ("SELECT 1;", "complete"), ("%quern --help", "complete"),
                             ("\\echo x", "complete"), ("SELECT 'open", "incomplete"), ("", "complete")):
            self.assertEqual(self.reply(self.client.is_complete(code))["status"], status, code)

    def test_history(self):
        self.execute("SELECT 'first of history'")
        self.execute("%quern --connection gone postgresql://ann:s3cret@127.0.0.1:1/x")
        reply = self.reply(self.client.history(hist_access_type="tail", n=2))
        self.assertEqual(reply["history"][0][2], "SELECT 'first of history'")
        found = self.reply(self.client.history(hist_access_type="search", pattern="*first of*"))["history"]
        self.assertEqual(found[-1][2], "SELECT 'first of history'")
        text = pathlib.Path(os.environ["QUERN_HISTORY"]).read_text(encoding="utf-8")
        self.assertNotIn("s3cret", text)
        self.assertIn("postgresql://ann:***@127", text)
        self.assertEqual(os.stat(os.environ["QUERN_HISTORY"]).st_mode & 0o777, 0o600)

    def interrupt(self, code, seen):
        """Interrupts a cell as soon as `seen` says that a message shows it at work; until it ends."""
        request = self.client.execute(code, stop_on_error=False)
        working = ended = False
        again = 0.0  # one that comes too early is forgotten; one behind the end would hit the kernel's own work
        while not ended:
            if working and time.monotonic() > again:
                self.manager.interrupt_kernel()
                again = time.monotonic() + 10
            try:
                message = self.client.get_iopub_msg(timeout=1 if working else PATIENCE)
            except queue.Empty:
                continue
            if message["parent_header"].get("msg_id") == request:
                working = working or seen(message)
                ended = message["msg_type"] == "status" and message["content"]["execution_state"] == "idle"
        reply = self.reply(request)
        self.assertEqual((reply["status"], reply["ename"]), ("error", "KeyboardInterrupt"))
        reply, shown = self.execute("SELECT 'alive' AS a")
        self.assertEqual(reply["status"], "ok", reply)
        self.assertIn("alive", shown[0]["text/plain"])

    def test_interrupted_in_a_query(self):
        self.interrupt("\\echo begun\n" + FOREVER, lambda m: m["msg_type"] == "display_data")

    def test_interrupted_in_a_training(self):
        self.interrupt("SELECT i % 97 AS a, i % 89 AS b, hash(i) % 2 = 0 AS c FROM range(200000) r(i) TO TRAIN xgboost.gbtree "
                       "WITH num_round = 100000, max_depth = 8 LABEL c INTO never",
                       lambda m: "training" in str(m["content"].get("data", "")))
        _, shown = self.execute("SHOW MODELS LIKE 'never'")
        self.assertIn("(0 rows)", shown[0]["text/plain"])

    def test_progress_changes_in_place(self):
        request = self.client.execute("SELECT i % 97 AS a, hash(i) % 2 = 0 AS c FROM range(100000) r(i) TO TRAIN "
                                      "xgboost.gbtree WITH num_round = 300, max_depth = 8 LABEL c INTO slow")
        heard = [(m["msg_type"], m["content"].get("transient", {}).get("display_id"), m["content"].get("data"))
                 for m in self.messages(request) if m["msg_type"].endswith("display_data")]
        lines = [(kind, data) for kind, identity, data in heard if identity]
        self.assertEqual(self.reply(request)["status"], "ok")
        self.assertEqual(lines[0][0], "display_data")
        self.assertTrue(all(kind == "update_display_data" for kind, _ in lines[1:]))
        self.assertEqual(len({identity for _, identity, _ in heard if identity}), 1)
        self.assertEqual(lines[-1][1]["text/plain"], "")  # it goes when the statement has ended


if __name__ == "__main__":
    unittest.main(verbosity=1)
