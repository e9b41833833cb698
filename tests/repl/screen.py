"""What a person would see: a terminal of so many columns and rows, fed with what a program writes.

Knows what the program uses and a little more: printing with wrapping put off at the last column, wide and
combining characters, CR, LF, BS, cursor movements, erasing, scrolling. Colours are kept for each cell as the
text of the last SGR. What it is asked, whether it shows pictures, it does not answer. Anything else is an error:
the program must not send what this does not know.
"""

import re
import unicodedata

QUESTION = re.compile(r"\x1b(_G[^\x1b]*a=q[^\x1b]*|\]11;\?)\x1b\\")
SEQUENCE = re.compile(r"\x1b\[([?>]?)([0-9;]*)([@-~])")


def width(char):
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


class Screen:
    def __init__(self, columns=80, rows=24):
        self.columns, self.rows = columns, rows
        self.lines = [self._blank() for _ in range(rows)]
        self.styles = [[""] * columns for _ in range(rows)]
        self.gone = []  # lines that have scrolled away
        self.row = self.column = 0
        self.wraps = False  # the last column was written; the next character goes to the next line
        self.style = ""
        self.left = ""  # of a sequence that is not complete
        self.modes = set()

    def _blank(self):
        return [" "] * self.columns

    def resize(self, columns, rows):
        """Lines are cut or filled; nothing flows anew."""
        self.lines = [(line + [" "] * columns)[:columns] for line in self.lines]
        self.styles = [(line + [""] * columns)[:columns] for line in self.styles]
        self.columns = columns
        while len(self.lines) > rows:
            gone = self.lines.pop(0)
            self.styles.pop(0)
            self.gone.append("".join(gone).rstrip())
            self.row = max(self.row - 1, 0)
        while len(self.lines) < rows:
            self.lines.append(self._blank())
            self.styles.append([""] * columns)
        self.rows = rows
        self.column = min(self.column, columns - 1)
        self.wraps = False

    def feed(self, text):
        text = self.left + text
        at = 0
        while at < len(text):
            char = text[at]
            if char == "\x1b":
                match = SEQUENCE.match(text, at)
                end = 0 if match else self.other(text, at)
                if end < 0:
                    break
                if end > 0:
                    at = end
                    continue
                if not match:
                    if len(text) - at < 16 and re.fullmatch(r"\x1b(\[[?>]?[0-9;]*)?", text[at:]):
                        break
                    raise AssertionError(f"unknown sequence: {text[at:at + 20]!r}")
                self._sequence(*match.groups())
                at = match.end()
            else:
                self._char(char)
                at += 1
        self.left = text[at:]

    def other(self, text, at):
        """Takes a sequence of another kind; the end of it, 0 for none, -1 where more is to come."""
        if text[at:at + 2] not in ("\x1b_", "\x1b]"):
            return 0
        match = QUESTION.match(text, at)
        return match.end() if match else -1

    def _line_feed(self):
        self.wraps = False
        if self.row + 1 < self.rows:
            self.row += 1
            return
        self.gone.append("".join(self.lines.pop(0)).rstrip())
        self.styles.pop(0)
        self.lines.append(self._blank())
        self.styles.append([""] * self.columns)

    def _char(self, char):
        if char == "\r":
            self.column, self.wraps = 0, False
        elif char == "\n":
            self._line_feed()
        elif char == "\b":
            self.column, self.wraps = max(self.column - 1, 0), False
        elif char == "\x07":
            pass
        elif char == "\t":
            self.column = min((self.column // 8 + 1) * 8, self.columns - 1)
        elif ord(char) < 32 or ord(char) == 127:
            raise AssertionError(f"control character on the screen: {char!r}")
        else:
            self._print(char)

    def _print(self, char):
        wide = width(char)
        if wide == 0:
            before = self.column if self.wraps else max(self.column - 1, 0)
            self.lines[self.row][before] += char
            return
        if self.wraps or self.column + wide > self.columns:
            self.column = 0
            self._line_feed()
        self.lines[self.row][self.column] = char
        self.styles[self.row][self.column] = self.style
        if wide == 2:
            self.lines[self.row][self.column + 1] = ""
        self.column += wide
        self.wraps = self.column == self.columns
        if self.wraps:
            self.column -= 1

    def _sequence(self, private, parameters, last):
        numbers = [int(p) if p else 0 for p in parameters.split(";")]
        count = max(numbers[0], 1)
        if private:
            (self.modes.add if last == "h" else self.modes.discard)(parameters)
        elif last == "m":
            self.style = "" if parameters in ("", "0") else parameters
        elif last == "A":
            self.row, self.wraps = max(self.row - count, 0), False
        elif last == "B":
            self.row, self.wraps = min(self.row + count, self.rows - 1), False
        elif last == "C":
            self.column, self.wraps = min(self.column + count, self.columns - 1), False
        elif last == "D":
            self.column, self.wraps = max(self.column - count, 0), False
        elif last == "H":
            self.row = self.column = 0
            self.wraps = False
        elif last == "K":
            assert numbers[0] == 0 and not self.wraps, "EL behind a full line takes its last column"
            self._erase(self.row, self.column)
        elif last == "J":
            self._erase(self.row, self.column if numbers[0] == 0 else 0)
            for row in range(self.row + 1 if numbers[0] == 0 else 0, self.rows):
                self._erase(row, 0)
        elif (parameters, last) not in (("", "c"), ("16", "t")):
            raise AssertionError(f"unknown sequence: ESC [ {private}{parameters}{last}")

    def _erase(self, row, column):
        for c in range(column, self.columns):
            self.lines[row][c] = " "
            self.styles[row][c] = ""

    def text(self):
        """The lines that are seen, the empty ones at the end left out."""
        lines = ["".join(line).rstrip() for line in self.lines]
        while lines and not lines[-1]:
            lines.pop()
        return "\n".join(lines)

    def all_text(self):
        """With what has scrolled away."""
        return "\n".join(self.gone + [self.text()])

    def style_of(self, words):
        """The SGR of the first cell of the last line that holds `words`."""
        for row in range(self.rows - 1, -1, -1):
            line = "".join(self.lines[row])
            if words in line:
                return self.styles[row][line.index(words)]
        raise AssertionError(f"{words!r} is not on the screen:\n{self.text()}")
