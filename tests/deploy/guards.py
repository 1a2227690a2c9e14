"""Tokens and TLS of the overlays: that they are as the manual says, lie where settings and probes look for them, and do in real processes what they
are for."""

import os
import re
import shutil
import subprocess

from overlay import name_of, pod_of
from prometheus import free_port, wait_for

# Secrets that users or cert-manager make, with their files.
BROUGHT = {"pipeline-tls": ("tls.crt", "tls.key", "ca.crt")}
PATIENCE_S = 60
TEXT = ("The Aldermoor Bridge is a suspension bridge in the west of England. It was designed by Harriet Calloway and was opened to traffic in "
        "October 1893. At its opening it was the longest suspension bridge in the United Kingdom. The deck hangs from two towers of reinforced "
        "concrete, each of which is 64 metres high. Some 1200 people worked on it for four years.")


def make_secrets(folder, manual):
    """Runs in `folder`, which has a copy of deploy/, what the manual says to make secrets with."""
    made = 0
    for block in re.findall(r"^```sh\n(.*?)^```", manual, re.M | re.S):
        lines = [line for line in block.splitlines() if re.match(r"(cd|openssl|echo) ", line)]
        if "openssl" in block:
            subprocess.run(["sh", "-euc", "\n".join(lines)], cwd=folder, check=True)
            made += 1
    assert made == 2, f"the manual makes secrets for {made} overlays"


def add_tls(production):
    """A copy of the overlay `production` in which the line for TLS is no comment any more."""
    folder = production.with_name(f"{production.name}-tls")
    shutil.copytree(production, folder)
    file = folder / "kustomization.yaml"
    text, changed = re.subn(r"^  # (- \.\./\.\./components/tls)$", r"  \1", file.read_text(), flags=re.M)
    assert changed == 1, "the overlay production has no line for TLS"
    file.write_text(text)
    return folder


def check_guards(build):
    guarded = "QUERN_LISTEN_TOKENS_FILE" in build.settings
    build.check("is open, or guarded, against what the manual says", guarded == build.overlay.startswith("production"))
    encrypted = set()
    for workload in build.services():
        probe, settings = pod_of(workload)["containers"][0]["readinessProbe"], build.settings_of(workload)
        named = [value for setting, value in settings.items() if setting.endswith("_FILE")]
        named += [word for word in probe.get("exec", {}).get("command", []) if word.startswith("/")]
        for path in named:
            build.check(f"{name_of(workload)}: nothing lies at {path}", path in files_of(build, workload))
        tls = "QUERN_LISTEN_TLS_CERTIFICATE_FILE" in settings
        encrypted |= {workload["metadata"]["name"]} if tls else set()
        build.check(f"{name_of(workload)}: its probe asks {'without' if tls else 'by'} TLS", ("exec" in probe, "grpc" in probe) == (tls, not tls))
    build.check(f"TLS is spoken by {encrypted}", encrypted == ({"pipeline"} if build.overlay.endswith("-tls") else set()))
    for service in build.of("Service"):
        for port in service["spec"]["ports"]:
            build.check(f"{name_of(service)} says another protocol", (port.get("appProtocol") == "https") == (service["metadata"]["name"] in encrypted))
    # By this name alone: with a suffix, each new token would start all pods anew.
    secret = build.secrets().get("access")
    build.check("no Secret is named access", (secret is not None) == guarded)
    if secret:
        callers = [line.split() for line in secret["tokens"].decode().splitlines()]
        own = secret["pipeline-token"].decode().strip()
        build.check("the stages do not let the pipeline ask", [role for role, _, token in callers if token == own] == ["submit"])


def files_of(build, workload):
    """The paths of all files that Secrets bring into a pod."""
    pod, known = pod_of(workload), BROUGHT | build.secrets()
    secrets = {volume["name"]: volume["secret"]["secretName"] for volume in pod["volumes"] if "secret" in volume}
    return {f"{mount['mountPath']}/{file}" for mount in pod["containers"][0]["volumeMounts"]
            for file in known.get(secrets.get(mount["name"]), ()) if "subPath" not in mount}


