"""libquern through ctypes: where it is found, the structs and functions of its C interface, and how a
failed call becomes an exception. api/quern.h is what this file repeats; nothing else here does."""

import ctypes
import os
import pathlib
import threading
from ctypes import (CFUNCTYPE, POINTER, Structure, byref, c_char_p, c_double, c_float, c_int, c_int32, c_int64,
                    c_size_t, c_uint32, c_uint64, c_void_p)

from quern.errors import Error, LibraryNotFound, Note, Problem

ABI_VERSION = 1
WHOLE = c_size_t(-1).value
OK, FAILED, END = 0, 1, 2
SEVERITIES = ("error", "warning", "note")
CHARTS = ("", "confusion", "roc", "precision_recall", "calibration", "attributions")
STAGES = ("scan", "fit", "train", "predict", "evaluate", "explain", "write")


class ArrowSchema(Structure):
    pass


class ArrowArray(Structure):
    pass


class ArrowArrayStream(Structure):
    pass


RELEASE_SCHEMA = CFUNCTYPE(None, POINTER(ArrowSchema))
RELEASE_ARRAY = CFUNCTYPE(None, POINTER(ArrowArray))
RELEASE_STREAM = CFUNCTYPE(None, POINTER(ArrowArrayStream))
GET_SCHEMA = CFUNCTYPE(c_int, POINTER(ArrowArrayStream), POINTER(ArrowSchema))
GET_NEXT = CFUNCTYPE(c_int, POINTER(ArrowArrayStream), POINTER(ArrowArray))
GET_ERROR = CFUNCTYPE(c_void_p, POINTER(ArrowArrayStream))

ArrowSchema._fields_ = [
    ("format", c_char_p), ("name", c_char_p), ("metadata", c_void_p), ("flags", c_int64), ("n_children", c_int64),
    ("children", POINTER(POINTER(ArrowSchema))), ("dictionary", POINTER(ArrowSchema)), ("release", RELEASE_SCHEMA),
    ("private_data", c_void_p)]
ArrowArray._fields_ = [
    ("length", c_int64), ("null_count", c_int64), ("offset", c_int64), ("n_buffers", c_int64), ("n_children", c_int64),
    ("buffers", POINTER(c_void_p)), ("children", POINTER(POINTER(ArrowArray))), ("dictionary", POINTER(ArrowArray)),
    ("release", RELEASE_ARRAY), ("private_data", c_void_p)]
ArrowArrayStream._fields_ = [
    ("get_schema", GET_SCHEMA), ("get_next", GET_NEXT), ("get_last_error", GET_ERROR), ("release", RELEASE_STREAM),
    ("private_data", c_void_p)]


class ProblemNote(Structure):
    _fields_ = [("size", c_size_t), ("begin", c_size_t), ("end", c_size_t), ("message", c_char_p)]


class CProblem(Structure):
    _fields_ = [("size", c_size_t), ("severity", c_int32), ("code", c_char_p), ("title", c_char_p),
                ("message", c_char_p), ("hint", c_char_p), ("begin", c_size_t), ("end", c_size_t), ("source", c_char_p),
                ("notes", c_size_t), ("note", POINTER(POINTER(ProblemNote))), ("rendered", c_char_p)]


class Done(Structure):
    _fields_ = [("size", c_size_t), ("message", c_char_p), ("returned_rows", c_int32), ("bars", c_int32),
                ("rows", c_int64), ("seconds", c_double), ("chart", c_int32)]


class CProgress(Structure):
    _fields_ = [("size", c_size_t), ("stage", c_int32), ("round", c_int32), ("rounds", c_int32), ("fold", c_int32),
                ("folds", c_int32), ("trial", c_int32), ("trials", c_int32), ("metrics", c_int32), ("rows", c_int64),
                ("seconds", c_double), ("metric_name", POINTER(c_char_p)), ("metric_value", POINTER(c_double))]


class Summary(Structure):
    _fields_ = [("size", c_size_t), ("statements", c_uint64), ("failed", c_uint64), ("not_checked", c_uint64),
                ("problems", c_uint64)]


class Callbacks(Structure):
    _fields_ = [
        ("size", c_size_t), ("user", c_void_p),
        ("source", CFUNCTYPE(None, c_void_p, c_char_p, c_void_p, c_size_t)),
        ("echo", CFUNCTYPE(None, c_void_p, c_char_p)),
        ("statement", CFUNCTYPE(None, c_void_p, c_uint64, c_size_t, c_size_t)),
        ("schema", CFUNCTYPE(None, c_void_p, POINTER(ArrowSchema))),
        ("batch", CFUNCTYPE(None, c_void_p, POINTER(ArrowArray))),
        ("done", CFUNCTYPE(None, c_void_p, POINTER(Done))),
        ("failed", CFUNCTYPE(None, c_void_p, c_double)),
        ("problem", CFUNCTYPE(None, c_void_p, POINTER(CProblem))),
        ("progress", CFUNCTYPE(None, c_void_p, POINTER(CProgress)))]


