"""What reports look like: importance, SHAP values, curves, confusion, calibration, losses. Each takes the table that
a statement gave and gives a Chart, which a notebook shows; of_outcome() finds the one that suits a statement."""

from quern import _svg, html

_MOST_BARS = 30
_MOST_CLASSES = 20
_MOST_SERIES = 8
_MOST_DOTS = 1000  # of a feature
_MOST_POINTS = 500  # of a curve


class Chart:
    """A drawing. `svg` stands for itself in a page; save() writes a file that does."""

    def __init__(self, svg, words):
        self.svg, self.words = svg, words

    def _repr_html_(self):
        return html.boxed(self.svg)

    def __repr__(self):
        return f"<Chart: {self.words}>"

    def save(self, path):
        """Writes an SVG file, with ink that follows the reader's choice of light or dark."""
        style = ("<style>svg { color: #1d2733; } @media (prefers-color-scheme: dark) { svg { color: #e3e8ee; } } "
                 "text { fill: currentColor; font: 12px system-ui, sans-serif; } text.f { fill-opacity: .7; } "
                 ".rule { stroke: currentColor; stroke-opacity: .18; fill: none; } "
                 ".dash { stroke-dasharray: 4 4; stroke-opacity: .5; }</style>")
        head, rest = self.svg.split(">", 1)
        name = "http:" "//www.w3.org/2000/svg"
        with open(path, "w", encoding="utf-8") as file:
            file.write(f'{head} xmlns="{name}">{style}{rest}')


def _name(value):
    return html.visible(html.shown(value))


def _need(table, *names):
    missing = [name for name in names if name not in table.names]
    if missing:
        raise ValueError(f"the chart needs the columns {', '.join(names)}; the table has {', '.join(table.names)}")


def _by_class(table, *names):
    """(class, its rows) in order; one class "" where there is no such column."""
    columns = [table.column(name) for name in names]
    classes = [_name(c) for c in table.column("class")] if "class" in table.names else [""] * len(table)
    out = {}
    for row in zip(classes, *columns):
        out.setdefault(row[0], []).append(row[1:])
    return list(out.items())[:_MOST_SERIES]


def importance(table):
    """Bars of `mean_abs_shap`, `gain`, `importance` or `weight` by feature, those of each class together."""
    _need(table, "feature")
    measure = next((m for m in ("mean_abs_shap", "importance", "gain", "weight") if m in table.names), None)
    if measure is None:
        raise ValueError(f"no measure of importance among {', '.join(table.names)}")
    sums = {}
    for feature, value in zip(table.column("feature"), table.column(measure)):
        sums[_name(feature)] = sums.get(_name(feature), 0.0) + (value or 0.0)
    bars = sorted(sums.items(), key=lambda bar: -abs(bar[1]))[:_MOST_BARS]
    words = measure if "class" not in table.names else f"{measure}, sum over the classes"
    return Chart(_svg.bar_chart(words, bars), f"{measure} of {len(bars)} features")


def _curve(table, x, y, diagonal, dots=False):
    series = []
    for name, rows in _by_class(table, x, y):
        points = [(a, b) for a, b in rows if a is not None and b is not None]
        series.append((name, points if dots else _thinned(points)))
    axes = [_svg.Axis(name.replace("_", " "), -0.02, 1.02) for name in (x, y)]
    return _svg.line_chart(*axes, series, diagonal, dots)


def _thinned(points):
    """Curves of many thresholds, without the points that nobody could tell apart."""
    if len(points) <= _MOST_POINTS:
        return points
    out = points[:1]
    for point in points:
        if abs(point[0] - out[-1][0]) + abs(point[1] - out[-1][1]) >= 2 / _MOST_POINTS:
            out.append(point)
    return out if out[-1] == points[-1] else out + points[-1:]


def roc(table):
    """Of `evaluate.report = roc`."""
    _need(table, "false_positive_rate", "true_positive_rate")
    return Chart(_curve(table, "false_positive_rate", "true_positive_rate", True), "ROC curve")


def precision_recall(table):
    """Of `evaluate.report = pr`."""
    _need(table, "precision", "recall", "threshold")
    return Chart(_curve(table, "recall", "precision", False), "precision by recall")


