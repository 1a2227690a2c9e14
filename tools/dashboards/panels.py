"""Draws one panel of each kind that the dashboards have. Another kind is an error: add it here."""

import math

import numpy

import theme
import units

TITLE, SMALL = 14, 12
LINE, GAP = 18, 14


def draw(canvas, box, panel, answers):
    if panel["type"] not in _KINDS:
        raise ValueError(f"unknown kind of panel {panel['type']!r}")
    canvas.rectangle(box, theme.PANEL, theme.BORDER, radius=3)
    room = box.width - 20
    if canvas.width_of(panel["title"], TITLE, "medium") > room:
        raise ValueError("its title is wider than the panel")
    canvas.text(box.x + 10, box.y + 17, panel["title"], TITLE, weight="medium")
    _KINDS[panel["type"]](canvas, box.inner(10, 32, 12, 8), panel, answers)


def _threshold(panel, value):
    steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    return theme.colour([step["color"] for step in steps if step["value"] is None or value >= step["value"]][-1])


def _stat(canvas, box, panel, answers):
    defaults, value = panel["fieldConfig"]["defaults"], answers.of(panel)[0].last()
    words = units.text(defaults["unit"], value, defaults.get("decimals"))
    canvas.text(box.x + box.width / 2, box.y + box.height / 2 - 3, words, 38, _threshold(panel, value), "medium", "center")


def _bar_gauge(canvas, box, panel, answers):
    """Horizontal bars, with the names to their left and the values to their right."""
    unit, bars = panel["fieldConfig"]["defaults"]["unit"], answers.of(panel)
    values = [units.text(unit, bar.last(), panel["fieldConfig"]["defaults"].get("decimals")) for bar in bars]
    left = max(canvas.width_of(bar.name, SMALL) for bar in bars) + 12
    right = max(canvas.width_of(value, SMALL + 1, "medium") for value in values) + 10
    pitch = min(54, box.height / len(bars))
    if pitch < SMALL + 3:
        raise ValueError(f"{len(bars)} bars are too many for its height")
    most = max(bar.last() for bar in bars) or 1
    for place, (bar, value) in enumerate(zip(bars, values)):
        middle, thick = box.y + (place + 0.5) * pitch, pitch * 0.7
        track = box.inner(left, 0, right, 0)
        track.y, track.height = middle - thick / 2, thick
        canvas.text(track.x - 10, middle, bar.name, SMALL, align="right")
        canvas.rectangle(track, theme.BORDER, radius=2)
        track.width = max(2, track.width * bar.last() / most)
        canvas.rectangle(track, bar.colour, radius=2)
        canvas.text(box.x + box.width, middle, value, SMALL + 1, bar.colour, "medium", "right")


def _legend(canvas, box, lines):
    """Writes the series' names from the lower left, wrapped; returns the height it takes."""
    rows, x = [[]], 0
    for line in lines:
        width = 22 + canvas.width_of(line.name, SMALL) + GAP
        if rows[-1] and x + width - GAP > box.width:
            rows.append([])
            x = 0
        rows[-1].append((x, line))
        x += width
    top = box.y + box.height - LINE * len(rows)
    for place, row in enumerate(rows):
        for x, line in row:
            canvas.line(box.x + x, top + LINE * (place + 0.5), 16, line.colour, line.dashed)
            canvas.text(box.x + x + 22, top + LINE * (place + 0.5), line.name, SMALL, theme.FAINT)
    return LINE * len(rows)


def _time_series(canvas, box, panel, answers):
    defaults, lines = panel["fieldConfig"]["defaults"], answers.of(panel)
    custom = defaults["custom"]
    stacked = custom.get("stacking", {}).get("mode") == "normal"
    taken = _legend(canvas, box, lines)
    known = numpy.array([line.values for line in lines])
    most = numpy.nanmax(numpy.nansum(known, axis=0) if stacked else known) * 1.04
    most = max(most, defaults.get("max", 0)) or 1
    step = units.tick_step(defaults["unit"], most, 4)
    if defaults.get("decimals") == 0:
        step = math.ceil(step)
    marks = numpy.arange(0, most + step / 1e6, step)
    words = [units.tick_text(defaults["unit"], mark, most) for mark in marks]
    axes = canvas.axes(box.inner(max(canvas.width_of(word, SMALL) for word in words) + 8, 4, 12, taken + 26))
    _frame(axes, answers, most, marks, words)
    _lines(axes, lines, custom, stacked)


def _frame(axes, answers, most, marks, words):
    minutes = range(0, round(answers.end - answers.start) + 1, 120)
    axes.set(xlim=(0, answers.end - answers.start), ylim=(0, most))
    axes.set_yticks(marks, words)
    axes.set_xticks(minutes, [f"{second // 60}:{second % 60:02}" for second in minutes])
    axes.tick_params(length=0, labelsize=SMALL * 0.72, labelcolor=theme.FAINT, pad=5)
    # Or it would touch the mark of zero.
    axes.get_xticklabels()[0].set_ha("left")
    axes.grid(color=theme.GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _lines(axes, lines, custom, stacked):
    below = numpy.zeros(len(lines[0].values))
    for place, line in enumerate(lines):
        values = numpy.array(line.values)
        if stacked:
            values = below + numpy.nan_to_num(values)
        opacity = custom["fillOpacity"] if line.opacity is None else line.opacity
        stepped = custom["lineInterpolation"] == "stepAfter"
        if opacity:
            axes.fill_between(line.times, below, values, color=line.colour, alpha=opacity / 100, linewidth=0, zorder=2, step="post" if stepped else None)
        # Of lines that lie on each other, the first is seen.
        axes.plot(line.times, values, color=line.colour, linewidth=custom["lineWidth"] * 0.8, zorder=4 - place / 100,
                  drawstyle="steps-post" if stepped else "default",
                  linestyle=(0, (3, 1.6)) if line.dashed else "-", solid_joinstyle="round", clip_on=False)
        below = values if stacked else below


_KINDS = {"stat": _stat, "bargauge": _bar_gauge, "timeseries": _time_series}
