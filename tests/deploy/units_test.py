"""How dashboards are drawn: values are written as Grafana writes them, and what is not known is named. Usage: units_test.py REPOSITORY"""

import json
import pathlib
import sys
import unittest

REPOSITORY = pathlib.Path(sys.argv.pop(1))
sys.path.append(str(REPOSITORY / "tools/dashboards"))

import theme  # noqa: E402
import units  # noqa: E402


class UnitsTest(unittest.TestCase):
    def test_writes_three_digits_and_the_units_step(self):
        for unit, value, written in [
                ("none", 0.3456, "0.346"), ("none", 12, "12"), ("short", 999, "999"), ("short", 1234, "1.23 K"), ("short", 4500000, "4.50 Mil"),
                ("locale", 12914, "12,914"), ("ops", 12.34, "12.3 ops/s"), ("reqps", 2500, "2.50K req/s"), ("percentunit", 0.045, "4.50%"),
                ("s", 0, "0 s"), ("s", 0.0123, "12.3 ms"), ("s", 97.2, "1.62 min"), ("s", 7200, "2 hours"), ("bytes", 1536, "1.50 KiB"),
                ("Bps", 1536, "1.54 kB/s")]:
            self.assertEqual(units.text(unit, value), written)

    def test_keeps_to_the_decimals_that_are_asked_for(self):
        self.assertEqual(units.text("none", 5.9449, 2), "5.94")

    def test_marks_an_axis_by_round_numbers_in_one_unit(self):
        for unit, most, marks in [("s", 0.3, ["0 ms", "100 ms", "200 ms", "300 ms"]), ("s", 290, ["0 min", "2 min", "4 min"]),
                                  ("bytes", 7 * 2**20, ["0 MiB", "2 MiB", "4 MiB", "6 MiB"]), ("percentunit", 0.08, ["0%", "2%", "4%", "6%", "8%"])]:
            step = units.tick_step(unit, most, 4)
            self.assertEqual([units.tick_text(unit, place * step, most) for place in range(int(most / step + 1.001))], marks)

    def test_names_a_unit_and_a_colour_that_it_does_not_know(self):
        with self.assertRaisesRegex(ValueError, "'parsec'"):
            units.text("parsec", 1)
        with self.assertRaisesRegex(ValueError, "'puce'"):
            theme.colour("puce")

    def test_knows_all_that_the_dashboards_use(self):
        for path in (REPOSITORY / "deploy/grafana/dashboards").glob("*.json"):
            for panel in json.loads(path.read_text())["panels"]:
                units.scale(panel["fieldConfig"]["defaults"]["unit"], 1)
                for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]:
                    theme.colour(step["color"])
                for override in panel["fieldConfig"]["overrides"]:
                    for change in override["properties"]:
                        if change["id"] == "color":
                            theme.colour(change["value"]["fixedColor"])


if __name__ == "__main__":
    unittest.main()
