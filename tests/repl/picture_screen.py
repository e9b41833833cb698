"""A terminal that shows pictures: answers what it is asked, and reads both forms of them back into points.

Kitty's graphics protocol with RGBA in zlib's format; sixel with colours in per cent. Whatever else comes is an error.
"""

import base64
import fcntl
import os
import re
import struct
import termios
import zlib

from person import Person
from screen import Screen

STRING = re.compile(r"\x1b([P_\]])(.*?)\x1b\\", re.DOTALL)
CELL = (10, 20)
BACKGROUND = (0, 0, 0)
ANSWERS = {"11": "\x1b]11;rgb:0000/0000/0000\x1b\\", "16t": f"\x1b[6;{CELL[1]};{CELL[0]}t"}
KITTY = ANSWERS | {"G": "\x1b_Gi=31;OK\x1b\\", "c": "\x1b[?62;c"}
SIXEL = ANSWERS | {"c": "\x1b[?62;4;22c"}
SILENT = {}


class Picture:
    """Where it stands, in lines from the first one and columns, and its points: RGB by (x, y)."""

    def __init__(self, line, column, size, points):
        self.line, self.column, self.size, self.points = line, column, size, points

    def near(self, x, y, reach=1):
        """Colours of what is painted within so many points."""
        return [colour for (px, py), colour in self.points.items() if abs(px - x) <= reach and abs(py - y) <= reach]


def read_kitty(keys, data):
    width, height = int(keys["s"]), int(keys["v"])
    assert keys["f"] == "32" and keys["a"] == "T" and keys["C"] == "1" and keys["o"] == "z", keys
    assert (width, height) == (CELL[0] * int(keys["c"]), CELL[1] * int(keys["r"])), keys
    rgba = zlib.decompress(base64.b64decode(data, validate=True))
    assert len(rgba) == 4 * width * height, (len(rgba), keys)
    quads = struct.iter_unpack("4B", rgba)
    return (width, height), {(i % width, i // width): quad[:3] for i, quad in enumerate(quads) if quad[3] >= 128}


def read_sixel(data):
    raster, body = re.fullmatch(r'0;1;0q"1;1;(\d+;\d+)(.*)', data, re.DOTALL).groups()
    width, height = map(int, raster.split(";"))
    colours, points, colour, x, top = {}, {}, None, 0, 0
    for define, choose, count, sixel, move in re.findall(r"#(\d+;2;\d+;\d+;\d+)|#(\d+)|(?:!(\d+))?([?-~])|([$-])", body):
        if define:
            number, _, *percent = map(int, define.split(";"))
            colours[number] = tuple(round(255 * p / 100) for p in percent)
        elif choose:
            colour = colours[int(choose)]
        elif sixel:
            for x in range(x, x + int(count or 1)):
                for bit in (b for b in range(6) if ord(sixel) - 63 >> b & 1):
                    assert x < width and top + bit < height, "a point outside the picture"
                    points[x, top + bit] = colour
            x += 1
        else:
            x, top = 0, top + (6 if move == "-" else 0)
    assert len(colours) <= 256
    return (width, height), points


class PictureScreen(Screen):
    def __init__(self, columns, rows, answers, reply):
        super().__init__(columns, rows)
        self.answers, self.reply = answers, reply
        self.asked = []
        self.pictures = []
        self.saved = None
        self.pieces = ("", "")  # of a picture that is still coming: keys and data

    def other(self, text, at):
        if text[at:at + 2] in ("\x1b7", "\x1b8"):
            if text[at + 1] == "7":
                self.saved = self.row, self.column
            else:
                self.row, self.column = self.saved
            return at + 2
        if text[at:at + 2] not in ("\x1bP", "\x1b_", "\x1b]"):
            return 0
        match = STRING.match(text, at)
        if not match:
            return -1
        {"P": self._sixel, "_": self._kitty, "]": self._colour}[match[1]](match[2])
        return match.end()

    def _ask(self, what):
        self.asked.append(what)
        self.reply(self.answers.get(what, ""))

    def _colour(self, data):
        assert data == "11;?", data
        self._ask("11")

    def _kitty(self, data):
        head, _, body = data[1:].partition(";")
        keys = dict(pair.split("=") for pair in head.split(","))
        if keys.get("a") == "q":
            self._ask("G")
            return
        assert len(body) <= 4096 and keys["q"] == "2", keys
        first, before = self.pieces
        self.pieces = (first or keys, before + body)
        if keys["m"] == "0":
            self._show(*read_kitty(*self.pieces))
            self.pieces = ("", "")

    def _sixel(self, data):
        self._show(*read_sixel(data))
        self.row, self.column = 0, 0  # wherever it likes

    def _show(self, size, points):
        assert self.row + -(-size[1] // CELL[1]) < self.rows, "the picture would scroll"
        self.pictures.append(Picture(len(self.gone) + self.row, self.column, size, points))

    def _sequence(self, private, parameters, last):
        if last == "c" or (last == "t" and parameters == "16"):
            self._ask(parameters + last)
        else:
            super()._sequence(private, parameters, last)


class PicturePerson(Person):
    """At such a terminal."""

    def __init__(self, program, folder, *arguments, answers, columns=90, rows=60, **environment):
        super().__init__(program, folder, *arguments, columns=columns, rows=rows, **environment)
        self.screen = PictureScreen(columns, rows, answers, self.reply)
        fcntl.ioctl(self.leader, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, columns * CELL[0], rows * CELL[1]))

    def reply(self, text):
        os.write(self.leader, text.encode())
