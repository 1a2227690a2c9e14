"""Every alert has a section in the runbook, every section an alert, and all names of metrics in alerts are exported ones."""

import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
alerts_text = (root / "deploy/prometheus/alerts.yml").read_text()
alerts = re.findall(r"- alert: (\w+)", alerts_text)
links = re.findall(r"runbook: docs/runbook\.md#(\w+)", alerts_text)
sections = re.findall(r"^## (Quern\w+)$", (root / "docs/runbook.md").read_text(), re.M)
assert links == [name.lower() for name in alerts], f"an alert's link is not its own: {links}"
assert sorted(sections) == sorted(alerts), f"alerts and sections differ: {sorted(set(sections) ^ set(alerts))}"

tested = re.findall(r"alertname: (\w+)\n        exp_alerts", (root / "tests/deploy/alerts_test.yml").read_text())
assert set(tested) == set(alerts), f"no test in which it fires: {sorted(set(alerts) - set(tested))}"

sources = "".join(path.read_text() for folder in ("common", "services") for path in (root / folder).rglob("*.cc"))
exported = set(re.findall(r'"(quern_\w+)"', sources))
# Families that job_metrics.cc names without "quern_" and "_total".
exported |= {f"quern_{name}_total" for name in re.findall(r'^\s*\{"(\w+)", "', sources, re.M)}
unknown = set(re.findall(r"\bquern_\w+", alerts_text)) - exported
assert not unknown, f"no process exports {sorted(unknown)}"
