"""The colours of Grafana's dark theme. A colour's name that no dashboard has used before is an error: add it here."""

PAGE, PANEL, BORDER, GRID = "#111217", "#181b1f", "#25282e", "#2a2d33"
GROUNDS = (PAGE, PANEL, BORDER, GRID)
TEXT, FAINT = "#d8d9e0", "#9a9ba6"
FONT = ["Inter", "DejaVu Sans"]

_NAMED = {"green": "#73bf69", "yellow": "#fade2a", "blue": "#5794f2", "orange": "#ff9830", "red": "#f2495c", "purple": "#b877d9",
          "text": TEXT, "dark-green": "#37872d", "light-blue": "#8ab8ff", "dark-red": "#c4162a", "dark-orange": "#fa6400",
          "light-green": "#96d98d", "light-yellow": "#ffee52", "light-orange": "#ffb357", "light-red": "#ff7383", "light-purple": "#ca95e5",
          "super-light-blue": "#c0d8ff", "dark-blue": "#1f60c4", "dark-purple": "#8f3bb8", "semi-dark-yellow": "#f2cc0c", "gray": "#8e8e99"}
# "palette-classic": by the place among the panel's series.
_CLASSIC = ("#73bf69", "#f2cc0c", "#8ab8ff", "#ff780a", "#f2495c", "#5794f2", "#b877d9", "#705da0", "#37872d", "#fade2a", "#447ebc", "#c15c17",
            "#890f02", "#0a437c", "#6d1f62", "#584477", "#b7dbab", "#f4d598", "#70dbed", "#f9ba8f", "#f29191", "#82b5d8", "#e5a8e2", "#aea2e0")


def colour(name):
    if name not in _NAMED:
        raise ValueError(f"unknown colour {name!r}")
    return _NAMED[name]


def classic(place):
    return _CLASSIC[place % len(_CLASSIC)]