def calibration(table):
    """Of `evaluate.report = calibration`."""
    _need(table, "mean_probability", "positive_share")
    return Chart(_curve(table, "mean_probability", "positive_share", True, dots=True), "calibration")


def confusion(table):
    """Of `evaluate.report = confusion`. Raises ValueError beyond 20 classes."""
    _need(table, "actual", "predicted", "rows")
    actual, predicted, rows = (table.column(name) for name in ("actual", "predicted", "rows"))
    names = list(dict.fromkeys(map(_name, [*actual, *predicted])))
    if len(names) > _MOST_CLASSES:
        raise ValueError(f"{len(names)} classes are too many to draw; {_MOST_CLASSES} are shown at most")
    place = {name: i for i, name in enumerate(names)}
    counts = [[0] * len(names) for _ in names]
    for a, p, n in zip(actual, predicted, rows):
        counts[place[_name(a)]][place[_name(p)]] += n
    return Chart(_svg.heat_map(names, counts), f"confusion of {len(names)} classes")


def loss(curves):
    """Of Outcome.curves: metrics by round. The metrics of the last name, on both sides of a split, share the axis."""
    if not curves:
        raise ValueError("no metric was heard by round")
    last = list(curves)[-1].split(" ")[-1]
    series = [(name, points) for name, points in curves.items() if name.split(" ")[-1] == last]
    x = _svg.Axis.around("round", [r for _, points in series for r, _ in points])
    y = _svg.Axis.around(last, [v for _, points in series for _, v in points])
    return Chart(_svg.line_chart(x, y, series), f"{last} by round")


def shap_summary(attributions, values=None, class_name=None):
    """Dots of the rows' SHAP values by feature, the largest mean size first.

    \\param attributions  of `TO EXPLAIN ... WITH explain.scope = local`: a column for each feature.
    \\param values        the rows themselves, in the same order: a Table, a DataFrame or a dict of columns. High values
        are then orange, low ones blue; what is no number is grey.
    \\param class_name    which class, of a model of three or more; None: the last."""
    names = [name for name in attributions.names if name not in ("class", "expected_value")]
    keep = range(len(attributions))
    if "class" in attributions.names:
        classes = attributions.column("class")
        wanted = classes[-1] if class_name is None and classes else class_name
        keep = [i for i, c in enumerate(classes) if c == wanted]
        if not keep:
            raise ValueError(f"no row is of the class {wanted!r}")
    swarms = []
    for name in names:
        column = attributions.column(name)
        numbers = [column[i] or 0.0 for i in keep][:_MOST_DOTS]
        swarms.append((name, list(zip(numbers, _ranks(values, name, len(numbers))))))
    swarms.sort(key=lambda swarm: -sum(abs(at) for at, _ in swarm[1]))
    return Chart(_svg.beeswarm("SHAP value", swarms[:_MOST_BARS]), f"SHAP values of {len(names)} features")


def _ranks(values, name, count):
    if values is None:
        return [0.0] * count
    from quern._columns import columns_of

    column = next((c.values for c in columns_of(values) if c.name == name), [])[:count]
    column = [float(v) if html.is_number(v) or isinstance(v, bool) else None for v in column]
    known = sorted({v for v in column if v is not None})
    rank = {v: i / max(len(known) - 1, 1) for i, v in enumerate(known)}
    out = [rank.get(v) for v in column]
    return out + [None] * (count - len(out))


# ---------------------------------------------------------------- which one suits
_SUITING = {"roc": roc, "precision_recall": precision_recall, "calibration": calibration, "confusion": confusion,
            "attributions": shap_summary}
_FEWEST_DOTS = 10  # rows whose attributions are worth a drawing


def of_outcome(outcome):
    """The chart that suits what a statement gave; None: none does. Never fails."""
    try:
        return _suiting(outcome)
    except (ValueError, TypeError, KeyError):
        return None


def _suiting(outcome):
    table = outcome.table
    if table is None:
        return loss(outcome.curves) if any(len(points) > 1 for points in outcome.curves.values()) else None
    if len(table) == 0 or (outcome.chart == "attributions" and len(table) < _FEWEST_DOTS):
        return None
    if outcome.chart in _SUITING:
        return _SUITING[outcome.chart](table)
    return importance(table) if table.bars is not None else None
