"""A page on which boxes, texts and axes are placed in pixels from the upper left, as a browser does."""

import io

import matplotlib
import matplotlib.backends.backend_agg
import matplotlib.figure
import matplotlib.font_manager
import matplotlib.lines
import matplotlib.patches
from PIL import Image, PngImagePlugin

import theme

matplotlib.use("Agg")
matplotlib.rcParams.update({"font.family": theme.FONT})

# How much finer than its layout a picture is, for screens that show it so.
SHARPNESS = 1.5
COLOURS = 240


class Box:
    def __init__(self, x, y, width, height):
        self.x, self.y, self.width, self.height = x, y, width, height

    def inner(self, left, top, right, bottom):
        return Box(self.x + left, self.y + top, self.width - left - right, self.height - top - bottom)


class Canvas:
    def __init__(self, width, height):
        self.width, self.height = width, height
        self.figure = matplotlib.figure.Figure(figsize=(width / 100, height / 100), dpi=100 * SHARPNESS, facecolor=theme.PAGE)
        self._renderer = matplotlib.backends.backend_agg.FigureCanvasAgg(self.figure).get_renderer()

    def rectangle(self, box, fill, edge="none", radius=0):
        patch = matplotlib.patches.FancyBboxPatch(
            (box.x / self.width, 1 - (box.y + box.height) / self.height), box.width / self.width, box.height / self.height,
            boxstyle=f"round,pad=0,rounding_size={radius / self.width}", mutation_aspect=self.width / self.height, facecolor=fill, edgecolor=edge,
            linewidth=0.7, transform=self.figure.transFigure)
        self.figure.add_artist(patch)

    def line(self, x, y, width, colour, dashed):
        self.figure.add_artist(matplotlib.lines.Line2D(
            [x / self.width, (x + width) / self.width], [1 - y / self.height] * 2, color=colour, linewidth=1.9, solid_capstyle="butt",
            linestyle=(0, (2, 1.2)) if dashed else "-", transform=self.figure.transFigure))

    def text(self, x, y, words, size, colour=theme.TEXT, weight="normal", align="left"):
        """`y`: the text's middle."""
        self.figure.text(x / self.width, 1 - y / self.height, words, fontsize=size * 0.72, color=colour, fontweight=weight, ha=align,
                         va="center_baseline", parse_math=False)

    def width_of(self, words, size, weight="normal"):
        font = matplotlib.font_manager.FontProperties(family=theme.FONT, size=size * 0.72, weight=weight)
        return self._renderer.get_text_width_height_descent(words, font, False)[0] / SHARPNESS

    def axes(self, box):
        return self.figure.add_axes([box.x / self.width, 1 - (box.y + box.height) / self.height, box.width / self.width, box.height / self.height],
                                    facecolor="none", zorder=2)

    def save(self, path, notes):
        """A PNG of few colours; `notes` become its text chunks."""
        drawn, information = io.BytesIO(), PngImagePlugin.PngInfo()
        self.figure.savefig(drawn, format="png", facecolor=theme.PAGE)
        for name, note in notes.items():
            information.add_text(name, note)
        full = Image.open(drawn).convert("RGB")
        # The grounds are so much alike that they would become one colour.
        found = full.quantize(COLOURS, method=Image.Quantize.FASTOCTREE).getpalette()[:3 * COLOURS]
        palette = Image.new("P", (1, 1))
        palette.putpalette(found + [part for ground in theme.GROUNDS for part in bytes.fromhex(ground[1:])])
        few = full.quantize(palette=palette, dither=Image.Dither.NONE)
        few.save(path, optimize=True, pnginfo=information)
