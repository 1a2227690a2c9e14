#!/usr/bin/env python3
"""The same calls from Python, as the reference pipeline makes them: a pool of threads, one kept connection each.

  python_client.py HOST:PORT PROMPT_BYTES THREADS SECONDS

Prints one JSON object: calls per second, and CPU seconds per 1,000 calls of this process. Each call builds its prompt, sends it, and
reads question and answer out of the reply's JSON.
"""

import http.client
import json
import resource
import sys
import threading
import time


def worker(address, prompt_bytes, until, counts, index):
    host, port = address.split(":")
    connection = http.client.HTTPConnection(host, int(port))
    document = "The bridge was built in 1932 by a company of engineers. " * (prompt_bytes // 57)
    while time.monotonic() < until:
        mark = f"{index * 1000003 + counts[index]:08x}"[-8:]
        prompt = f"[document {mark}]\n{document}\n[end of document {mark}]\n\nReply: {{\"question\": \"\", \"quote\": \"\"}}"
        body = json.dumps({"model": "sim", "messages": [{"role": "user", "content": prompt}], "max_tokens": 2048,
                           "temperature": 1.0, "response_format": {"type": "json_object"}})
        connection.request("POST", "/v1/chat/completions", body, {"Content-Type": "application/json"})
        reply = json.loads(connection.getresponse().read())
        json.loads(reply["choices"][0]["message"]["content"])
        counts[index] += 1


def main():
    address, prompt_bytes, threads, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    counts = [0] * threads
    before = resource.getrusage(resource.RUSAGE_SELF)
    start = time.monotonic()
    pool = [threading.Thread(target=worker, args=(address, prompt_bytes, start + seconds, counts, i)) for i in range(threads)]
    for thread in pool:
        thread.start()
    for thread in pool:
        thread.join()
    took = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    print(json.dumps({"calls_per_second": sum(counts) / took, "cpu_seconds_per_1000_calls": 1000 * cpu / sum(counts)}))


if __name__ == "__main__":
    main()
