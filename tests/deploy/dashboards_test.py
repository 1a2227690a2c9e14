"""Takes every query out of deploy/grafana/dashboards and puts it to a Prometheus that scraped a real run with faults: an error fails,
and so does an empty answer. Usage: dashboards_test.py BIN REPOSITORY"""

import json
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

BIN, REPOSITORY = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
PATIENCE = 120
STAGES = ("filter", "persona", "generator", "verifier")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def prose(number):
    return (f"The bridge of Aldermoor-{number} is a suspension bridge in the west of England. It was designed by Harriet Calloway-{number} and was "
            f"opened to traffic in October {1800 + number}. The bridge was built by the Cleveland Bridge Company at a cost of 1.5 million "
            "pounds. At its opening it was the longest suspension bridge in the United Kingdom. The deck of the bridge hangs from two "
            f"towers of reinforced concrete, each of which is {20 + number} metres high. Between 1999 and 2001 the deck was strengthened and two "
            "cantilever lanes were added, while the traffic went on. The bridge carries some forty thousand vehicles on a working day, "
            "and tolls are collected from those who leave the county on its western side.")


class Suite:
    """Redis, the five services, a model's server with faults, and a Prometheus that scrapes them each second."""

    def __init__(self, folder):
        self.folder, self.processes = pathlib.Path(folder), []
        redis, simulator, self.prometheus = free_port(), free_port(), free_port()
        self.start("redis-server", "--port", redis, "--bind", "127.0.0.1", "--dir", folder, "--appendonly", "yes", "--save", "", "--maxmemory", "1gb",
                   "--maxmemory-policy", "noeviction")
        self.start(BIN / "quern-model-simulator", "--listen", f"127.0.0.1:{simulator}", "--latency", "100ms", "--prefix-cache", "1000000", "--fault", "429=0.1", "--fault",
                   "500=0.1", "--fault", "malformed=0.3", "--fault", "reset=0.03")
        grpc = {name: f"127.0.0.1:{free_port()}" for name in STAGES + ("pipeline",)}
        metrics = {name: f"127.0.0.1:{free_port()}" for name in grpc}
        for name, address in grpc.items():
            flags = [f"--set=pipeline.{stage}_address={grpc[stage]}" for stage in STAGES] + [f"--set=pipeline.data_dir={folder}/data"]
            self.start(BIN / f"quern-{name}", "--listen", address, "--metrics", metrics[name], "--redis", f"redis://127.0.0.1:{redis}",
                       *(flags if name == "pipeline" else []))
        self.server = grpc["pipeline"]
        targets = [{"job_name": f"quern-{name}", "static_configs": [{"targets": [address]}]} for name, address in metrics.items()]
        config = self.write("prometheus.json", {"global": {"scrape_interval": "1s"}, "scrape_configs": targets})
        self.start("prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder}/tsdb", f"--web.listen-address=127.0.0.1:{self.prometheus}")
        model = {"name": "small", "model": "simulated", "base_urls": [f"http://127.0.0.1:{simulator}/v1"], "max_concurrency": 16, "max_retries": 3,
                 "price": {"input": 2, "cached_input": 0.5, "output": 8}}
        # One attempt, so that malformed replies make dead letters.
        self.spec = self.write("job.yaml", {"engine": "llm", "models": [model], "queue": {"max_attempts": 1}, "budget": {"max_cost": 100},
                                            "output": {"max_shard_age": "1s"}})

    def write(self, name, content):
        # JSON is YAML.
        (self.folder / name).write_text(json.dumps(content))
        return self.folder / name

    def start(self, *command):
        log = open(self.folder / f"{pathlib.Path(command[0]).name}.log", "wb")
        self.processes.append(subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log))
        log.close()

    def quern(self, *words):
        done = subprocess.run([BIN / "quern", *words, "--server", self.server], capture_output=True, text=True, timeout=PATIENCE, check=False)
        return done.returncode, done.stdout + done.stderr

    def ask(self, expression):
        query = urllib.parse.urlencode({"query": expression})
        with urllib.request.urlopen(f"http://127.0.0.1:{self.prometheus}/api/v1/query?{query}", timeout=10) as response:
            return json.load(response)["data"]["result"]

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
        for process in reversed(self.processes):
            process.wait(timeout=PATIENCE)


def wait_for(what, reached):
    deadline = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < deadline, f"never happened: {what}"
        time.sleep(0.2)


def all_up(suite):
    try:
        return len(suite.ask("up == 1")) == len(STAGES) + 1
    except OSError:
        return False


def main():
    folder = tempfile.mkdtemp(prefix="quern-dashboards-")
    suite = Suite(folder)
    try:
        wait_for("Prometheus scrapes all services", lambda: all_up(suite))
        documents = [{"id": f"doc-{number}", "text": prose(number)} for number in range(100)] + [{"id": "short", "text": "Too short to ask about."}]
        (suite.folder / "corpus.jsonl").write_text("".join(json.dumps(document) + "\n" for document in documents))
        code, said = suite.quern("submit", suite.folder / "corpus.jsonl", "--job", "watched", "--spec", suite.spec, "--watch", "--quiet")
        assert code in (0, 3), said
        # What the pipeline exports it looks up every five seconds.
        wait_for("all that was made is counted", lambda: suite.ask("sum(quern_items_finished_total) > 0 and sum(quern_items_in_flight) == 0"))

        queries, failed = 0, []
        for path in sorted((REPOSITORY / "deploy/grafana/dashboards").glob("*.json")):
            for panel in json.loads(path.read_text())["panels"]:
                assert panel["description"] and panel["fieldConfig"]["defaults"]["unit"], f"{path.name}: {panel['title']} lacks its unit or description"
                for target in panel["targets"]:
                    queries += 1
                    expression = target["expr"].replace("$__rate_interval", "1m").replace("$__range", "5m")
                    try:
                        answer = suite.ask(expression)
                    except urllib.error.HTTPError as error:
                        answer = error.read().decode()
                    if not isinstance(answer, list) or not answer:
                        failed.append(f"{path.name}: {panel['title']}: {expression}: {answer}")
        assert queries > 50, queries
        assert not failed, "no answer to\n" + "\n".join(failed)
        print(f"{queries} queries answered")
    finally:
        suite.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
