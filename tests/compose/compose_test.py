"""Runs docker-compose.yml on a real engine, as a user would: the stack with its simulator and Prometheus, a corpus from a
gRPC client that knows nothing of Quern, a stage scaled, a container killed and the stack stopped in the middle of a job.
Ends with "compose: N checks, 0 skipped". Usage: compose_test.py REPOSITORY"""

import json
import os
import urllib.request

from stack import (IMAGE, PASSWORD, PATIENCE, PROMETHEUS_PORT, REPOSITORY, SERVICE, STAGES, Stack, check, document, end, run,
                   wait_for)

PROJECT = "quern-compose-test"


def submit_by_a_foreign_client(stack, name, documents):
    client = stack.client()

    def create(request):
        request.job_id = name

    def requests(request_class, answers):
        yield request_class(job=f"jobs/{name}", source="foreign")
        answers.get(timeout=PATIENCE)
        batch = request_class()
        for position, content in enumerate(documents, start=1):
            entry = batch.entries.add(position=position)
            entry.document.id, entry.document.title, entry.document.text = content["id"], content["title"], content["text"]
        yield batch
        while answers.get(timeout=PATIENCE).accepted_position < len(documents):
            pass

    check("a foreign client finds the services by reflection", SERVICE in client.services())
    client.call(SERVICE, "CreateJob", create)
    client.converse(SERVICE, "IngestDocuments", requests)
    client.call(SERVICE, "CloseInput", lambda request: setattr(request, "name", f"jobs/{name}"))
    client.close()


def reference(stack, name, *flags):
    """The records that `quern run` makes of the same corpus, in one process."""
    folder = os.path.join(stack.folder, name)
    os.makedirs(folder, mode=0o777)
    os.chmod(folder, 0o777)
    stack.cli("run", "corpus.jsonl", "--output", "/out/dataset", "--quiet", *flags, flags=("--volume", f"{folder}:/out"))
    shards = os.path.join(folder, "dataset", "records")
    lines = "".join(run("zstd", "-dc", os.path.join(shards, shard)).stdout for shard in sorted(os.listdir(shards)))
    return {json.loads(line)["id"] for line in lines.splitlines()}


