"""Builds every overlay of deploy/kubernetes as a user would, `production` also with TLS, with a real kustomize, and holds the objects against the
schemas and against what schemas do not know: selectors, ports, references, settings, drains, guards. The script that starts Redis, the settings, the
tokens and the queries of the scaling are run for real. Usage: manifests_test.py BIN REPOSITORY"""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request

import yaml

import guards
from overlay import Build, check, faults, has_port, labels_of, matches, name_of, pod_of
from prometheus import free_port, wait_for

BIN, REPOSITORY = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
TOOLS = REPOSITORY / "tests" / "deploy" / "manifests"
OVERLAYS = ("simulator", "production")
# Labels of pods that users bring.
CLIENT = {"quern-client": "true"}
# A process ends hard so long after the grace of its drain.
HARD_EXIT_S = 5


def check_schemas(builds):
    objects = [one for build in builds for one in build.objects]
    done = subprocess.run(["node", TOOLS / "validate.mjs"], input=json.dumps(objects), capture_output=True, text=True, check=False)
    check(f"schemas: {done.stdout}{done.stderr}", done.returncode == 0)


def check_restricted(build):
    for workload in build.workloads:
        pod, name = pod_of(workload), name_of(workload)
        security = pod.get("securityContext", {})
        build.check(f"{name} may run as root", security.get("runAsNonRoot") is True and security.get("runAsUser", 0) > 0)
        build.check(f"{name} has no seccomp profile", security.get("seccompProfile") == {"type": "RuntimeDefault"})
        build.check(f"{name} gets a service account's token", pod.get("automountServiceAccountToken") is False)
        build.check(f"{name} gets Services as variables", pod.get("enableServiceLinks") is False)
        for container in pod["containers"] + pod.get("initContainers", []):
            own = container.get("securityContext", {})
            build.check(f"{name} may write to its root", own.get("readOnlyRootFilesystem") is True)
            build.check(f"{name} keeps capabilities", own.get("capabilities") == {"drop": ["ALL"]} and own.get("allowPrivilegeEscalation") is False)
            resources = container.get("resources", {})
            build.check(f"{name} asks for no memory or has no limit of it", "memory" in resources.get("requests", {}) and "memory" in resources.get("limits", {}))
    build.check("a namespace is not restricted", all(one["metadata"]["labels"].get("pod-security.kubernetes.io/enforce") == "restricted"
                                                     for one in build.of("Namespace")))
    namespaces = {one["metadata"].get("namespace") for one in build.objects if one["kind"] != "Namespace"}
    build.check(f"objects lie elsewhere: {namespaces}", namespaces == build.names("Namespace"))


def check_selectors(build):
    for workload in build.workloads:
        build.check(f"{name_of(workload)} does not select its own pods alone", build.selected(workload["spec"]["selector"]) == [workload])
    for service in build.of("Service"):
        chosen = build.selected({"matchLabels": service["spec"]["selector"]})
        build.check(f"{name_of(service)} selects {len(chosen)} workloads", len(chosen) == 1)
        for port in service["spec"]["ports"]:
            build.check(f"{name_of(service)}: nobody has port {port['targetPort']}", all(has_port(one, port["targetPort"]) for one in chosen))
    budgets = [build.selected(budget["spec"]["selector"]) for budget in build.of("PodDisruptionBudget")]
    stages = build.selected({"matchLabels": {"app.kubernetes.io/component": "stage"}})
    build.check("not every stage has one PodDisruptionBudget", len(stages) == 4 and sorted(map(str, budgets)) == sorted(str([stage]) for stage in stages))
    for monitor in build.of("PodMonitor"):
        chosen = build.selected(monitor["spec"]["selector"])
        build.check("not all five services are watched", len(chosen) == 5)
        build.check("a watched pod has no such port", all(has_port(one, end["port"]) for one in chosen for end in monitor["spec"]["podMetricsEndpoints"]))
    for workload in build.workloads:
        for container in pod_of(workload)["containers"]:
            for probe in (container["readinessProbe"], container.get("livenessProbe", {})):
                ports = [probe[kind]["port"] for kind in ("grpc", "httpGet", "tcpSocket") if kind in probe]
                build.check(f"{name_of(workload)}: a probe asks {ports}", all(has_port(workload, port) for port in ports))
            build.check(f"{name_of(workload)} dies of Redis' absence", "grpc" not in container.get("livenessProbe", {}))


