#!/usr/bin/env python3
"""What a collector that dies, hangs or restarts does to services under load, and what a restart loses.

    cargo build --release -p tracewalk -p embedded --bin tracewalk --example standalone
    scripts/outage.py [--seconds 60] [--rps 500] [--restarts 20]

For each fault the whole chain runs under the same load: every second each /metrics page is read, and
its books must balance. At 100 calls a second the collector is away for ten, and no span may be lost.
Then the chain is stopped under load, again and again, and no span may be lost either. Prints one line
for each; the exit code is 1 where a promise is broken. Needs Linux, and ports 4317 and 16686 free.
"""

import argparse
import json
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

RELEASE = Path(__file__).parent.parent / "target" / "release"
MIB = 1024


class Collector:
    """The embedded store as a process of its own."""

    def __init__(self, release):
        self.command = [release / "examples" / "standalone"]
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command)
        until(lambda: fetch("http://127.0.0.1:16686/status"))

    def kill(self):
        self.process.kill()
        self.process.wait()

    def spans(self):
        held = json.loads(fetch("http://127.0.0.1:16686/status"))
        return held["spans"] + held["evicted_spans"]


class Service:
    """One hop of the chain, on free ports."""

    def __init__(self, release, name, *flags):
        words = [name, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"]
        self.log = tempfile.NamedTemporaryFile("w+")
        self.process = subprocess.Popen(
            [release / "tracewalk", *words, "--log-format", "json", *flags], stdout=self.log
        )
        ready = until(lambda: next((e for e in self.events() if "grpc" in e), None))
        self.grpc, self.admin = ready["grpc"], ready["admin"]

    def events(self):
        return [json.loads(line) for line in Path(self.log.name).read_text().splitlines()]

    def resident(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / MIB

    def books(self):
        page = fetch(f"http://{self.admin}/metrics")

        def total(name, labels=""):
            found = re.findall(rf"^{name}{labels}(?:{{[^}}]*}})? (\d+)$", page, re.MULTILINE)
            return sum(map(int, found))

        sent, exported = (
            total("otel_sdk_exporter_span_exported_total"),
            total("otel_sdk_exporter_span_exported_total", '{error_type=""}'),
        )
        processed, taken = (
            total("otel_sdk_processor_span_processed_total"),
            total("otel_sdk_processor_span_processed_total", '{error_type=""}'),
        )
        return {
            "started": total("otel_sdk_span_started_total"),
            "exported": exported,
            "failed": sent - exported,
            "dropped": processed - taken,
            "queued": total("otel_sdk_processor_span_queue_size"),
        }

    def stop(self):
        """Ends it by SIGTERM; its exit code and its last ledger."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=30)
        return code, [e for e in self.events() if "exported" in e][-1]


class Chain:
    def __init__(self, release):
        data = "--database-url", "memory:"
        self.profile = Service(release, "profile", *data)
        target = f"static:///{self.profile.grpc}"
        self.user = Service(release, "user", *data, "--profile", target)
        target = f"static:///{self.user.grpc}"
        http = "--http-listen", "127.0.0.1:0"
        self.gateway = Service(release, "gateway", *http, "--user", target)
        self.services = [self.gateway, self.user, self.profile]

    def stop(self):
        return [service.stop() for service in self.services]


def fetch(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.read().decode()
    except OSError:
        return None


def until(ask, patience=20):
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if (answer := ask()) is not None:
            return answer
        time.sleep(0.05)
    raise TimeoutError("nothing for too long")


def load(release, chain, rps, seconds):
    words = ["load", "--json", "--rps", str(rps), "--duration", f"{seconds}s", "--mix", "get=100"]
    words += ["--gateway", f"http://{chain.gateway.grpc}"]
    return subprocess.Popen([release / "tracewalk", *words], stdout=subprocess.PIPE, text=True)


def kill(collector, seconds):
    time.sleep(seconds / 6)
    collector.kill()
    time.sleep(seconds / 6)
    collector.start()


def hang(collector, seconds):
    time.sleep(seconds / 6)
    collector.process.send_signal(signal.SIGSTOP)
    time.sleep(seconds / 3)
    collector.process.send_signal(signal.SIGCONT)


def restart(collector, seconds):
    for _ in range(5):
        time.sleep(seconds / 8)
        collector.kill()
        time.sleep(1)
        collector.start()


def ten_seconds(collector, _):
    time.sleep(3)
    collector.kill()
    time.sleep(10)
    collector.start()


FAULTS = {"none": lambda *_: None, "killed": kill, "hung": hang, "restarted": restart}


def outage(release, fault, rps, seconds):
    """One run under one fault: a dictionary of what was seen."""
    collector, chain = Collector(release), None
    try:
        chain = Chain(release)
        # Everything that is allocated once is.
        load(release, chain, rps, 5).communicate()
        before = [service.resident() for service in chain.services]
        trouble = threading.Thread(target=fault, args=(collector, seconds))
        calls = load(release, chain, rps, seconds)
        trouble.start()
        seen = {"scrapes": 0, "unexplained": 0, "lost": 0, "queued": 0, "growth_mib": 0}
        while calls.poll() is None:
            for service, held in zip(chain.services, before):
                books = service.books()
                started = books.pop("started")
                seen["scrapes"] += 1
                seen["unexplained"] += abs(started - sum(books.values()))
                seen["queued"] = max(seen["queued"], books["queued"])
                seen["growth_mib"] = max(seen["growth_mib"], service.resident() - held)
            time.sleep(1)
        trouble.join()
        report = json.loads(calls.stdout.read())
        ends = chain.stop()
        seen["lost"] = sum(end["failed"] + end["dropped"] for _, end in ends)
        seen["codes"] = report["codes"]
        seen["p99_ms"] = report["latency"]["p99_ms"]
        seen["exit"] = [code for code, _ in ends]
        return seen
    finally:
        for service in chain.services if chain else []:
            service.process.kill()
        collector.kill()


def harmed(seen):
    """Whether a promise was broken that holds under every fault."""
    return seen["unexplained"] > 0 or seen["growth_mib"] > 20 or any(seen["exit"])


def restarts(release, times):
    """Stops the chain under load, again and again."""
    collector, started, lost, exported = Collector(release), 0, 0, 0
    try:
        for _ in range(times):
            chain = Chain(release)
            calls = load(release, chain, 200, 3)
            time.sleep(1.5)
            for code, end in chain.stop():
                assert code == 0, end
                started += end["started"]
                exported += end["exported"]
                lost += end["failed"] + end["dropped"]
            calls.communicate()
        arrived = collector.spans()
    finally:
        collector.kill()
    return {"sigterms": 3 * times, "started": started, "lost": lost, "missing": exported - arrived}


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=int, default=60)
    arguments.add_argument("--rps", type=int, default=500)
    arguments.add_argument("--restarts", type=int, default=20)
    arguments.add_argument("--release", type=Path, default=RELEASE)
    arguments = arguments.parse_args()
    broken = False
    well = None
    for name, fault in FAULTS.items():
        seen = outage(arguments.release, fault, arguments.rps, arguments.seconds)
        # The first run is without a fault. The ratio is worth something where nothing else runs.
        well = well or seen["p99_ms"]
        seen["p99_ratio"] = round(seen["p99_ms"] / well, 2)
        print(name, json.dumps(seen), flush=True)
        broken |= harmed(seen)
    seen = outage(arguments.release, ten_seconds, 100, 20)
    print("ten seconds away", json.dumps(seen), flush=True)
    broken |= harmed(seen) or seen["lost"] > 0
    seen = restarts(arguments.release, arguments.restarts)
    print("stopped", json.dumps(seen), flush=True)
    broken |= seen["lost"] > 0 or seen["missing"] != 0
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
