"""Texts of a whole column for numpy. Most columns of text have few distinct values: each is made once then, and found
again by its bytes, eight at a time."""

import sys

import numpy as np

from quern import _values

_FEWEST = 2_000  # rows from which it is worth it
_LONGEST = 32  # bytes of a text


def texts(parts):
    """Texts as objects. \\param parts  (data as uint8, offsets from 0 as int64) of each batch"""
    rows = sum(len(ends) - 1 for _, ends in parts)
    found = _repeated(parts, rows) if rows >= _FEWEST else None
    if found is not None:
        return found
    made = []
    for data, ends in parts:
        made += _values.texts_of(data.tobytes(), ends.tolist())
    out = np.empty(rows, object)
    out[:] = made
    return out


def _repeated(parts, rows):
    """None where texts are long, or most of them distinct."""
    pandas = sys.modules.get("pandas")
    lengths = [np.diff(ends) for _, ends in parts]
    longest = max(int(n.max(initial=0)) for n in lengths)
    if pandas is None or longest > _LONGEST or _distinct(parts):
        return None
    # One row for each eight bytes, and one for the lengths.
    words = np.empty(((longest + 7) // 8 + 1, rows), "u8")
    keys = np.empty(rows, "u8")
    at = 0
    for (data, ends), sizes in zip(parts, lengths):  # batches are small enough for the processor's cache
        end = at + len(sizes)
        _fill_words(data, ends[:-1], sizes, words[:, at:end])
        keys[at:end] = _hashed(words[:, at:end])
        at = end
    codes, groups = pandas.factorize(keys)
    first = np.empty(len(groups), "i8")
    first[codes[::-1]] = np.arange(rows - 1, -1, -1)
    # Equal hashes need not be equal texts.
    if not all((word == word[first][codes]).all() for word in words):
        return None
    made = np.empty(len(first), object)
    made[:] = [words[:-1, i].tobytes()[:int(words[-1, i])].decode("utf-8", "surrogateescape") for i in first.tolist()]
    return made[codes]


def _distinct(parts):
    """Whether most of some texts here and there occur once."""
    rows = [(data, ends, i) for data, ends in parts[::max(len(parts) // 16, 1)]
            for i in range(0, len(ends) - 1, max(len(ends) // 32, 1))]
    seen = {data[ends[i]:ends[i + 1]].tobytes() for data, ends, i in rows}
    return len(seen) > len(rows) * 3 // 4


def _fill_words(data, begins, lengths, words):
    """The bytes of each text, eight in a number, zeros behind its end; then how many there are."""
    padded = np.zeros(len(data) + 8, "u1")
    padded[:len(data)] = data
    every = np.ndarray(len(data) + 1, "<u8", padded, strides=(1,))  # at each byte, the eight from there
    for k, word in enumerate(words[:-1]):
        left = np.minimum(np.maximum(lengths - 8 * k, 0), 8)
        word[:] = every[np.minimum(begins + 8 * k, len(data))] & _MASKS[left]
    words[-1] = lengths


_MASKS = np.array([(1 << 8 * n) - 1 for n in range(9)], "u8")


def _hashed(words):
    keys = words[-1].copy()
    for word in words[:-1]:
        keys = (keys ^ word) * np.uint64(0x9E3779B97F4A7C15)
        keys ^= keys >> np.uint64(29)
    return keys
