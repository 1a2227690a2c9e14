"""Takes every query out of deploy/grafana/dashboards and puts it to a Prometheus that scraped a real run with faults: an error fails,
and so does an empty answer. What is scraped must stand in docs/metrics.md. Usage: dashboards_test.py BIN REPOSITORY"""

import json
import pathlib
import shutil
import sys
import tempfile
import urllib.error

from prometheus import expand, free_port, wait_for
from suite import Suite

PROGRAMS, REPOSITORY = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])


def prose(number):
    return (f"The bridge of Aldermoor-{number} is a suspension bridge in the west of England. It was designed by Harriet Calloway-{number} and was "
            f"opened to traffic in October {1800 + number}. The bridge was built by the Cleveland Bridge Company at a cost of 1.5 million "
            "pounds. At its opening it was the longest suspension bridge in the United Kingdom. The deck of the bridge hangs from two "
            f"towers of reinforced concrete, each of which is {20 + number} metres high. Between 1999 and 2001 the deck was strengthened and two "
            "cantilever lanes were added, while the traffic went on. The bridge carries some forty thousand vehicles on a working day, "
            "and tolls are collected from those who leave the county on its western side.")


def start_suite(folder):
    suite, port = Suite(PROGRAMS, folder), free_port()
    suite.start_model("model", port, "--latency", "100ms", "--prefix-cache", "1000000", "--fault", "429=0.1", "--fault", "500=0.1",
                      "--fault", "malformed=0.3", "--fault", "reset=0.03")
    model = {"name": "small", "model": "simulated", "base_urls": [f"http://127.0.0.1:{port}/v1"], "max_concurrency": 16, "max_retries": 3,
             "price": {"input": 2, "cached_input": 0.5, "output": 8}}
    # One attempt, so that malformed replies make dead letters.
    suite.write("job.yaml", {"engine": "llm", "models": [model], "queue": {"max_attempts": 1}, "budget": {"max_cost": 100},
                             "output": {"max_shard_age": "1s"}})
    return suite


def main():
    folder = tempfile.mkdtemp(prefix="quern-dashboards-")
    suite = start_suite(folder)
    try:
        wait_for("Prometheus scrapes all services", suite.is_scraped)
        documents = [{"id": f"doc-{number}", "text": prose(number)} for number in range(100)] + [{"id": "short", "text": "Too short to ask about."}]
        (suite.folder / "corpus.jsonl").write_text("".join(json.dumps(document) + "\n" for document in documents))
        code, said = suite.quern("submit", suite.folder / "corpus.jsonl", "--job", "watched", "--spec", suite.folder / "job.yaml", "--watch", "--quiet")
        assert code in (0, 3), said
        # What the pipeline exports it looks up every five seconds.
        wait_for("all that was made is counted", lambda: suite.prometheus.ask("sum(quern_items_finished_total) > 0 and sum(quern_items_in_flight) == 0"))

        queries, failed = 0, []
        for path in sorted((REPOSITORY / "deploy/grafana/dashboards").glob("*.json")):
            for panel in json.loads(path.read_text())["panels"]:
                assert panel["description"] and panel["fieldConfig"]["defaults"]["unit"], f"{path.name}: {panel['title']} lacks its unit or description"
                for target in panel["targets"]:
                    queries += 1
                    expression = expand(target["expr"], "1m", "5m")
                    try:
                        answer = suite.prometheus.ask(expression)
                    except urllib.error.HTTPError as error:
                        answer = error.read().decode()
                    if not isinstance(answer, list) or not answer:
                        failed.append(f"{path.name}: {panel['title']}: {expression}: {answer}")
        assert queries > 50, queries
        assert not failed, "no answer to\n" + "\n".join(failed)
        print(f"{queries} queries answered")

        page = (REPOSITORY / "docs/metrics.md").read_text()
        missing = [name for name in suite.prometheus.names() if name.startswith("quern_") and f"`{name}`" not in page]
        assert not missing, f"docs/metrics.md lacks {missing}"
    finally:
        suite.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
