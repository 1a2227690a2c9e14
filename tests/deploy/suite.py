"""What a set-up of Quern with a Prometheus consists of, as processes of this machine."""

import json
import pathlib
import subprocess

from prometheus import PATIENCE, Prometheus, free_port

STAGES = ("filter", "persona", "generator", "verifier")


class Suite:
    """Redis, the five services, stand-ins for models' servers as they are asked for, and a Prometheus that scrapes the services."""

    def __init__(self, programs, folder, scrape_interval="1s"):
        """`programs`: the folder with the built services. All that the processes write goes below `folder`."""
        self.programs, self.folder, self.processes = pathlib.Path(programs), pathlib.Path(folder), {}
        self.redis, self.targets = free_port(), {}
        (self.folder / "targets").mkdir()
        self.start_redis()
        self.addresses = {name: f"127.0.0.1:{free_port()}" for name in STAGES + ("pipeline",)}
        for name, address in self.addresses.items():
            self.start_service(name, name, address)
        self.prometheus = Prometheus(folder, [f"quern-{name}" for name in self.addresses], scrape_interval)

    def start_redis(self):
        self.start("redis", "redis-server", "--port", self.redis, "--bind", "127.0.0.1", "--dir", self.folder, "--appendonly", "yes", "--save", "",
                   "--maxmemory", "1gb", "--maxmemory-policy", "noeviction")

    def start_service(self, name, service, address="127.0.0.1:0"):
        """A replica of `service` that is called `name` here."""
        flags = [f"--set=pipeline.{stage}_address={self.addresses[stage]}" for stage in STAGES] + [f"--set=pipeline.data_dir={self.folder}/data"]
        metrics = f"127.0.0.1:{free_port()}"
        self.start(name, self.programs / f"quern-{service}", "--listen", address, "--metrics", metrics, "--redis", f"redis://127.0.0.1:{self.redis}",
                   *(flags if service == "pipeline" else []))
        replicas = self.targets.setdefault(f"quern-{service}", [])
        replicas.append(metrics)
        self.write(f"targets/quern-{service}.json", [{"targets": replicas}])

    def start_model(self, name, port, *flags):
        self.start(name, self.programs / "quern-model-simulator", "--listen", f"127.0.0.1:{port}", *flags)

    def start(self, name, *command):
        with open(self.folder / f"{name}.log", "ab") as log:
            self.processes[name] = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def end(self, name, kill=False):
        process = self.processes.pop(name)
        process.kill() if kill else process.terminate()
        process.wait(timeout=PATIENCE)

    def write(self, name, content):
        # JSON is YAML. A reader sees the old content or the new one.
        part, path = self.folder / f"{name}.part", self.folder / name
        part.write_text(json.dumps(content))
        return part.rename(path)

    def quern(self, *words):
        done = subprocess.run([self.programs / "quern", *words, "--server", self.addresses["pipeline"]], capture_output=True, text=True,
                              timeout=PATIENCE, check=False)
        return done.returncode, done.stdout + done.stderr

    def is_scraped(self):
        """Whether Prometheus reaches every replica that was started."""
        return self.prometheus.is_ready() and len(self.prometheus.ask("up == 1")) == sum(map(len, self.targets.values()))

    def stop(self):
        """The services first: they hand back what they hold while Redis is there."""
        try:
            self.prometheus.stop()
            services = [name for name in self.processes if name.split("-")[0] in self.addresses]
            for names in (services, [name for name in self.processes if name not in services]):
                for name in names:
                    self.processes[name].terminate()
                for name in names:
                    self.processes[name].wait(timeout=PATIENCE)
        finally:
            # Only what would not end is still there.
            for process in self.processes.values():
                process.kill()