def check_network(build):
    """Every policy chooses pods that exist, and ports that they have; and what has to pass, passes."""
    for policy in build.of("NetworkPolicy"):
        name, spec = name_of(policy), policy["spec"]
        subjects = build.selected(spec["podSelector"])
        build.check(f"{name} is about nobody", subjects or matches(spec["podSelector"], CLIENT))
        for direction, side in (("ingress", "from"), ("egress", "to")):
            build.check(f"{name}: its types do not name its rules", direction not in spec or direction.capitalize() in spec["policyTypes"])
            for rule in spec.get(direction, []):
                peers = [peer["podSelector"] for peer in rule[side] if "podSelector" in peer and "namespaceSelector" not in peer]
                build.check(f"{name} names pods that do not exist", all(build.selected(peer) or matches(peer, CLIENT) for peer in peers))
                servers = subjects if direction == "ingress" else [one for peer in peers for one in build.selected(peer)]
                build.check(f"{name}: a port that is not there", all(has_port(one, port["port"]) for one in servers for port in rule["ports"]))
    deny = [one["spec"] for one in build.of("NetworkPolicy") if one["metadata"]["name"] == "default-deny"]
    build.check("not everything is denied by default", deny == [{"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}])
    paths = [(stage, "redis", 6379) for stage in ("filter", "persona", "generator", "verifier", "pipeline")]
    paths += [("pipeline", stage, 7070) for stage in ("filter", "persona", "generator", "verifier")]
    paths += [("generator", "simulator", 8000)] if build.overlay == "simulator" else []
    for client, server, port in paths:
        build.check(f"{client} cannot reach {server}", passes(build, client, server, port))
    for client, server, port in (("redis", "pipeline", 7070), ("filter", "pipeline", 7070), ("filter", "verifier", 7070)):
        build.check(f"{client} can reach {server}", not passes(build, client, server, port))


def passes(build, client, server, port):
    labels = {one["metadata"]["name"]: labels_of(one) for one in build.workloads}

    def allowed(direction, side, subject, peer):
        return any(matches(policy["spec"]["podSelector"], labels[subject]) and port in [known["port"] for known in rule["ports"]]
                   and any(matches(other["podSelector"], labels[peer]) for other in rule[side] if "podSelector" in other)
                   for policy in build.of("NetworkPolicy") for rule in policy["spec"].get(direction, []))
    return allowed("egress", "to", client, server) and allowed("ingress", "from", server, client)


def check_references(build):
    known = {"ConfigMap": build.names("ConfigMap"), "Secret": build.names("Secret")}
    for workload in build.workloads:
        pod, name = pod_of(workload), name_of(workload)
        claims = {claim["metadata"]["name"] for claim in workload["spec"].get("volumeClaimTemplates", [])}
        volumes = {volume["name"] for volume in pod.get("volumes", [])}
        sources = [(volume.get("configMap"), "ConfigMap", "name") for volume in pod.get("volumes", [])]
        sources += [(volume.get("secret"), "Secret", "secretName") for volume in pod.get("volumes", [])]
        for container in pod["containers"]:
            mounted = [mount["name"] for mount in container.get("volumeMounts", [])]
            build.check(f"{name}: volumes and what is mounted differ", sorted(mounted) == sorted(volumes | claims))
            sources += [(source.get("configMapRef"), "ConfigMap", "name") for source in container.get("envFrom", [])]
        for source, kind, key in sources:
            build.check(f"{name}: there is no {kind} {source and source[key]}",
                        not source or source.get("optional") or source[key] in known[kind] | guards.BROUGHT.keys())
        # Some are the user's: the manual says how to make them.
        manual = (REPOSITORY / "docs/kubernetes.md").read_text()
        for source, kind, key in sources:
            if source and (source.get("optional") or source[key] in guards.BROUGHT):
                words = "secret generic" if kind == "Secret" else "configmap"
                build.check(f"the manual does not tell how to make {source[key]}", f"create {words} {source[key]} " in manual)
    for scaled in build.of("ScaledObject"):
        build.check(f"{name_of(scaled)} scales nothing", scaled["spec"]["scaleTargetRef"]["name"] in build.names("Deployment"))


def check_programs(build):
    """The programs exist and know their flags and settings; addresses are Services; images are those of docker-compose.yml."""
    services = {f"{one['metadata']['name']}:{port['port']}" for one in build.of("Service") for port in one["spec"]["ports"]}
    named = [value.removeprefix("redis://") for key, value in build.settings.items() if key.endswith("_ADDRESS") or key == "QUERN_REDIS_URL"]
    build.check(f"no Service has one of {named}", len(named) == 5 and set(named) <= services)
    compose = (REPOSITORY / "docker-compose.yml").read_text()
    images = {}
    for workload in build.workloads:
        for container in pod_of(workload)["containers"]:
            program, *words = container["command"]
            images.setdefault(program.split("-")[0], set()).add(container["image"])
            if not program.startswith("quern"):
                continue
            told = subprocess.run([BIN / program, "--help"], capture_output=True, text=True, check=False)
            build.check(f"{program} has no --help", told.returncode == 0)
            for flag in (word for word in words if word.startswith("--")):
                build.check(f"{program} knows no {flag}", re.search(rf"^ +{flag}\b", told.stdout, re.M))
            build.check(f"no image has {program}", f"{program}, --listen" in compose)
            if "envFrom" in container:
                for setting in ("QUERN_LISTEN_GRPC", "QUERN_LISTEN_METRICS"):
                    build.check(f"{program} does not listen where {setting} says", has_port(workload, int(build.settings[setting].split(":")[1])))
    expected = {"quern": re.search(r"QUERN_IMAGE:-([^:}]+)", compose)[1], "sh": re.search(r"REDIS_IMAGE:-([^}]+)", compose)[1]}
    for program, used in images.items():
        build.check(f"several images: {used}", len(used) == 1)
        build.check(f"image {used}, docker-compose has {expected[program]}", re.search(rf"(^|/){re.escape(expected[program])}(:|$)", next(iter(used))))
    documented = set(re.findall(r"`(QUERN_\w+)`", (REPOSITORY / "docs/configuration.md").read_text()))
    build.check(f"no such setting: {set(build.settings) - documented}", set(build.settings) <= documented)


def check_drains(build):
    drain = int(build.settings["QUERN_LISTEN_DRAIN"].removesuffix("s"))
    for workload in build.workloads:
        container = pod_of(workload)["containers"][0]
        if "envFrom" not in container:
            continue
        stop = container.get("lifecycle", {}).get("preStop", {}).get("exec", {}).get("command", ["sleep", "0"])
        needed = int(stop[1]) + drain + HARD_EXIT_S
        build.check(f"{name_of(workload)} is killed before its drain ends", pod_of(workload)["terminationGracePeriodSeconds"] >= needed)
    for scaled in build.of("ScaledObject"):
        spec, stage = scaled["spec"], scaled["metadata"]["name"]
        down = spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]["scaleDown"]
        build.check(f"{stage} is scaled down within a call to a model", down["stabilizationWindowSeconds"] > drain)
        build.check(f"{stage} has no sensible bounds", 1 <= spec["minReplicaCount"] <= spec["fallback"]["replicas"] <= spec["maxReplicaCount"])
        build.check(f"{stage} is asked about with others' entries", set(re.findall(r'stage="(\w+)"', spec["triggers"][0]["metadata"]["query"])) == {stage})
        # Whoever applies the manifests again would undo what the autoscaler did.
        build.check(f"{stage} has a number of replicas", all("replicas" not in one["spec"] for one in build.of("Deployment")))
    if build.of("ScaledObject"):
        build.check("a stage is not scaled", build.names("ScaledObject") == {"filter", "persona", "generator", "verifier"})


def check_copies(build):
    """What monitoring brings is what docker-compose has."""
    for rule in build.of("PrometheusRule"):
        alerts = yaml.safe_load((REPOSITORY / "deploy/prometheus/alerts.yml").read_text())
        build.check("other alerts: run tools/generate-kubernetes-alerts", rule["spec"] == alerts)
        dashboards = {key: text for one in build.of("ConfigMap") if "grafana_dashboard" in one["metadata"].get("labels", {}) for key, text in one["data"].items()}
        files = {path.name: path.read_text() for path in (REPOSITORY / "deploy/grafana/dashboards").glob("*.json")}
        build.check("other dashboards", dashboards == files)


def check_scaling_queries(build, folder):
    """What the queries answer, by Prometheus' own test tool."""
    def series(stage, entries, age):
        return [{"series": f'quern_queue_backlog_entries{{stage="{stage}",pod="pipeline-0"}}', "values": entries},
                {"series": f'quern_queue_oldest_entry_age_seconds{{stage="{stage}",pod="pipeline-0"}}', "values": age},
                {"series": f'quern_queue_backlog_entries{{stage="results",pod="pipeline-0"}}', "values": "7777"}]
    serving = [{"series": 'quern_documents_in_flight{pod="pipeline-0"}', "values": "20"}]
    tests = []
    for scaled in build.of("ScaledObject"):
        stage, query = scaled["metadata"]["name"], scaled["spec"]["triggers"][0]["metadata"]["query"]
        for what, given, answer in (("a job runs", series(stage, "5000", "3") + serving, [5000]), ("its jobs are paused", series(stage, "5000", "0") + serving, [0]),
                                    ("there are no jobs", serving, [0]), ("the pipeline is away", [], [])):
            samples = [{"labels": "{}", "value": value} for value in answer]
            tests.append({"name": f"{stage}: {what}", "input_series": given, "promql_expr_test": [{"expr": query, "eval_time": "0m", "exp_samples": samples}]})
    path = folder / "scaling.json"
    path.write_text(json.dumps({"tests": tests}))
    done = subprocess.run(["promtool", "test", "rules", path], capture_output=True, text=True, check=False)
    build.check(f"queries: {done.stdout}{done.stderr}", tests and done.returncode == 0)


def check_start(build, folder):
    """Redis by the script and the configuration of its pod, and a service by the settings of its own: ready while Redis answers, alive without it."""
    config = build.data_of("redis-")
    ports = {name: free_port() for name in ("redis", "grpc", "metrics")}
    (folder / "password").write_text("pa55word\n")
    (folder / "start").write_text(config["start"])
    (folder / "redis.conf").write_text(config["redis.conf"].replace("dir /data", f"dir {folder}") + f"port {ports['redis']}\n")
    redis = subprocess.Popen(["sh", folder / "start"], stdout=subprocess.DEVNULL, env={
        **os.environ, "MAXMEMORY": "64mb", "CONFIG": str(folder / "redis.conf"), "PASSWORD_FILE": str(folder / "password")})
    settings = {**build.settings, "QUERN_REDIS_URL": f"redis://127.0.0.1:{ports['redis']}", "QUERN_REDIS_PASSWORD_FILE": str(folder / "password"),
                "QUERN_LISTEN_GRPC": f"127.0.0.1:{ports['grpc']}", "QUERN_LISTEN_METRICS": f"127.0.0.1:{ports['metrics']}"}
    log = open(folder / "filter.log", "wb")
    service = subprocess.Popen([BIN / "quern-filter"], env={**os.environ, **settings}, stderr=log)

    def health():
        return subprocess.run([BIN / "quern", "health", f"127.0.0.1:{ports['grpc']}"], capture_output=True, check=False).returncode

    def cli(*words, password):
        return subprocess.run(["redis-cli", "-p", str(ports["redis"]), *words], capture_output=True, text=True, check=False,
                              env={**os.environ, "REDISCLI_AUTH": password}).stdout.split()

    try:
        wait_for("ready with Redis", lambda: health() == 0)
        build.check("Redis lets anybody in", "PONG" not in cli("ping", password="wrong"))
        build.check("MAXMEMORY is not what Redis takes", cli("config", "get", "maxmemory", password="pa55word") == ["maxmemory", str(64 << 20)])
        redis.send_signal(signal.SIGTERM)
        build.check("Redis does not end cleanly on SIGTERM", redis.wait(30) == 0)
        wait_for("not ready without Redis", lambda: health() == 69)
        with urllib.request.urlopen(f"http://127.0.0.1:{ports['metrics']}/metrics", timeout=5) as answer:
            build.check("not alive without Redis", answer.status == 200)
        service.send_signal(signal.SIGTERM)
        build.check("the service does not end cleanly on SIGTERM", service.wait(30) == 0)
        build.check("the log tells of settings that are ignored", b"is ignored" not in (folder / "filter.log").read_bytes())
    finally:
        log.close()
        for process in (redis, service):
            process.kill()
            process.wait()


def main():
    assert (TOOLS / "node_modules").exists(), "run tools/install-dependencies manifests"
    folder = pathlib.Path(tempfile.mkdtemp(prefix="quern-manifests-"))
    try:
        # A copy, for the secrets that users put there.
        deploy = folder / "deploy"
        shutil.copytree(REPOSITORY / "deploy", deploy)
        check("a secret lies in the repository", not any("kind: Secret" in path.read_text() for path in (REPOSITORY / "deploy/kubernetes").rglob("*.yaml")))
        overlays = deploy / "kubernetes/overlays"
        check(f"overlays are not {OVERLAYS}", sorted(OVERLAYS) == sorted(path.name for path in overlays.iterdir()))
        guards.make_secrets(folder, (REPOSITORY / "docs/kubernetes.md").read_text())
        builds = [Build(TOOLS, overlay) for overlay in (*map(overlays.joinpath, OVERLAYS), guards.add_tls(overlays / "production"))]
        for build in builds:
            for holds in (check_restricted, check_selectors, check_network, check_references, check_programs, check_drains, check_copies, guards.check_guards):
                holds(build)
        check_schemas(builds)
        check_scaling_queries(builds[1], folder)
        assert not faults, "\n" + "\n".join(faults)
        check_start(builds[0], folder)
        guards.check_start(builds[2], BIN, folder / "guarded")
        assert not faults, "\n" + "\n".join(faults)
        print(f"{sum(len(build.objects) for build in builds)} objects in {len(builds)} overlays")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
