"""One call of quern_run(): what it does is heard in the thread that runs it and kept; the caller's thread waits,
where Ctrl-C reaches it, shows progress meanwhile, and cancels."""

import _thread
import ctypes
import re
from typing import Dict, NamedTuple

from quern import _arrow
from quern._library import CHARTS, STAGES, Callbacks, problem_of, text_of
from quern.tables import Table

_PATIENCE = 0.05  # seconds between two requests to stop, and between two looks at the progress


class Progress(NamedTuple):
    """How far a statement is."""

    stage: str  # "scan", "fit", "train", "predict", "evaluate", "explain" or "write"
    rows: int  # done
    seconds: float  # since the stage began
    round: int  # of the training: done
    rounds: int  # in all
    fold: int  # from 1; 0: the model itself
    folds: int
    trial: int  # from 1; 0: the model itself
    trials: int
    metrics: Dict[str, float]  # after this round: {"train mlogloss": 0.5}


class Outcome:
    """What one statement came to."""

    def __init__(self, number, text):
        self.number = number  # from 1
        self.text = text  # of the statement
        self.message = ""  # "trained m@1: ..."
        self.table = None  # its rows, where it returned any
        self.rows = 0  # returned, written or changed
        self.seconds = 0.0
        self.failed = False
        self.problems = []  # errors, warnings and notes
        self.chart = ""  # what the rows are best drawn as: "roc", "confusion" ...; see quern.charts
        self.curves = {}  # metric -> its values, a round each, of a training

    def __repr__(self):
        return f"<Outcome {self.number}: {self.message or ('failed' if self.failed else f'{self.rows} rows')}>"


class Result:
    """What a script came to: its statements' outcomes, in order."""

    def __init__(self):
        self.outcomes = []
        self.echoes = []  # words of \\echo
        self.problems = []  # of the whole script, too

    def __len__(self):
        return len(self.outcomes)

    def __iter__(self):
        return iter(self.outcomes)

    def __getitem__(self, index):
        return self.outcomes[index]

    @property
    def table(self):
        """The rows of the last statement that returned any; None: none did."""
        return next((o.table for o in reversed(self.outcomes) if o.table is not None), None)

    @property
    def messages(self):
        return [o.message for o in self.outcomes if o.message]

    def __repr__(self):
        return f"<Result of {len(self.outcomes)} statements: {'; '.join(self.messages) or 'no messages'}>"


class Listener:
    """Hears a run. Its methods are called in the thread that runs; what they raise stops the run and is raised by
    wait_for()."""

    def __init__(self, cancel):
        self.result = Result()
        self.error = None
        self.progress = None  # the newest
        self._source = b""
        self._cancel = cancel
        self._fields = None
        self._batches = []
        self.on_event = None  # called with "echo", "statement", "done" and what it is about

    def callbacks(self):
        """The struct for C; it must outlive the call."""
        out = Callbacks(size=ctypes.sizeof(Callbacks))
        for name, kind in Callbacks._fields_[2:]:
            setattr(out, name, kind(self._guarded(getattr(self, "_on_" + name))))
        return out

    def _guarded(self, method):
        def call(_user, *arguments):
            try:
                if self.error is None:
                    method(*arguments)
            except BaseException as why:  # it must not reach C
                self.error = why
                self._cancel()
        return call

    def _now(self):
        return self.result.outcomes[-1]

    def _tell(self, event, what):
        if self.on_event is not None:
            self.on_event(event, what)

    def _on_source(self, _name, text, size):
        self._source = ctypes.string_at(text, size) if size else b""

    def _on_echo(self, words):
        self.result.echoes.append(text_of(words))
        self._tell("echo", text_of(words))

    def _on_statement(self, number, begin, end):
        text = self._source[begin:end].decode("utf-8", "replace")
        self.result.outcomes.append(Outcome(number, text))
        self._fields, self._batches = None, []
        self._tell("statement", self._now())

    def _on_schema(self, schema):
        self._fields = _arrow.take_schema(schema.contents)

    def _on_batch(self, batch):
        if batch.contents.length:
            self._batches.append(_arrow.Held(batch.contents))

    def _on_done(self, done):
        out, view = self._now(), done.contents
        out.message, out.rows, out.seconds = text_of(view.message), view.rows, view.seconds
        out.chart = CHARTS[view.chart] if 0 <= view.chart < len(CHARTS) else ""
        if view.returned_rows:
            out.table = Table(self._fields or (), self._batches, view.bars)
        self._batches = []
        self._tell("done", out)

    def _on_failed(self, seconds):
        self._now().failed, self._now().seconds = True, seconds

    def _on_problem(self, problem):
        heard = problem_of(problem.contents)
        self.result.problems.append(heard)
        if self.result.outcomes:
            self._now().problems.append(heard)
        self._tell("problem", heard)

    def _on_progress(self, progress):
        view = progress.contents
        metrics = {text_of(view.metric_name[i]): view.metric_value[i] for i in range(view.metrics)}
        stage = STAGES[view.stage] if 0 <= view.stage < len(STAGES) else "other"
        self.progress = Progress(stage, view.rows, view.seconds, view.round, view.rounds, view.fold, view.folds,
                                 view.trial, view.trials, metrics)
        if stage == "train" and view.round > 0 and not view.fold and not view.trial:
            for name, value in metrics.items():
                self._now().curves.setdefault(name, []).append((view.round, value))


def wait_for(call, cancel, look=None):
    """Runs `call` in a thread of its own and gives what it gives. An exception that comes up here meanwhile
    (Ctrl-C's) cancels it, waits for its end and goes on; so does one of `look`, which is called now and then.

    Ctrl-C may strike between any two steps of Python here, and Python's own Event and Thread do not bear that: a lock
    and a dict, whose single steps are whole, do."""
    box = {}
    ended = _thread.allocate_lock()
    ended.acquire()

    def run():
        if box.setdefault("decided", run) is not run:
            return  # it was given up before it began
        try:
            box["value"] = call()
        except BaseException as why:
            box["error"] = why
        box["ended"] = True
        ended.release()

    try:
        _thread.start_new_thread(run, ())
        while not box.get("ended"):
            ended.acquire(timeout=-1 if look is None else _PATIENCE)
            if look is not None:
                look()
    except BaseException:
        if box.setdefault("decided", None) is run:
            _stop(box, ended, cancel)
        raise
    if "error" in box:
        raise box["error"]
    return box["value"]


def _stop(box, ended, cancel):
    """A request that comes before the statement began is forgotten, so it is made until the call ends."""
    while not box.get("ended"):
        try:
            cancel()
            ended.acquire(timeout=_PATIENCE)
        except KeyboardInterrupt:
            continue


_NAMES = re.compile(r":\s*['\"]?(\w+)|\$\{\s*(\w+)\s*\}")


def names_in(text):
    """Names that may be variables of a text: `:name`, `:'name'`, `:"name"`, `${name}`. More than there are: what
    is one is the library's to say."""
    return {a or b for a, b in _NAMES.findall(text)}
