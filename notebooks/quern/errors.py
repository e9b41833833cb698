"""What goes wrong, as data and as exceptions: the library's diagnostics with their code, place and hint."""

from typing import NamedTuple, Optional, Tuple


class Note(NamedTuple):
    """Something to know beside a problem."""

    message: str
    span: Optional[Tuple[int, int]]  # bytes of the text


class Problem(NamedTuple):
    """One diagnostic. `span` counts bytes of the text that `source` names; None: it has no place."""

    severity: str  # "error", "warning" or "note"
    code: str  # "Q2003"
    title: str  # "unknown column"
    message: str
    hint: str
    span: Optional[Tuple[int, int]]
    source: str
    notes: Tuple[Note, ...]
    rendered: str  # as the command line prints it, caret included

    def __str__(self):
        return self.rendered.rstrip("\n")


class Error(Exception):
    """A call that failed: `problems` says why, `result` what a script did before it failed (or None).

    Its text is what the command line prints, with the caret under the fault."""

    def __init__(self, problems, result=None):
        super().__init__(problems)
        self.problems = list(problems)
        self.result = result

    @property
    def code(self):
        """Of the first problem: "Q2003"; "" where there is none."""
        return self.problems[0].code if self.problems else ""

    def __str__(self):
        return "\n".join(str(problem) for problem in self.problems) or "failed, and the memory for the reason ran out"


class LibraryNotFound(ImportError):
    """libquern.so is not where it was looked for, or is another version."""
