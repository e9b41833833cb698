"""Drawings as SVG text, for a page whose ink is `currentColor`: lines and words take the page's colour, whichever it
is, and the eight colours of the marks stand out from a light ground as from a dark one. Sizes are in SVG's units."""

import math

from quern.html import cut, escaped

COLOURS = ("#2f81d0", "#d9661f", "#1f9a72", "#c5609f", "#ad7d0a", "#3d93bd", "#8a63b5", "#7a8594")


def colour(series):
    return COLOURS[series % len(COLOURS)]


def number(value):
    """A number in few characters."""
    if not math.isfinite(value):
        return str(value)
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}" if abs(value) < 1e7 else f"{value:.3g}"


def opened(width, height, label):
    return (f'<svg role="img" aria-label="{escaped(label)}" width="{width:.0f}" height="{height:.0f}" '
            f'viewBox="0 0 {width:.0f} {height:.0f}">\n')


def text(x, y, anchor, words, more=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>{escaped(words)}</text>\n'


FAINT = ' class="f"'


def rule(x1, y1, x2, y2, kind="rule"):
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>\n'


def box(x, y, width, height, fill, opacity=1.0):
    return (f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}" '
            f'fill-opacity="{opacity:.2f}"/>\n')


def ticks(low, high):
    """Round values between two ends: 1, 2 or 5 times a power of ten apart, four to nine of them."""
    span = high - low
    if not span > 0 or not math.isfinite(span):
        return [low]
    step = 10.0 ** math.floor(math.log10(span))
    for factor in (0.5, 0.4, 0.5):  # 5, 2, 1
        if span / step >= 4:
            break
        step *= factor
    first = math.ceil(low / step)
    return [round(i * step, 12) for i in range(first, first + 12) if i * step <= high + step * 1e-6]


class Axis:
    def __init__(self, name, low, high):
        self.name, self.low, self.high = name, low, high

    @classmethod
    def around(cls, name, values):
        """All finite values, with a little room."""
        known = [v for v in values if v is not None and math.isfinite(v)] or [0.0]
        low, high = min(known), max(known)
        more = 0.03 * (high - low) if high > low else max(abs(high) * 0.1, 0.5)
        return cls(name, low - more, high + more)


class Frame:
    """Where values of two axes stand in a drawing."""

    WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 440, 320, 62, 14, 14, 44

    def __init__(self, x, y):
        self._x, self._y = x, y

    def x(self, value):
        return self.LEFT + (value - self._x.low) / (self._x.high - self._x.low) * (self.WIDTH - self.LEFT - self.RIGHT)

    def y(self, value):
        room = self.HEIGHT - self.TOP - self.BOTTOM
        return self.HEIGHT - self.BOTTOM - (value - self._y.low) / (self._y.high - self._y.low) * room

    def open(self, below=0):
        bottom, right = self.HEIGHT - self.BOTTOM, self.WIDTH - self.RIGHT
        out = [opened(self.WIDTH, self.HEIGHT + below, f"{self._y.name} by {self._x.name}")]
        for at in ticks(self._x.low, self._x.high):
            out.append(rule(self.x(at), self.TOP, self.x(at), bottom))
            out.append(text(self.x(at), bottom + 16, "middle", number(at), FAINT))
        for at in ticks(self._y.low, self._y.high):
            out.append(rule(self.LEFT, self.y(at), right, self.y(at)))
            out.append(text(self.LEFT - 6, self.y(at) + 4, "end", number(at), FAINT))
        out.append(text((self.LEFT + right) / 2, self.HEIGHT - 8, "middle", self._x.name))
        middle = (self.TOP + bottom) / 2
        out.append(text(14, middle, "middle", self._y.name, f' transform="rotate(-90 14 {middle:.1f})"'))
        return "".join(out)


