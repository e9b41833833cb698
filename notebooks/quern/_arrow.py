"""Arrow's C data interface, the side that takes and hands on: schemas copied, arrays held until nobody looks at
them, and both given to others without giving up our own."""

import ctypes
import itertools
from ctypes import POINTER, byref, cast, pointer, sizeof

from quern._library import (GET_ERROR, GET_NEXT, GET_SCHEMA, RELEASE_ARRAY, RELEASE_SCHEMA, RELEASE_STREAM,
                            ArrowArray, ArrowArrayStream, ArrowSchema)


class Field:
    """A column's name and type. `type` is the database's word for it, `format` Arrow's."""

    def __init__(self, name, format, type, children=()):
        self.name, self.format, self.type, self.children = name, format, type, children

    def __repr__(self):
        return f"Field({self.name!r}, {self.type or self.format!r})"


def field_of(schema):
    children = tuple(field_of(schema.children[i].contents) for i in range(schema.n_children))
    name = (schema.name or b"").decode("utf-8", "surrogateescape")
    return Field(name, schema.format.decode(), _metadata(schema.metadata).get("quern.type", ""), children)


def _metadata(address):
    """Arrow's form: a count, then each key and value behind its length; 32-bit numbers of the machine."""
    if not address:
        return {}
    place = address

    def number():
        nonlocal place
        place += 4
        return ctypes.c_int32.from_address(place - 4).value

    def word():
        nonlocal place
        size = number()
        place += size
        return ctypes.string_at(place - size, size).decode("utf-8", "replace")

    return {word(): word() for _ in range(number())}


class Held:
    """An array that was handed to us: released when the last one who looks at its memory is gone."""

    def __init__(self, array):
        self.array = ArrowArray()
        ctypes.memmove(byref(self.array), byref(array), sizeof(ArrowArray))
        array.release = RELEASE_ARRAY()  # it is ours now

    def __del__(self):
        if self.array.release:
            self.array.release(byref(self.array))

    @property
    def rows(self):
        return self.array.length

    def column(self, index):
        return self.array.children[index].contents


def take_schema(schema):
    """The fields of a struct's schema, which is released."""
    try:
        return field_of(schema).children
    finally:
        if schema.release:
            schema.release(byref(schema))


# ---------------------------------------------------------------- handing on
# What others hold of ours, by the number in `private_data`: it lives until they call `release`.
_lent = {}
_numbers = itertools.count(1)


def _lend(target, *kept):
    number = next(_numbers)
    _lent[number] = kept
    target.private_data = number


@RELEASE_ARRAY
def _release_array(array):
    out = array.contents
    for i in range(out.n_children):
        child = out.children[i].contents
        if child.release:
            child.release(byref(child))
    _lent.pop(out.private_data, None)
    out.release = RELEASE_ARRAY()


@RELEASE_SCHEMA
def _release_schema(schema):
    out = schema.contents
    for i in range(out.n_children):
        child = out.children[i].contents
        if child.release:
            child.release(byref(child))
    _lent.pop(out.private_data, None)
    out.release = RELEASE_SCHEMA()


def lend_array(source, owner, out):
    """Fills `out` with what `source` points at; `owner` lives until `out` is released, wherever it is moved."""
    count = source.n_children
    children = (ArrowArray * count)()
    pointers = (POINTER(ArrowArray) * count)(*(pointer(child) for child in children))
    for i in range(count):
        lend_array(source.children[i].contents, owner, children[i])
    out.length, out.null_count, out.offset = source.length, source.null_count, source.offset
    out.n_buffers, out.n_children, out.buffers = source.n_buffers, count, source.buffers
    out.children = cast(pointers, POINTER(POINTER(ArrowArray))) if count else None
    out.dictionary = None
    out.release = _release_array
    _lend(out, owner, children, pointers)


def lend_schema(field, out, nullable=True):
    """Fills `out` with a field, its name and its type."""
    count = len(field.children)
    children = (ArrowSchema * count)()
    pointers = (POINTER(ArrowSchema) * count)(*(pointer(child) for child in children))
    for child, part in zip(children, field.children):
        lend_schema(part, child)
    texts = (field.format.encode(), field.name.encode("utf-8", "surrogateescape"))
    metadata = _metadata_bytes(field.type)
    out.format, out.name, out.flags, out.n_children = texts[0], texts[1], 2 if nullable else 0, count
    out.metadata = ctypes.cast(metadata, ctypes.c_void_p) if metadata else None
    out.children = cast(pointers, POINTER(POINTER(ArrowSchema))) if count else None
    out.dictionary = None
    out.release = _release_schema
    _lend(out, texts, metadata, children, pointers)


def _metadata_bytes(type):
    if not type:
        return None
    key, value = b"quern.type", type.encode("utf-8", "surrogateescape")
    words = [(1).to_bytes(4, "little")]
    words += [len(word).to_bytes(4, "little") + word for word in (key, value)]
    return ctypes.create_string_buffer(b"".join(words))


@GET_SCHEMA
def _stream_schema(stream, out):
    fields, _, _ = _lent[stream.contents.private_data]
    lend_schema(Field("", "+s", "", fields), out.contents, nullable=False)
    return 0


@GET_NEXT
def _stream_next(stream, out):
    _, batches, _ = _lent[stream.contents.private_data]
    held = next(batches, None)
    if held is None:
        out.contents.release = RELEASE_ARRAY()
    else:
        lend_array(held.array, held, out.contents)
    return 0


@GET_ERROR
def _stream_error(_stream):
    return None


@RELEASE_STREAM
def _release_stream(stream):
    _lent.pop(stream.contents.private_data, None)
    stream.contents.release = RELEASE_STREAM()


def lend_stream(fields, batches, out):
    """Fills `out` with a stream of batches that we go on holding."""
    out.get_schema, out.get_next, out.get_last_error = _stream_schema, _stream_next, _stream_error
    out.release = _release_stream
    _lend(out, fields, iter(list(batches)), None)


# ---------------------------------------------------------------- capsules, for whoever asks __arrow_c_stream__
_DESTRUCTOR = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
_new_capsule = ctypes.pythonapi.PyCapsule_New
_new_capsule.restype, _new_capsule.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_char_p, _DESTRUCTOR]
_capsule_pointer = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p)(
    ("PyCapsule_GetPointer", ctypes.pythonapi))
_STREAM_NAME = b"arrow_array_stream"
_capsules = {}


@ctypes.PYFUNCTYPE(None, ctypes.c_void_p)
def _drop_capsule(capsule):
    """An unused stream is released with its capsule; a taken one has no `release` any more."""
    stream = _capsules.pop(_capsule_pointer(capsule, _STREAM_NAME), None)
    if stream is not None and stream.release:
        stream.release(byref(stream))


def stream_capsule(stream):
    """A PyCapsule of an ArrowArrayStream, as Arrow's PyCapsule interface has it."""
    address = ctypes.addressof(stream)
    _capsules[address] = stream
    return _new_capsule(address, _STREAM_NAME, cast(_drop_capsule, _DESTRUCTOR))


def new_stream():
    return ArrowArrayStream()