class Candidate(Structure):
    _fields_ = [("size", c_size_t), ("text", c_char_p), ("kind", c_char_p), ("doc", c_char_p)]


class Inspection(Structure):
    _fields_ = [("size", c_size_t), ("begin", c_size_t), ("end", c_size_t), ("title", c_char_p), ("text", c_char_p)]


class Value(Structure):
    _fields_ = [("kind", c_int32), ("reserved", c_int32), ("number", c_double), ("data", c_void_p), ("count", c_size_t)]


VALUE_NULL, VALUE_NUMBER, VALUE_TEXT, VALUE_LIST = range(4)

_H = c_void_p  # a handle
_PROBLEMS = POINTER(c_void_p)
# name -> (what it returns, what it takes). Texts with a size go as pointers, since they may hold zeros.
_FUNCTIONS = {
    "quern_abi_version": (c_uint32, []),
    "quern_version": (c_char_p, []),
    "quern_problems_count": (c_size_t, [_H]),
    "quern_problems_at": (POINTER(CProblem), [_H, c_size_t]),
    "quern_problems_free": (None, [_H]),
    "quern_options_new": (_H, []),
    "quern_options_set": (c_int, [_H, c_char_p, c_char_p, _PROBLEMS]),
    "quern_options_free": (None, [_H]),
    "quern_parameters_new": (_H, []),
    "quern_parameters_add_null": (c_int, [_H]),
    "quern_parameters_add_boolean": (c_int, [_H, c_int32]),
    "quern_parameters_add_integer": (c_int, [_H, c_int64]),
    "quern_parameters_add_number": (c_int, [_H, c_double]),
    "quern_parameters_add_text": (c_int, [_H, c_char_p, c_size_t]),
    "quern_parameters_add_blob": (c_int, [_H, c_char_p, c_size_t]),
    "quern_parameters_add_date": (c_int, [_H, c_int32]),
    "quern_parameters_add_timestamp": (c_int, [_H, c_int64]),
    "quern_parameters_add_list": (c_int, [_H, c_size_t]),
    "quern_parameters_name": (c_int, [_H, c_char_p]),
    "quern_parameters_free": (None, [_H]),
    "quern_open": (c_int, [c_char_p, _H, POINTER(_H), _PROBLEMS]),
    "quern_close": (None, [_H]),
    "quern_cancel": (None, [_H]),
    "quern_engine": (c_char_p, [_H]),
    "quern_needs_more_input": (c_int, [_H, c_char_p, c_size_t]),
    "quern_set_variable": (c_int, [_H, c_char_p, c_char_p, _PROBLEMS]),
    "quern_set": (c_int, [_H, c_char_p, c_char_p, _PROBLEMS]),
    "quern_setting": (c_int, [_H, c_char_p, POINTER(c_char_p), _PROBLEMS]),
    "quern_complete": (c_int, [_H, c_char_p, c_size_t, c_size_t, POINTER(_H), _PROBLEMS]),
    "quern_completion_begin": (c_size_t, [_H]),
    "quern_completion_end": (c_size_t, [_H]),
    "quern_completion_count": (c_size_t, [_H]),
    "quern_completion_at": (POINTER(Candidate), [_H, c_size_t]),
    "quern_completion_free": (None, [_H]),
    "quern_inspect": (c_int, [_H, c_char_p, c_size_t, c_size_t, POINTER(POINTER(Inspection)), _PROBLEMS]),
    "quern_run": (c_int, [_H, c_char_p, c_size_t, _H, _H, POINTER(Callbacks), POINTER(Summary), _PROBLEMS]),
    "quern_compile": (c_int, [_H, c_char_p, c_size_t, _H, POINTER(_H), _PROBLEMS]),
    "quern_compiled_message": (c_char_p, [_H]),
    "quern_compiled_plan": (c_char_p, [_H]),
    "quern_compiled_schema": (c_int, [_H, POINTER(ArrowSchema), _PROBLEMS]),
    "quern_compiled_free": (None, [_H]),
    "quern_query": (c_int, [_H, c_char_p, c_size_t, _H, POINTER(_H), _PROBLEMS]),
    "quern_rows_schema": (c_int, [_H, POINTER(ArrowSchema), _PROBLEMS]),
    "quern_rows_next": (c_int, [_H, POINTER(ArrowArray), _PROBLEMS]),
    "quern_rows_done": (POINTER(Done), [_H]),
    "quern_rows_notes": (c_int, [_H, _PROBLEMS]),
    "quern_rows_stream": (c_int, [_H, POINTER(ArrowArrayStream), _PROBLEMS]),
    "quern_rows_free": (None, [_H]),
    "quern_model_open": (c_int, [_H, c_char_p, POINTER(_H), _PROBLEMS]),
    "quern_model_from_file": (c_int, [c_char_p, POINTER(_H), _PROBLEMS]),
    "quern_model_free": (None, [_H]),
    "quern_model_columns": (c_size_t, [_H]),
    "quern_model_column_name": (c_char_p, [_H, c_size_t]),
    "quern_model_column_kind": (c_char_p, [_H, c_size_t]),
    "quern_model_column_elements": (c_int32, [_H, c_size_t]),
    "quern_model_classes": (c_size_t, [_H]),
    "quern_model_class_name": (c_char_p, [_H, c_size_t]),
    "quern_model_outputs": (c_size_t, [_H]),
    "quern_model_predict_row": (c_int, [_H, POINTER(Value), c_size_t, POINTER(c_float), c_size_t, _PROBLEMS]),
    "quern_model_class_of": (c_size_t, [_H, POINTER(c_float), c_size_t]),
    "quern_model_predict": (c_int, [_H, POINTER(ArrowSchema), POINTER(ArrowArray), POINTER(ArrowSchema),
                                    POINTER(ArrowArray), _PROBLEMS]),
}


