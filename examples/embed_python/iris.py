"""A program in Python that calls quern.h by ctypes, which comes with Python: what docs/embedding.md explains.

usage: iris.py libquern.so iris.csv
"""

import ctypes
import sys
from ctypes import POINTER, byref, c_char_p, c_int, c_int32, c_int64, c_double, c_size_t, c_void_p


class Done(ctypes.Structure):
    _fields_ = [("size", c_size_t), ("message", c_char_p), ("returned_rows", c_int32), ("bars", c_int32),
                ("rows", c_int64), ("seconds", c_double)]


HEARD = ctypes.CFUNCTYPE(None, c_void_p, POINTER(Done))


class Callbacks(ctypes.Structure):
    """Members that are not set are NULL: not wanted."""
    _fields_ = [("size", c_size_t), ("user", c_void_p), ("source", c_void_p), ("echo", c_void_p),
                ("statement", c_void_p), ("schema", c_void_p), ("batch", c_void_p), ("done", HEARD),
                ("failed", c_void_p), ("problem", c_void_p), ("progress", c_void_p)]


def load(path):
    quern = ctypes.CDLL(path)
    quern.quern_problems_text.restype = c_char_p
    quern.quern_problems_text.argtypes = [c_void_p]
    quern.quern_problems_free.argtypes = [c_void_p]
    quern.quern_open.argtypes = [c_char_p, c_void_p, POINTER(c_void_p), POINTER(c_void_p)]
    quern.quern_close.argtypes = [c_void_p]
    quern.quern_set_variable.argtypes = [c_void_p, c_char_p, c_char_p, POINTER(c_void_p)]
    quern.quern_run.argtypes = [c_void_p, c_char_p, c_size_t, c_void_p, c_void_p, POINTER(Callbacks), c_void_p,
                                POINTER(c_void_p)]
    return quern


def check(quern, status, problems):
    """Raises what the library says, drawn with its caret."""
    if status == 0:
        return
    text = quern.quern_problems_text(problems).decode()
    quern.quern_problems_free(problems)
    raise RuntimeError(text)


def main(library, file):
    quern = load(library)
    session, problems = c_void_p(), c_void_p()
    check(quern, quern.quern_open(b"duckdb::memory:", None, byref(session), byref(problems)), problems)
    heard = HEARD(lambda _user, done: print(done.contents.message.decode().split(",")[0] or
                                            f"{done.contents.rows} rows"))
    callbacks = Callbacks(size=ctypes.sizeof(Callbacks), done=heard)
    check(quern, quern.quern_set_variable(session, b"file", file.encode(), byref(problems)), problems)
    script = b"""
        SELECT * FROM :'file' TO TRAIN xgboost.gbtree WITH num_round = 5 LABEL species INTO flowers;
        SELECT * FROM :'file' WHERE species = 'setosa' TO PREDICT USING flowers;
    """
    check(quern, quern.quern_run(session, script, len(script), None, None, byref(callbacks), None, byref(problems)),
          problems)
    try:
        check(quern, quern.quern_run(session, b"SELECT 1 +", c_size_t(-1), None, None, None, None, byref(problems)),
              problems)
    except RuntimeError as error:
        print(str(error).splitlines()[0])
    quern.quern_close(session)


if __name__ == "__main__":
    main(*sys.argv[1:])
