"""A stack of docker-compose.yml on a real engine, and what its tests share. The first argument of each is the repository."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

REPOSITORY = os.path.abspath(sys.argv[1])
sys.path.insert(0, os.path.join(REPOSITORY, "tests", "support"))
from reflection import ForeignClient  # noqa: E402

IMAGE = "quern:compose-test"
PASSWORD = "s3cretOfTheTest"
PORT, PROMETHEUS_PORT = 17070, 19090
SERVICE = "quern.v1.PipelineService"
STAGES = ("filter", "persona", "generator", "verifier")
JOB_STATE_COMPLETED = 3
PATIENCE = 120

passed = 0


def check(what, holds, detail=""):
    global passed
    if not holds:
        raise SystemExit(f"compose: FAILED: {what}: {detail}")
    passed += 1
    print(f"ok {passed} {what}", flush=True)


def wait_for(what, reached, seconds=PATIENCE):
    deadline = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > deadline:
            raise SystemExit(f"compose: FAILED: never happened: {what}")
        time.sleep(0.25)


def run(*command, ok=True, **options):
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, **options)
    if ok and done.returncode != 0:
        raise SystemExit(f"compose: FAILED: {' '.join(command)}\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done


def end():
    print(f"compose: {passed} checks, 0 skipped")


def document(number):
    """Prose of which the extractive engine makes questions; each document states other facts."""
    town, engineer, year = f"Aldermoor-{number}", f"Harriet Calloway-{number}", 1800 + number % 200
    height, length, workers = 20 + number % 90, 300 + number, 1000 + number
    return {
        "id": f"bridge-{number}", "title": f"{town} Bridge",
        "text": f"The {town} Bridge is a suspension bridge in the west of England. It was designed by {engineer} and was opened to "
                f"traffic in October {year}. The {town} Bridge was built by the Cleveland Bridge Company at a cost of 1.5 million "
                f"pounds. At its opening it was the longest suspension bridge in the United Kingdom. The deck of the bridge hangs "
                f"from two towers of reinforced concrete, each of which is {height} metres high. It is {length} metres long. "
                f"Some {workers} people worked on it for four years, and the last of its cables was laid in the spring of {year}. "
                f"The bridge carries some forty thousand vehicles on a working day, and tolls are collected from those who leave "
                f"the county on its western side."}


class Stack:
    """The stack of docker-compose.yml, under a name of the test's own."""

    def __init__(self, project, extras=(), **settings):
        """`extras`: what runs beside Redis and the five services. `settings`: more for the file .env. `cli` sees `folder`, the pipeline sees `secrets`."""
        self.project, self.extras = project, extras
        self.folder = tempfile.mkdtemp(prefix="quern-compose-")
        os.chmod(self.folder, 0o755)
        self.secrets = os.path.join(self.folder, "secrets")
        os.mkdir(self.secrets)
        self.environment = os.path.join(self.folder, "env")
        self.settings = {"REDIS_PASSWORD": PASSWORD, "QUERN_IMAGE": IMAGE, "QUERN_PORT": PORT, "PROMETHEUS_PORT": PROMETHEUS_PORT,
                         "QUERN_FILES": self.folder, "QUERN_SECRETS": self.secrets}
        self.set(**settings)

    def __enter__(self):
        self.compose("down", "--volumes", "--remove-orphans")
        return self

    def __exit__(self, kind, _value, _trace):
        if kind is not None:
            print(self.compose("ps", ok=False).stdout, self.compose("logs", "--tail", "20", ok=False).stdout, sep="\n")
        self.compose("down", "--volumes", "--remove-orphans", "--timeout", "30", ok=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    def set(self, **settings):
        """Changes the file .env; `up` makes it so."""
        self.settings |= settings
        self.write("env", "".join(f"{name}={value}\n" for name, value in self.settings.items()))

    def compose(self, *words, ok=True):
        return run("docker-compose", "--project-name", self.project, "--project-directory", REPOSITORY, "--file",
                   os.path.join(REPOSITORY, "docker-compose.yml"), "--env-file", self.environment, "--profile",
                   "simulator", "--profile", "observability", *words, ok=ok)

    def up(self, *flags):
        self.compose("up", "-d", *flags, "redis", *STAGES, "pipeline", *self.extras)

    def cli(self, *words, ok=True, flags=()):
        return self.compose("run", "--rm", "-T", *flags, "cli", *words, ok=ok)

    def containers(self, service):
        return self.compose("ps", "-q", service).stdout.split()

    def inspect(self, container):
        return json.loads(run("docker", "inspect", container).stdout)[0]

    def healthy(self, service, count=1):
        states = [self.inspect(container)["State"] for container in self.containers(service)]
        return len(states) == count and all(state.get("Health", {}).get("Status") == "healthy" for state in states)

    def wait_until_healthy(self):
        for service in ("redis", "pipeline") + STAGES:
            wait_for(f"{service} is healthy", lambda: self.healthy(service, len(self.containers(service)) or 1))

    def client(self):
        client = ForeignClient(f"127.0.0.1:{PORT}")
        client.wait_until_ready(PATIENCE)
        return client

    def job(self, name):
        client = self.client()
        try:
            return client.call(SERVICE, "GetJob", lambda request: setattr(request, "name", f"jobs/{name}"))
        finally:
            client.close()

    def records(self, name):
        client = self.client()
        ids = [record.id for response in client.responses(SERVICE, "ReadRecords",
                                                          lambda request: setattr(request, "name", f"jobs/{name}"))
               for record in response.records]
        client.close()
        check(f"no record of {name} comes twice", len(ids) == len(set(ids)))
        return set(ids)

    def wait_until_completed(self, name):
        last = {}

        def completed():
            last["job"] = self.job(name)
            return last["job"].state == JOB_STATE_COMPLETED

        wait_for(f"job {name} completes", completed, 600)
        check(f"the counts of {name} reconcile", last["job"].counts.reconciles, last["job"].counts)
