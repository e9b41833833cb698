"""What an editor asks of a session: completion, and the meaning of a word. The library counts bytes, editors count
characters."""

from ctypes import POINTER, byref, c_void_p
from typing import NamedTuple

from quern._library import Inspection, check, library, text_of


class Candidate(NamedTuple):
    text: str  # as it is to be written
    kind: str  # "keyword", "table", "column", "attribute" ...
    doc: str  # one line; may be empty


def _bytes(text, cursor):
    data = text.encode("utf-8", "replace")
    return data, len(text[:cursor].encode("utf-8", "replace"))


def complete(session, text, cursor):
    """(begin, end, candidates): what could be written in place of text[begin:end]."""
    data, at = _bytes(text, cursor)
    lib, handle = library(), c_void_p()
    with session._own() as own:
        check("quern_complete", own, data, len(data), at, byref(handle))
    try:
        places = [lib.quern_completion_begin(handle), lib.quern_completion_end(handle)]
        views = (lib.quern_completion_at(handle, i).contents for i in range(lib.quern_completion_count(handle)))
        found = [Candidate(text_of(v.text), text_of(v.kind), text_of(v.doc)) for v in views]
    finally:
        lib.quern_completion_free(handle)
    begin, end = (len(data[:place].decode("utf-8", "replace")) for place in places)
    return begin, end, found


def inspect(session, text, cursor):
    """(title, lines) of the word at the cursor; ("", "") where there is nothing to say."""
    data, at = _bytes(text, cursor)
    view = POINTER(Inspection)()
    with session._own() as own:
        check("quern_inspect", own, data, len(data), at, byref(view))
        return text_of(view.contents.title), text_of(view.contents.text)
