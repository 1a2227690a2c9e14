"""How Grafana writes a value of a unit. A unit that no dashboard has used before is an error: add it here."""

import math

# Each unit's steps: from which value on, what the value is divided by, and what is written behind it.
_THOUSANDS = ((0, 1, ""), (1e3, 1e3, "K"), (1e6, 1e6, "M"), (1e9, 1e9, "B"))


def _counted(name):
    return tuple((least, divisor, f"{letter} {name}".rstrip()) for least, divisor, letter in _THOUSANDS)


_STEPS = {
    "none": ((0, 1, ""),),
    "locale": ((0, 1, ""),),
    "short": ((0, 1, ""), (1e3, 1e3, " K"), (1e6, 1e6, " Mil"), (1e9, 1e9, " Bil")),
    "ops": _counted("ops/s"),
    "reqps": _counted("req/s"),
    "percentunit": ((0, 0.01, "%"),),
    "s": ((0, 1e-9, " ns"), (1e-6, 1e-6, " µs"), (1e-3, 1e-3, " ms"), (1, 1, " s"), (60, 60, " min"), (3600, 3600, " hours"), (86400, 86400, " days")),
    "bytes": ((0, 1, " B"), (2**10, 2**10, " KiB"), (2**20, 2**20, " MiB"), (2**30, 2**30, " GiB"), (2**40, 2**40, " TiB")),
    "Bps": ((0, 1, " B/s"), (1e3, 1e3, " kB/s"), (1e6, 1e6, " MB/s"), (1e9, 1e9, " GB/s")),
}


def scale(unit, value):
    """The divisor and the suffix by which `value`, and an axis that ends with it, is written."""
    if unit not in _STEPS:
        raise ValueError(f"unknown unit {unit!r}")
    fitting = [step for step in _STEPS[unit] if abs(value) >= step[0]]
    _, divisor, suffix = fitting[-1]
    # A zero is "0 s", not "0 ns".
    return (1, " s") if unit == "s" and value == 0 else (divisor, suffix)


def _decimals(value):
    """As many as three digits take, none for whole numbers."""
    return 0 if value == round(value) else max(0, 2 - math.floor(math.log10(abs(value))))


def text(unit, value, decimals=None):
    """One value, for example "1.24 K", "320 ms" or "4.5%"."""
    divisor, suffix = scale(unit, value)
    scaled = value / divisor
    if unit == "locale":
        return f"{value:,.0f}"
    return f"{scaled:.{_decimals(scaled) if decimals is None else decimals}f}{suffix}"


def tick_step(unit, most, count):
    """The distance of an axis' marks from 0 to `most`, about `count` of them, that are round numbers when written."""
    divisor, _ = scale(unit, most)
    rough = most / divisor / count
    power = 10 ** math.floor(math.log10(rough))
    return next(step for step in (1, 2, 2.5, 5, 10) if step * power >= rough * 0.999) * power * divisor


def tick_text(unit, value, most):
    """A mark's text on an axis that ends with `most`: all in one unit."""
    divisor, suffix = scale(unit, most)
    return f"{value / divisor:.6g}{suffix}" if value else "0" + (suffix if unit != "short" else "")
