"""A Prometheus of our own, and the questions that a Grafana would put to it."""

import json
import pathlib
import socket
import subprocess
import time
import urllib.parse
import urllib.request

PATIENCE = 120


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(what, reached, patience=PATIENCE):
    deadline = time.monotonic() + patience
    while not reached():
        assert time.monotonic() < deadline, f"never happened: {what}"
        time.sleep(0.2)


def expand(expression, rate_interval, shown):
    """Fills in the variables that Grafana does, durations such as "40s"."""
    return expression.replace("$__rate_interval", rate_interval).replace("$__range", shown)


class Prometheus:
    """Scrapes what the files `targets/JOB.json` under `folder` name; its data stays there and can be asked again by another."""

    def __init__(self, folder, jobs, scrape_interval="1s"):
        folder, self.port = pathlib.Path(folder), free_port()
        scrapes = [{"job_name": job, "file_sd_configs": [{"files": [str(folder / "targets" / f"{job}.json")]}]} for job in jobs]
        config = folder / "prometheus.json"
        config.write_text(json.dumps({"global": {"scrape_interval": scrape_interval}, "scrape_configs": scrapes}))
        with open(folder / "prometheus.log", "ab") as log:
            self.process = subprocess.Popen(
                ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder}/tsdb", f"--web.listen-address=127.0.0.1:{self.port}"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def is_ready(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=5):
                return True
        except OSError:
            return False

    def ask(self, expression, at=None):
        """One value for each series: now, or at a time in seconds since 1970."""
        return self._ask("query", {"query": expression} | ({} if at is None else {"time": at}))

    def ask_range(self, expression, start, end, step):
        return self._ask("query_range", {"query": expression, "start": start, "end": end, "step": step})

    def names(self):
        """Of all metrics that are scraped, a histogram being one."""
        return list(self._get("metadata", {}))

    def _ask(self, method, parameters):
        return self._get(method, parameters)["result"]

    def _get(self, method, parameters):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/{method}?{urllib.parse.urlencode(parameters)}", timeout=30) as response:
            return json.load(response)["data"]

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=PATIENCE)
