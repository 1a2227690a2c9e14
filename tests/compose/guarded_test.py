"""Lets others in, as docs/deploy.md says: the stack of docker-compose.yml with tokens, with a certificate, and published at another address, on a
real engine. Ends with "compose: N checks, 0 skipped". Usage: guarded_test.py REPOSITORY"""

import json
import os
import socket
import subprocess

from stack import IMAGE, PORT, Stack, check, document, end, run, wait_for

# Of this machine alone, and not the default.
ADDRESS = "127.0.0.2"
TOKENS = {"read": ("ann", "0123456789abcdef-of-ann"), "submit": ("ben", "0123456789abcdef-of-ben")}
# She is let in later.
LATER = "admin cat 0123456789abcdef-of-cat\n"


def openssl(folder, *words):
    subprocess.run(["openssl", *words], cwd=folder, capture_output=True, check=True)


def make_secrets(stack):
    """The folder that the services see as /secrets: a CA, the pipeline's certificate, who may call, and the token of each."""
    folder = stack.secrets
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl(folder, "req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=CA of a test", "-days", "2")
    openssl(folder, "req", *key, "-keyout", "server.key", "-out", "request", "-subj", "/CN=pipeline")
    stack.write("secrets/names", f"subjectAltName=DNS:pipeline,IP:127.0.0.1,IP:{ADDRESS}\n")
    openssl(folder, "x509", "-req", "-in", "request", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", "server.pem",
            "-days", "2", "-extfile", "names")
    stack.write("secrets/tokens", "".join(f"{role} {name} {token}\n" for role, (name, token) in TOKENS.items()))
    for name, token in (*TOKENS.values(), LATER.split()[1:]):
        stack.write(f"secrets/{name}", token + "\n")
    # Of user 10001, too, whoever runs this test.
    for name in os.listdir(folder):
        os.chmod(os.path.join(folder, name), 0o644)


def check_published(stack):
    pipeline = stack.inspect(stack.containers("pipeline")[0])
    bindings = pipeline["HostConfig"]["PortBindings"]
    check("it is published at QUERN_PUBLISH alone", bindings == {"7070/tcp": [{"HostIp": ADDRESS, "HostPort": str(PORT)}]}, bindings)
    with socket.socket() as elsewhere:
        check("nobody listens at the default address", elsewhere.connect_ex(("127.0.0.1", PORT)) != 0)


def check_unguarded(stack):
    """What QUERN_PUBLISH alone gets: the pipeline's own settings, but without tokens."""
    refused = stack.compose("run", "--rm", "-T", "--no-deps", "-e", "QUERN_LISTEN_PUBLISHED=0.0.0.0", "-e", "QUERN_LISTEN_TOKENS_FILE=", "pipeline", ok=False)
    check("nothing is published to everybody without tokens", refused.returncode == 78 and "OPEN_ADDRESS" in refused.stdout + refused.stderr,
          refused.stdout + refused.stderr)


def check_tls(stack):
    plain = run("docker", "exec", "--env", "QUERN_CA_FILE=", stack.containers("pipeline")[0], "quern", "health", ok=False)
    check("nobody is spoken to in plaintext", plain.returncode == 69, plain.stdout + plain.stderr)


def by_published_port(stack, *words):
    """The command line on this machine, as far as the network goes."""
    return run("docker", "run", "--rm", "--network", "host", "--volume", f"{stack.secrets}:/secrets:ro", IMAGE, "quern", *words, "--server",
               f"{ADDRESS}:{PORT}", "--ca-file", "/secrets/ca.pem", ok=False)


def check_tokens(stack):
    def ask(name, *words):
        return stack.cli(*words, flags=("-e", f"QUERN_TOKEN_FILE={name and f'/secrets/{name}'}"), ok=False)

    refused = ask("", "status")
    check("a call without a token is refused", refused.returncode != 0 and "asks for a token" in refused.stderr, refused.stderr)
    done = stack.cli("submit", "corpus.jsonl", "--job", "guarded", "--watch", "--quiet")
    check("who may submit has a job done", "completed" in done.stderr, done.stderr)
    refused = ask("ann", "submit", "corpus.jsonl", "--job", "other", "--quiet")
    check("who may read may not submit", refused.returncode != 0 and "ann has the role read" in refused.stderr, refused.stderr)

    published = by_published_port(stack, "status", "--token-file", "/secrets/ann")
    check("who may read sees it through the published port", published.returncode == 0 and "guarded" in published.stdout,
          published.stdout + published.stderr)
    published = by_published_port(stack, "status")
    check("nobody else does", published.returncode != 0 and "asks for a token" in published.stderr, published.stderr)

    refused = ask("cat", "status")
    check("who is not in the file is refused", refused.returncode != 0 and "none of this server" in refused.stderr, refused.stderr)
    with open(os.path.join(stack.secrets, "tokens"), "a", encoding="utf-8") as file:
        file.write(LATER)
    wait_for("a new token is known without a restart", lambda: ask("cat", "status").returncode == 0, 30)
    check("a new token is known without a restart", True)


def main():
    with Stack("quern-guarded-test", QUERN_PUBLISH=ADDRESS, QUERN_TOKENS="/secrets/tokens", QUERN_CERTIFICATE="/secrets/server.pem",
               QUERN_KEY="/secrets/server.key", QUERN_CA="/secrets/ca.pem", QUERN_TOKEN="/secrets/ben") as stack:
        make_secrets(stack)
        stack.write("corpus.jsonl", "".join(json.dumps(document(number)) + "\n" for number in range(20)))
        stack.up()
        stack.wait_until_healthy()
        check("all services are healthy, the pipeline by TLS", True)
        check_published(stack)
        check_unguarded(stack)
        check_tls(stack)
        check_tokens(stack)
    end()


if __name__ == "__main__":
    main()