# ---------------------------------------------------------------- where it is
def candidates():
    """Where the library is looked for, in this order: QUERN_LIBRARY (the file or its folder) alone where it
    is set; beside the package; the tree that the package is installed in; the build tree of its sources."""
    named = os.environ.get("QUERN_LIBRARY")
    if named:
        return [pathlib.Path(named)]
    package = pathlib.Path(__file__).resolve().parent
    folders = [package, package / "lib"]
    for parent in list(package.parents)[:5]:
        folders += [parent / "lib", *sorted(parent.glob("lib/*-linux-gnu"))]
    if (package.parents[1] / "api" / "quern.h").is_file():
        folders.append(package.parents[1] / "build" / "release" / "lib")
    return folders


def _file_in(place):
    if not place.is_dir():
        return place if place.is_file() else None
    found = sorted(place.glob("libquern.so*"), key=lambda path: len(path.name))
    return found[0] if found else None


def _load():
    places = candidates()
    for place in places:
        path = _file_in(place)
        if path is not None:
            return _open(str(path))
    if os.environ.get("QUERN_LIBRARY"):
        raise LibraryNotFound(f"QUERN_LIBRARY names neither libquern.so nor its folder: {places[0]}")
    try:
        return _open("libquern.so.0")
    except LibraryNotFound:
        looked = ", ".join(str(place) for place in places)
        raise LibraryNotFound("libquern.so was not found; set QUERN_LIBRARY to the file or to its folder. "
                              f"Looked in {looked}, and asked the loader") from None


def _open(path):
    try:
        library = ctypes.CDLL(path)
    except OSError as why:
        raise LibraryNotFound(f"cannot load {path}: {why}") from None
    for name, (result, arguments) in _FUNCTIONS.items():
        try:
            function = getattr(library, name)
        except AttributeError:
            raise LibraryNotFound(f"{path} is another version: it has no function {name}") from None
        function.restype, function.argtypes = result, arguments
    found = library.quern_abi_version()
    if found < ABI_VERSION:
        raise LibraryNotFound(f"{path} has version {found} of the C interface, {ABI_VERSION} is needed")
    return library


_lock = threading.Lock()
_loaded = None


def library():
    """The library, loaded when it is first asked for. Raises LibraryNotFound."""
    global _loaded
    with _lock:
        if _loaded is None:
            _loaded = _load()
        return _loaded


# ---------------------------------------------------------------- problems
def text_of(value):
    return (value or b"").decode("utf-8", "replace")


def problem_of(view):
    """A problem of the library as one of ours, copied."""
    known = (c_size_t(-1).value, c_size_t(-1).value)
    notes = tuple(Note(text_of(note.message), _span(note.begin, note.end, known))
                  for note in (view.note[i].contents for i in range(view.notes)))
    severity = SEVERITIES[view.severity] if 0 <= view.severity < len(SEVERITIES) else "note"
    return Problem(severity, text_of(view.code), text_of(view.title), text_of(view.message), text_of(view.hint),
                   _span(view.begin, view.end, known), text_of(view.source), notes, text_of(view.rendered))


def _span(begin, end, unknown):
    return None if begin == unknown[0] else (begin, end)


def take_problems(handle):
    """The problems behind a handle, which is freed. None: there are none."""
    lib = library()
    if not handle:
        return []
    try:
        return [problem_of(lib.quern_problems_at(handle, i).contents) for i in range(lib.quern_problems_count(handle))]
    finally:
        lib.quern_problems_free(handle)


def check(name, *arguments):
    """Calls a function that takes problems last. Raises Error where it failed; else gives its status."""
    problems = c_void_p()
    status = getattr(library(), name)(*arguments, byref(problems))
    heard = take_problems(problems)
    if status == FAILED:
        raise Error(heard)
    return status


def encoded(text, what="a text"):
    """UTF-8 for the library. Lone surrogates, which stand for bytes that were no UTF-8, become those bytes
    again, so that the library names the fault."""
    if isinstance(text, bytes):
        return text
    if not isinstance(text, str):
        raise TypeError(f"{what} is a str, not {type(text).__name__}")
    return text.encode("utf-8", "surrogateescape")
