#!/usr/bin/env python3
"""What a call costs outside of its own answer: processor time, spans, bytes and memory, with each of two collectors.

    cargo build --release -p tracewalk
    scripts/real-backends.sh jaeger
    scripts/costs.py [--rps 500] [--seconds 30]

The chain is called at an even rate, all of it sampled, and exports to the embedded store and then to a
real Jaeger that keeps traces in memory. Prints one line of JSON for each, and the size of a page of
metrics; docs/scaling.md calculates with these figures. Needs ports 4317 and 16686 free, and `ss`.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from chain import BACKENDS, RELEASE, Chain, Collector, Load
from chain import cpu_seconds, fetch, resident_mib, until

JAEGER = {
    "service": {
        "extensions": ["jaeger_storage", "jaeger_query"],
        "pipelines": {"traces": {"receivers": ["otlp"], "exporters": ["jaeger_storage_exporter"]}},
        "telemetry": {"metrics": {"level": "none"}, "logs": {"level": "fatal"}},
    },
    "extensions": {
        "jaeger_storage": {"backends": {"traces": {"memory": {"max_traces": 1_000_000}}}},
        "jaeger_query": {"storage": {"traces": "traces"}, "http": {"endpoint": "127.0.0.1:16686"}},
    },
    "receivers": {"otlp": {"protocols": {"grpc": {"endpoint": "127.0.0.1:4317"}}}},
    "exporters": {"jaeger_storage_exporter": {"trace_storage": "traces"}},
}


class Jaeger:
    def __init__(self, folder):
        file = Path(folder, "jaeger.yml")
        file.write_text(json.dumps(JAEGER))
        self.process = subprocess.Popen([BACKENDS / "jaeger", f"--config={file}"])
        until(lambda: fetch("http://127.0.0.1:16686/api/services"))

    def kill(self):
        self.process.kill()
        self.process.wait()


def exported(chain):
    return sum(service.page().ledger()["exported"] for service in chain.services)


def sent_bytes():
    """What the open connections have sent to the collector."""
    lines = subprocess.check_output(["ss", "-tinH", "dst", "127.0.0.1:4317"], text=True)
    return sum(int(it) for it in re.findall(r"bytes_acked:(\d+)", lines))


def costs(release, collector, rps, seconds):
    chain = Chain(release)
    try:
        Load(release, chain, rps, 3).report()  # Connections and tables are there.
        processes = {"gateway": chain.gateway, "user": chain.users[0], "profile": chain.profiles[0]}
        processes["collector"] = collector
        before = {name: cpu_seconds(it) for name, it in processes.items()}
        memory, spans, sent = resident_mib(collector), exported(chain), sent_bytes()
        report = Load(release, chain, rps, seconds).report()
        time.sleep(3)  # The last batch is on its way.
        calls = report["codes"]["OK"]
        spans, sent = exported(chain) - spans, sent_bytes() - sent
        spent = {name: cpu_seconds(it) - before[name] for name, it in processes.items()}
        in_collector = spent.pop("collector")
        return {
            "codes": report["codes"],
            "cpu_us_a_call": {name: round(it * 1e6 / calls) for name, it in spent.items()},
            "spans_a_call": round(spans / calls, 2),
            "bytes_a_span_sent": round(sent / spans),
            "collector_us_a_span": round(in_collector * 1e6 / spans, 1),
            "collector_bytes_a_span": round((resident_mib(collector) - memory) * 2**20 / spans),
            "page_bytes": {name: len(it.page().text) for name, it in list(processes.items())[:3]},
        }
    finally:
        chain.kill()


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rps", type=int, default=500)
    arguments.add_argument("--seconds", type=int, default=30)
    arguments.add_argument("--release", type=Path, default=RELEASE)
    arguments = arguments.parse_args()
    release, failed = arguments.release, 0
    with tempfile.TemporaryDirectory() as folder:
        for name, start in {"embedded": lambda: Collector(release), "jaeger": lambda: Jaeger(folder)}.items():
            collector = start()
            try:
                seen = costs(release, collector, arguments.rps, arguments.seconds)
            finally:
                collector.kill()
            print(name, json.dumps(seen), flush=True)
            failed += sum(count for code, count in seen["codes"].items() if code != "OK")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