class Pods:
    """The five services and a Redis as processes of this machine, with the settings, the Secrets and the probes of their pods."""

    def __init__(self, build, programs, folder):
        self.programs, self.folder, self.processes = programs, folder, []
        folder.mkdir()
        for workload in build.services():
            self.lay_out(build, workload)
        self.sign("pipeline")
        redis, password = free_port(), (folder / "secrets/redis/password").read_text().strip()
        self.start("redis-server", "--port", redis, "--bind", "127.0.0.1", "--dir", folder, "--appendonly", "yes", "--save", "",
                   "--maxmemory-policy", "noeviction", "--requirepass", password)
        self.ports = {workload["metadata"]["name"]: free_port() for workload in build.services()}
        for workload in build.services():
            name = workload["metadata"]["name"]
            settings = {setting: self.here(value) for setting, value in build.settings_of(workload).items()}
            settings |= {"QUERN_REDIS_URL": f"redis://127.0.0.1:{redis}", "QUERN_PIPELINE_DATA_DIR": str(folder / "data"),
                         "QUERN_LISTEN_GRPC": f"127.0.0.1:{self.ports[name]}", "QUERN_LISTEN_METRICS": f"127.0.0.1:{free_port()}"}
            self.start(programs / pod_of(workload)["containers"][0]["command"][0], **settings)

    def here(self, word):
        """What stands for a path or an address of a pod."""
        stage = re.fullmatch(r"(\w+):7070", word)
        return f"127.0.0.1:{self.ports[stage[1]]}" if stage else re.sub("^/secrets/", f"{self.folder}/secrets/", word)

    def lay_out(self, build, workload):
        for path in files_of(build, workload):
            file = self.folder / path.removeprefix("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            for volume in pod_of(workload)["volumes"]:
                content = build.secrets().get(volume.get("secret", {}).get("secretName"), {}).get(file.name)
                if content is not None:
                    file.write_bytes(content)

    def sign(self, name):
        """A certificate for `name` of a CA of this test, as cert-manager would lay it out."""
        def openssl(*words):
            subprocess.run(["openssl", *words], cwd=self.folder / "secrets/tls", capture_output=True, check=True)
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
        openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=CA of a test", "-days", "2")
        openssl("req", *key, "-keyout", "tls.key", "-out", "request", "-subj", f"/CN={name}")
        (self.folder / "secrets/tls/extensions").write_text(f"subjectAltName=DNS:{name}\n")
        openssl("x509", "-req", "-in", "request", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-out", "tls.crt", "-days", "2",
                "-extfile", "extensions")

    def start(self, *command, **settings):
        with open(self.folder / "log", "ab") as log:
            self.processes.append(subprocess.Popen(list(map(str, command)), env=os.environ | settings, stdin=subprocess.DEVNULL, stdout=log, stderr=log))

    def quern(self, *words):
        done = subprocess.run([self.programs / "quern", *words], capture_output=True, text=True, timeout=PATIENCE_S, check=False)
        return done.returncode, done.stdout + done.stderr

    def ready(self, workload):
        """Whether the pod's probe would find it so."""
        probe, port = pod_of(workload)["containers"][0]["readinessProbe"], self.ports[workload["metadata"]["name"]]
        words = probe["exec"]["command"][1:] if "exec" in probe else ["health", f"127.0.0.1:{probe['grpc']['port']}"]
        return self.quern(*(self.here(word.replace("127.0.0.1:7070", f"127.0.0.1:{port}")) for word in words))[0] == 0

    def end(self):
        for process in self.processes:
            process.kill()
            process.wait()


def check_start(build, programs, folder):
    """All five services by their settings: ready by their probes, closed to whoever has no token, open to one who has."""
    pods = Pods(build, programs, folder)
    try:
        for workload in build.services():
            wait_for(f"{name_of(workload)} is ready by its probe", lambda: pods.ready(workload), PATIENCE_S)
        secrets = folder / "secrets"
        server = ("--server", f"127.0.0.1:{pods.ports['pipeline']}")
        tls = ("--ca-file", secrets / "tls/ca.crt", "--server-name", "pipeline")
        token = ("--token-file", secrets / "access/pipeline-token")
        code, said = pods.quern("status", *server, *tls)
        build.check(f"without a token: {code} {said}", code != 0 and "asks for a token" in said)
        code, said = pods.quern("status", *server, *token)
        build.check(f"without TLS: {code} {said}", code != 0)
        # Which calls the stages, each of which asks for the pipeline's token.
        (folder / "bridge.txt").write_text(TEXT)
        code, said = pods.quern("convert", folder / "bridge.txt", *server, *tls, *token)
        build.check(f"with a token: {code} {said}", code == 0 and "passed: a record" in said)
    finally:
        pods.end()
