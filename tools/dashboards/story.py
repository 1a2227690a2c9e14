"""The run that the dashboards are drawn of: ten minutes of two jobs, in which something happens that each dashboard is for."""

import pathlib
import random
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.append(str(ROOT / "tests/deploy"))

from prometheus import free_port, wait_for  # noqa: E402
from suite import Suite  # noqa: E402

SECONDS = 600
FAULTS = {"429": 0.03, "500": 0.02, "malformed": 0.04, "reset": 0.004, "length": 0.02, "content-filter": 0.004}
# Each reads as the names of its files in the demo corpus.
DICTIONARY, MANUALS = ("foldoc", "elements"), ("postgresql", "gnucash", "phylip")


class Story:
    """`programs`: the folder of the built programs. `folder`, an empty one, holds all that the run writes."""

    def __init__(self, programs, corpus, folder):
        self.suite, self.corpus, self.folder = Suite(programs, folder), corpus, folder
        self.ports = {"small": free_port(), "large": free_port()}

    def tell(self):
        """Takes SECONDS and some; afterwards `folder` holds Prometheus' data and its span, in run.json."""
        try:
            self.start_model("small")
            self.start_model("large")
            wait_for("Prometheus scrapes all services", self.suite.is_scraped)
            start = time.time()
            for second, event, happen in self.events():
                time.sleep(max(0, start + second - time.time()))
                print(f"{second // 60}:{second % 60:02} {event}", flush=True)
                happen()
            wait_for("one job goes on and one has spent its budget", self.is_counted, patience=30)
            self.suite.write("run.json", {"start": start, "end": start + SECONDS})
        finally:
            self.suite.stop()

    def events(self):
        suite = self.suite
        return [
            (20, "a dictionary is sent as a job", lambda: self.submit("dictionary", DICTIONARY, self.dictionary())),
            (120, "the generator gets two more replicas", lambda: [suite.start_service(name, "generator") for name in ("generator-2", "generator-3")]),
            (240, "the large model's server is killed", lambda: suite.end("large", kill=True)),
            (280, "and comes back", lambda: self.start_model("large")),
            (330, "manuals are sent as a second job, with a small budget", lambda: self.submit("manuals", MANUALS, self.manuals())),
            (420, "a replica of the generator is killed", lambda: suite.end("generator-3", kill=True)),
            (500, "Redis is restarted", lambda: (suite.end("redis"), suite.start_redis())),
            (SECONDS, "the picture is taken", lambda: None)]

    def start_model(self, name):
        # The small one judges documents as the rules do; the large one asks and judges so that most becomes records.
        kind = {"small": ("--answers", "rules", "--latency", "lognormal:150ms:0.5"),
                "large": ("--answers", "fixed", "--latency", "lognormal:700ms:0.4")}[name]
        faults = [word for fault, share in FAULTS.items() for word in ("--fault", f"{fault}={share}")]
        self.suite.start_model(name, self.ports[name], *kind, *faults, "--prefix-cache", "1000000")

    def model(self, name, server, concurrency, price):
        return {"name": name, "model": name, "base_urls": [f"http://{server}.localhost:{self.ports[server]}/v1"], "max_concurrency": concurrency,
                "price": dict(zip(("input", "cached_input", "output"), price))}

    def dictionary(self):
        return {"engine": "llm", "queue": {"max_documents_held": 1500}, "budget": {"max_cost": 12},
                "models": [self.model("small", "small", 8, (0.15, 0.05, 0.6)), self.model("large", "large", 5, (1, 0.25, 4)),
                           self.model("judge", "large", 32, (0.5, 0.12, 2))],
                "generator": {"llm": {"models": ["large"]}},
                "verifier": {"llm": {"models": ["judge"]}, "closed_book": {"samples": 1, "max_rate": 0.5, "llm": {"models": ["judge"]}}}}

    def manuals(self):
        return {"engine": "llm", "queue": {"max_documents_held": 300}, "budget": {"max_cost": 0.4}, "input": {"max_document_bytes": 65536},
                "models": [self.model("tiny", "small", 2, (0.15, 0.05, 0.6))]}

    def submit(self, job, corpora, spec):
        lines = [line for name in corpora
                 for line in subprocess.run(["zstd", "-dcq", self.corpus / f"{name}.jsonl.zst"], check=True, capture_output=True).stdout.splitlines()]
        random.Random(job).shuffle(lines)
        (self.folder / f"{job}.jsonl").write_bytes(b"\n".join(lines) + b"\n")
        self.suite.start(f"submit-{job}", self.suite.programs / "quern", "submit", self.folder / f"{job}.jsonl", "--job", job, "--spec",
                         self.suite.write(f"{job}.json", spec), "--server", self.suite.addresses["pipeline"], "--quiet")

    def is_counted(self):
        """Whether both jobs are known, and are what the dashboards are asked to show: one goes on, one has spent its budget."""
        return [self.suite.quern("status", job)[1].count(state) for job, state in (("dictionary", "running"), ("manuals", "paused"))] == [1, 1]
