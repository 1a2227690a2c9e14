"""Draws one dashboard, laid out as its JSON says."""

import panels
import theme
from canvas import Box, Canvas

WIDTH, COLUMNS, ROW, GAP, MARGIN, HEAD = 1280, 24, 36, 8, 12, 48


def draw(dashboard, answers, path, notes):
    rows = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in dashboard["panels"])
    canvas = Canvas(WIDTH, HEAD + rows * ROW + MARGIN - GAP)
    canvas.text(MARGIN + 2, HEAD / 2, dashboard["title"], 18, weight="medium")
    minutes = round((answers.end - answers.start) / 60)
    canvas.text(WIDTH - MARGIN - 2, HEAD / 2, f"{minutes} minutes of a run", 13, theme.FAINT, align="right")
    column = (WIDTH - 2 * MARGIN + GAP) / COLUMNS
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        box = Box(MARGIN + place["x"] * column, HEAD + place["y"] * ROW, place["w"] * column - GAP, place["h"] * ROW - GAP)
        try:
            panels.draw(canvas, box, panel, answers)
        except ValueError as error:
            raise SystemExit(f"draw-dashboards: {dashboard['title']}: {panel['title']}: {error}") from error
    canvas.save(path, notes)