def line_chart(x, y, series, diagonal=False, dots=False):
    """\\param series  (name, points); a point that is not finite interrupts the line."""
    frame = Frame(x, y)
    legend = 18 * math.ceil(len(series) / 2) + 4 if len(series) > 1 else 0
    out = [frame.open(legend)]
    if diagonal:
        low, high = max(x.low, y.low), min(x.high, y.high)
        out.append(rule(frame.x(low), frame.y(low), frame.x(high), frame.y(high), "rule dash"))
    for i, (name, points) in enumerate(series):
        out.append(_polyline(frame, points, colour(i)))
        if dots:
            out += [f'<circle r="3" cx="{frame.x(a):.1f}" cy="{frame.y(b):.1f}" fill="{colour(i)}"/>\n'
                    for a, b in points]
        if legend:
            left, top = frame.LEFT + i % 2 * 190, frame.HEIGHT + 18 * (i // 2) + 4
            out.append(box(left, top, 12, 4, colour(i)) + text(left + 18, top + 7, "start", cut(name, 26)))
    return "".join(out) + "</svg>\n"


def _polyline(frame, points, stroke):
    path, pen = [], "M"
    for x, y in points:
        if x is None or y is None or not (math.isfinite(x) and math.isfinite(y)):
            pen = "M"
            continue
        path.append(f"{pen}{frame.x(x):.1f} {frame.y(y):.1f}")
        pen = "L"
    return f'<path fill="none" stroke-width="2" stroke="{stroke}" d="{"".join(path)}"/>\n'


def _room(names):
    """For the longest name in front of rows."""
    return min(max(7.0 * max([len(cut(name, 32)) for name in names] or [0]) + 12, 60.0), 230.0)


def bar_chart(measure, bars):
    """\\param bars  (name, value)"""
    row, width, behind = 24, 560, 64
    left = _room([name for name, _ in bars])
    known = [v for _, v in bars if v is not None and math.isfinite(v)]
    low, high = min([0.0, *known]), max([0.0, *known])
    high = high if high > low else low + 1

    def place(value):
        return left + (value - low) / (high - low) * (width - left - behind)

    height = row * len(bars) + 22
    out = [opened(width, height, measure)]
    for i, (name, value) in enumerate(bars):
        there = value is not None and math.isfinite(value)
        start, end = (place(min(0.0, value)), place(max(0.0, value))) if there else (place(0), place(0))
        out.append(text(left - 8, row * i + 16, "end", cut(name, 32)))
        out.append(box(start, row * i + 4, end - start, row - 8, colour(1 if there and value < 0 else 0)))
        out.append(text(end + 6, row * i + 16, "start", number(value) if value is not None else "NULL", FAINT))
    return "".join(out) + text(left, height - 6, "start", measure, FAINT) + "</svg>\n"


def rank_colour(rank):
    """Between the ends of a feature's values, 0 to 1; grey where there is none."""
    if rank is None:
        return colour(7)
    ends = [[int(colour(i)[j:j + 2], 16) for j in (1, 3, 5)] for i in (0, 1)]
    return "#" + "".join(f"{round(a + (b - a) * rank):02x}" for a, b in zip(*ends))


def beeswarm(measure, swarms):
    """\\param swarms  (name, dots); a dot is (attribution, rank of the feature's value, 0 to 1, or None)"""
    row, width, right, most_aside = 34, 640, 16, 14.0
    left = _room([name for name, _ in swarms])
    axis = Axis.around(measure, [0.0] + [at for _, dots in swarms for at, _ in dots])
    bottom = row * len(swarms)

    def place(value):
        return left + (value - axis.low) / (axis.high - axis.low) * (width - left - right)

    out = [opened(width, bottom + 40, f"{measure} of rows by feature")]
    for at in ticks(axis.low, axis.high):
        out.append(rule(place(at), 0, place(at), bottom))
        out.append(text(place(at), bottom + 16, "middle", number(at), FAINT))
    for i, (name, dots) in enumerate(swarms):
        middle = row * (i + 0.5)
        out.append(text(left - 8, middle + 4, "end", cut(name, 32)))
        taken = {}  # dots that stand at a place already
        for at, rank in dots:
            n = taken[int(place(at) / 2)] = taken.get(int(place(at) / 2), -1) + 1
            aside = min((n + 1) // 2 * 1.6, most_aside) * (1 if n % 2 == 0 else -1)
            out.append(f'<circle r="2" fill-opacity="0.75" cx="{place(at):.1f}" cy="{middle + aside:.1f}" '
                       f'fill="{rank_colour(rank)}"/>\n')
    return "".join(out) + text((left + width - right) / 2, bottom + 34, "middle", measure) + "</svg>\n"


def heat_map(names, counts):
    """Counts by true class, a row each, and called class. The tint is the share of the row."""
    cell, height, left, top = 64, 30, _room(names), 44
    width = left + cell * len(names) + 10
    out = [opened(width, top + height * len(names) + 24, "rows by actual and predicted class"),
           text(left + cell * len(names) / 2, 12, "middle", "predicted", FAINT)]
    for j, name in enumerate(names):
        out.append(text(left + cell * (j + 0.5), 34, "middle", cut(name, 9)))
    for i, name in enumerate(names):
        y, total = top + height * i, sum(counts[i]) or 1
        out.append(text(left - 8, y + 19, "end", cut(name, 32)))
        for j, count in enumerate(counts[i]):
            tint = colour(0 if i == j else 1)
            out.append(box(left + cell * j + 1, y + 1, cell - 2, height - 2, tint, 0.06 + 0.54 * count / total))
            out.append(text(left + cell * (j + 0.5), y + 19, "middle", f"{count:,}"))
    return "".join(out) + text(left - 8, top + height * len(names) + 16, "end", "actual", FAINT) + "</svg>\n"