def ask_prometheus(path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{PROMETHEUS_PORT}/api/v1/{path}", timeout=10) as response:
            return json.load(response)["data"]
    except OSError:
        return {}


def query(expression):
    return ask_prometheus("query?query=" + urllib.request.quote(expression)).get("result", [])


def check_image():
    size = int(run("bash", "-c", f"set -o pipefail; docker save {IMAGE} | gzip -1 | wc -c").stdout)
    check(f"the image is under 200 MB compressed ({size / 1e6:.0f} MB)", size < 200e6)
    user = run("docker", "inspect", "--format", "{{.Config.User}}", IMAGE).stdout.strip()
    check("it runs as a user of its own", user not in ("", "root", "0"), user)


def check_containers(stack):
    for service in STAGES + ("pipeline", "simulator", "prometheus"):
        settings = stack.inspect(stack.containers(service)[0])["HostConfig"]
        check(f"{service} cannot write to its own image and has no capabilities",
              settings["ReadonlyRootfs"] and settings["CapDrop"] == ["ALL"], settings)
    settings = stack.inspect(stack.containers("redis")[0])["HostConfig"]
    check("Redis has no capabilities but those of its start", settings["CapDrop"] == ["ALL"] and len(settings["CapAdd"]) == 4, settings)
    published = [binding["HostIp"] for service in ("pipeline", "prometheus", "redis") + STAGES
                 for container in stack.containers(service)
                 for bindings in (stack.inspect(container)["HostConfig"]["PortBindings"] or {}).values()
                 for binding in bindings]
    check("ports are published on loopback only", published and set(published) == {"127.0.0.1"}, published)


def check_job_in_turmoil(stack, expected):
    """Four things at once that must not change a record."""
    stack.cli("submit", "corpus.jsonl", "--job", "turmoil", "--spec", "job.yaml", "--quiet")

    def done():
        return stack.job("turmoil").counts.items.records

    wait_for("the first records", lambda: done() > 0, 300)
    stack.set(QUERN_GENERATORS=3)
    stack.up()
    wait_for("three generators take work", lambda: stack.healthy("generator", 3))
    before = done()
    check("the job is under way while a stage is scaled", before < len(expected), before)
    # A crash as an engine sees it; a kill by the engine itself would be taken for a wish.
    verifier = stack.containers("verifier")[0]
    os.kill(stack.inspect(verifier)["State"]["Pid"], 9)
    wait_for("the killed container is started again", lambda: stack.inspect(verifier)["RestartCount"] > 0)
    wait_for("it takes work", lambda: stack.healthy("verifier"))
    wait_for("more records", lambda: done() > before, 300)
    before = done()
    check("the job is under way when the stack is stopped", before < len(expected), before)
    stack.compose("stop")
    check("all containers have ended by themselves", all(
        stack.inspect(container)["State"]["ExitCode"] == 0 for service in STAGES + ("pipeline",)
        for container in stack.containers(service)))
    stack.up()
    stack.wait_until_healthy()
    check("as many replicas come back", stack.healthy("generator", 3))
    stack.wait_until_completed("turmoil")
    got = stack.records("turmoil")
    check("the records are those of an undisturbed run", got == expected, f"{len(got)} of {len(expected)}")


def check_prometheus(stack):
    def all_up():
        return {result["metric"]["job"] for result in query("up == 1")} >= {f"quern-{name}" for name in STAGES + ("pipeline",)}

    wait_for("Prometheus scrapes all services", all_up)
    check("Prometheus scrapes all services", True)
    items = query("sum(quern_items_finished_total)")
    check("it has counted items", items and float(items[0]["value"][1]) > 0, items)
    rules = [rule for group in ask_prometheus("rules")["groups"] for rule in group["rules"]]
    check("it has loaded the alerts", rules and all(rule["health"] == "ok" for rule in rules), rules)


def check_mistakes(stack):
    without = os.path.join(stack.folder, "no-env")
    open(without, "w", encoding="utf-8").close()
    said = run("docker-compose", "--project-directory", REPOSITORY, "--file", os.path.join(REPOSITORY, "docker-compose.yml"),
               "--env-file", without, "config", ok=False)
    check("without a password it says what to do", said.returncode != 0 and ".env.example" in said.stderr, said.stderr)

    network = f"{PROJECT}_default"
    stranger = run("docker", "run", "-d", "--network", network, "-e", "QUERN_REDIS_URL=redis://:wrong@redis:6379", IMAGE,
                   "quern-filter").stdout.strip()
    try:
        wait_for("it says that the password is wrong",
                 lambda: "WRONGPASS" in run("docker", "logs", stranger).stderr, 30)
        health = run("docker", "exec", stranger, "quern", "health", "127.0.0.1:7071", ok=False)
        check("a service with a wrong password is not ready and says why", health.returncode == 69, health.stderr)
        run("docker", "stop", stranger)
        check("it ends when it is told to", stack.inspect(stranger)["State"]["ExitCode"] == 0)
    finally:
        run("docker", "rm", "-f", stranger)

    second = run("docker", "run", "--rm", "--network", network, "-v", f"{PROJECT}_datasets:/data", "-e",
                 f"QUERN_REDIS_URL=redis://:{PASSWORD}@redis:6379", "-e", "QUERN_PIPELINE_DATA_DIR=/data", IMAGE,
                 "quern-pipeline", ok=False, timeout=60)
    check("a second pipeline on the same volume is refused", second.returncode == 73 and "/data" in second.stderr,
          f"{second.returncode} {second.stderr}")


def main():
    documents = [document(number) for number in range(150)]
    # All but Grafana, of which there is no stand-in: tests/deploy/dashboards_test.py asks what its dashboards ask.
    with Stack(PROJECT, ("simulator", "prometheus")) as stack:
        stack.write("corpus.jsonl", "".join(json.dumps(content) + "\n" for content in documents))
        stack.write("job.yaml", "engine: llm\nmodels: [{name: small, model: simulated, base_urls: [\"http://simulator:8000/v1\"], "
                                "max_concurrency: 4}]\n")
        check_image()
        stack.up()
        stack.wait_until_healthy()
        check("all services are healthy", True)
        check_containers(stack)

        expected = reference(stack, "reference")
        check("the corpus gives records", len(expected) > 100, len(expected))
        submit_by_a_foreign_client(stack, "foreign", documents)
        stack.wait_until_completed("foreign")
        check("a foreign client's job has the records of quern run", stack.records("foreign") == expected)
        watched = stack.cli("submit", "corpus.jsonl", "--job", "watched", "--watch", "--quiet")
        check("the command line follows a job to its end", "completed" in watched.stderr, watched.stderr)
        check("it has the same records", stack.records("watched") == expected)

        check_job_in_turmoil(stack, reference(stack, "asked", "--spec", "job.yaml"))
        check_prometheus(stack)
        check_mistakes(stack)
    end()


if __name__ == "__main__":
    main()
