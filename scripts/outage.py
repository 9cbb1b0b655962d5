#!/usr/bin/env python3
"""What a collector that dies, hangs or restarts does to services under load.

    cargo build --release -p tracewalk
    scripts/outage.py [--seconds 60] [--rps 500]

For each fault the whole chain runs under the same load: every second each /metrics page is read, and
its ledger must balance. At 100 calls a second the collector is away for ten, and no span may be lost.
Prints one line for each; the exit code is 1 where a promise is broken. Needs Linux, and ports 4317
and 16686 free.
"""

import argparse
import json
import signal
import sys
import threading
import time
from pathlib import Path

from chain import RELEASE, Chain, Collector, Load


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
        Load(release, chain, rps, 5).report()
        before = [service.resident() for service in chain.services]
        trouble = threading.Thread(target=fault, args=(collector, seconds))
        load = Load(release, chain, rps, seconds)
        trouble.start()
        seen = {"scrapes": 0, "unexplained": 0, "lost": 0, "queued": 0, "growth_mib": 0}
        while load.runs():
            for service, held in zip(chain.services, before):
                ledger = service.page().ledger()
                started = ledger.pop("started")
                seen["scrapes"] += 1
                seen["unexplained"] += abs(started - sum(ledger.values()))
                seen["queued"] = max(seen["queued"], ledger["queued"])
                seen["growth_mib"] = max(seen["growth_mib"], service.resident() - held)
            time.sleep(1)
        trouble.join()
        report = load.report()
        ends = chain.stop()
        seen["lost"] = sum(end["failed"] + end["dropped"] for _, end in ends)
        seen["codes"] = report["codes"]
        seen["p99_ms"] = report["latency"]["p99_ms"]
        seen["exit"] = [code for code, _ in ends]
        return seen
    finally:
        if chain:
            chain.kill()
        collector.kill()


def harmed(seen):
    """Whether a promise was broken that holds under every fault."""
    return seen["unexplained"] > 0 or seen["growth_mib"] > 20 or any(seen["exit"])


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=int, default=60)
    arguments.add_argument("--rps", type=int, default=500)
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
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
