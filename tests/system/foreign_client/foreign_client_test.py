"""Five processes as a user would start them, and a gRPC client that is not ours: it lists their services by reflection and
converts a document through all four stages."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "support"))
from reflection import ForeignClient  # noqa: E402

BIN = sys.argv.pop(1)

DOCUMENT = (
    "The Tamar Bridge is a suspension bridge in the west of England. It was designed by the firm of Mott, Hay and Anderson and "
    "was opened to traffic in October 1961. The Tamar Bridge was built by the Cleveland Bridge Company at a cost of 1.5 million "
    "pounds. At its opening it was the longest suspension bridge in the United Kingdom. The deck of the bridge hangs from two "
    "towers of reinforced concrete, each of which is 73 metres high. Between 1999 and 2001 the deck was strengthened and two "
    "cantilever lanes were added, while the traffic went on. The bridge carries some forty thousand vehicles on a working day, "
    "and tolls are collected from those who leave the county on its western side.")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class ForeignClientTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="quern-foreign-")
        cls.processes = []
        redis_port = free_port()
        cls.start(["redis-server", "--port", str(redis_port), "--bind", "127.0.0.1", "--dir", cls.folder.name,
                   "--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"])
        stages = ("filter", "persona", "generator", "verifier")
        cls.address = {name: f"127.0.0.1:{free_port()}" for name in stages + ("pipeline",)}
        common = ["--set", f"redis.url=redis://127.0.0.1:{redis_port}", "--set", "listen.metrics=off"]
        for name in stages:
            cls.start([f"{BIN}/quern-{name}", "--set", f"listen.grpc={cls.address[name]}", *common])
        addresses = [part for name in stages for part in ("--set", f"pipeline.{name}_address={cls.address[name]}")]
        cls.start([f"{BIN}/quern-pipeline", "--set", f"listen.grpc={cls.address['pipeline']}", *common, *addresses,
                   "--set", f"pipeline.data_dir={cls.folder.name}/data"])

    @classmethod
    def start(cls, command):
        log = open(os.path.join(cls.folder.name, f"{os.path.basename(command[0])}.log"), "wb")
        cls.processes.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log))
        log.close()

    @classmethod
    def tearDownClass(cls):
        for process in reversed(cls.processes):
            process.send_signal(signal.SIGTERM)
        for process in reversed(cls.processes):
            process.wait(timeout=60)
        cls.folder.cleanup()

    def client(self, name):
        client = ForeignClient(self.address[name])
        self.addCleanup(client.close)
        client.wait_until_ready(30)
        return client

    def test_every_process_lists_its_services(self):
        for name in self.address:
            services = self.client(name).services()
            self.assertIn(f"quern.v1.{name.capitalize()}Service", services)
            self.assertIn("grpc.health.v1.Health", services)

    def test_converts_a_document_through_all_four_stages(self):
        for name in self.address:
            self.client(name)  # all are up

        def fill(request):
            request.document.text = DOCUMENT
            request.document.title = "Tamar Bridge"

        trace = self.client("pipeline").call("quern.v1.PipelineService", "ConvertDocument", fill)
        self.assertEqual(len(trace.document.id), 32)
        self.assertEqual(trace.filter.kept.language, "en")
        self.assertGreaterEqual(len(trace.persona.assignment.personas), 1)
        self.assertEqual(len(trace.items), len(trace.persona.assignment.personas))
        records = [item.record for item in trace.items if item.HasField("record")]
        self.assertTrue(records, trace)
        for record in records:
            self.assertIn(record.answer, DOCUMENT)
            span = record.answer_span
            self.assertEqual(DOCUMENT.encode()[span.begin:span.end].decode(), record.answer)


if __name__ == "__main__":
    unittest.main(verbosity=2)
