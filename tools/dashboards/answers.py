"""What a Prometheus answers to a dashboard's panels, as Grafana would ask it."""

import math
import re

import theme
from prometheus import expand


class Series:
    """One line, bar or number: its name in the legend, its points in time with NaN where there is none, and its look."""

    def __init__(self, name, times, values):
        self.name, self.times, self.values = name, times, values
        self.colour, self.dashed, self.opacity = None, False, None

    def last(self):
        known = [value for value in self.values if math.isfinite(value)]
        return known[-1] if known else math.nan


class Answers:
    """Of the time from `start` to `end`, in seconds since 1970; a point every `step` seconds, as if the data source's interval were that."""

    def __init__(self, prometheus, start, end, step):
        self.prometheus, self.start, self.end, self.step = prometheus, start, end, step

    def of(self, panel):
        """A panel's series. An empty answer, a series without a name and an override that is not drawn are errors."""
        found = [series for target in panel["targets"] for series in self._of_target(panel, target)]
        if not any(math.isfinite(value) for series in found for value in series.values):
            raise ValueError("no data")
        for place, series in enumerate(found):
            series.colour = theme.classic(place)
            for override in panel["fieldConfig"]["overrides"]:
                _apply(override, series)
        return found

    def _of_target(self, panel, target):
        # Grafana: four scrapes, so that a rate has points enough.
        expression = expand(target["expr"], f"{4 * self.step}s", f"{round(self.end - self.start)}s")
        if target.get("instant"):
            result = self.prometheus.ask(expression, self.end)
            rows = [(row["metric"], [row["value"]]) for row in result]
        else:
            result = self.prometheus.ask_range(expression, self.start, self.end, self.step)
            rows = [(row["metric"], row["values"]) for row in result]
        for labels, points in rows:
            name = re.sub(r"{{\s*(\w+)\s*}}", lambda match: labels.get(match[1], ""), target["legendFormat"]).strip()
            if not name and panel["type"] != "stat":
                raise ValueError(f"a series of {target['expr']} has no name: {labels}")
            yield self._series(name, points) if not target.get("instant") else Series(name, [self.end], [float(points[0][1])])

    def _series(self, name, points):
        known = {round((time - self.start) / self.step): float(value) for time, value in points}
        count = round((self.end - self.start) / self.step) + 1
        values = [known.get(place, math.nan) for place in range(count)]
        return Series(name, [place * self.step for place in range(count)], [value if math.isfinite(value) else math.nan for value in values])


def _apply(override, series):
    matcher = override["matcher"]
    if matcher["id"] != "byRegexp":
        raise ValueError(f"unknown matcher {matcher['id']!r}")
    if not re.search(matcher["options"].strip("/"), series.name):
        return
    for change in override["properties"]:
        if change["id"] == "color" and change["value"]["mode"] == "fixed":
            series.colour = theme.colour(change["value"]["fixedColor"])
        elif change["id"] == "custom.lineStyle":
            series.dashed = change["value"]["fill"] == "dash"
        elif change["id"] == "custom.fillOpacity":
            series.opacity = change["value"]
        else:
            raise ValueError(f"unknown override {change}")
