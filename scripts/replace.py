#!/usr/bin/env python3
"""What it costs to replace the services, and then their certificates, under load.

    cargo build --release -p tracewalk
    scripts/replace.py [--rps 500] [--times 20] [--seconds 60]

Each service in turn gets SIGTERM so many times, and another takes its place. A call that it has
accepted, by its access log, must have been answered, by the count of its callers; and each span must
be in the collector. Then the certificates of the chain are replaced every two seconds, and each call
must be OK. Prints one line for each; the exit code is 1 where a promise is broken. Needs ports 4317
and 16686 free.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from chain import RELEASE, Chain, Collector, Load, until

ATTEMPTS = "grpc_client_attempt_duration_seconds_count"
CALLS = "grpc_client_rpc_duration_seconds_count"


def replace_servers(release, rps, times, of):
    """SIGTERM for the servers of `users` or `profiles`, one at a time, while their caller calls."""
    chain = Chain(release, servers=2)
    try:
        servers = getattr(chain, of)
        callers = [chain.gateway] if of == "users" else chain.users
        called = f'service="tracewalk.{of[:-1]}.v1.{of[:-1].title()}Service"'
        load = Load(release, chain, rps)
        ends = []
        for number in range(times):
            server = servers[number % 2]
            until_it_serves(server)
            ends.append(server.restart())
            # The other is not stopped before its callers have found this one again.
            until_it_serves(server)
        codes = load.stop()["codes"]
        pages = [caller.page() for caller in callers]

        def total(family, *labels):
            return sum(page.total(family, called, *labels) for page in pages)

        answered = total(ATTEMPTS, 'code="OK"')
        failed = total(CALLS) - total(CALLS, 'code="OK"')
        ends += chain.stop()
        accepted = sum(server.accepted() for server in servers)
        return judged(ends, codes, accepted, answered, failed)
    finally:
        chain.kill()


def replace_gateway(release, rps, times):
    """SIGTERM for the only gateway, while it is called: what came too late was not accepted."""
    chain = Chain(release)
    try:
        ends, codes, answered = [], {}, 0
        for _ in range(times):
            load = Load(release, chain, rps)
            until_it_serves(chain.gateway)
            ends.append(chain.gateway.restart())
            for code, calls in load.stop()["codes"].items():
                codes[code] = codes.get(code, 0) + calls
        ends += chain.stop()
        return judged(ends, codes, chain.gateway.accepted(), codes["OK"], failed=0)
    finally:
        chain.kill()


def until_it_serves(server, calls=200):
    """Waits for so many calls from here on: it is in the middle of them."""
    started = "grpc_rpc_started_total"
    before = server.page().total(started)
    until(lambda: server.page().total(started) >= before + calls or None)


def judged(ends, codes, accepted, answered, failed):
    return {
        "sigterms": len(ends),
        "codes": codes,
        "accepted": accepted,
        "unanswered": accepted - answered,
        "failed": failed,
        "aborted": sum(end["aborted_calls"] for _, end in ends),
        "spans": sum(end["started"] for _, end in ends),
        "lost": sum(end["failed"] + end["dropped"] for _, end in ends),
        "exported": sum(end["exported"] for _, end in ends),
        "exit": sorted({code for code, _ in ends}),
    }


def replace_certificates(release, seconds):
    """New certificates for all every two seconds; health is asked over new connections."""
    with tempfile.TemporaryDirectory() as folder:
        binary = release / "tracewalk"
        renew = [binary, "certs", folder, "--renew", "--json"]
        subprocess.run(renew, check=True, stdout=subprocess.DEVNULL)
        chain = Chain(release, tls=folder)
        try:
            load = Load(release, chain, 200, seconds)
            swaps, handshakes = 0, 0
            begin = time.monotonic()
            while time.monotonic() < begin + seconds - 2:
                subprocess.run(renew, check=True, stdout=subprocess.DEVNULL)
                swaps += 1
                for name, server in ("user", chain.users[0]), ("profile", chain.profiles[0]):
                    health = [binary, "health", server.grpc, "--tls", folder, "--peer", name]
                    subprocess.run(health, check=True, stdout=subprocess.DEVNULL)
                    handshakes += 1
                time.sleep(max(0, begin + 2 * swaps - time.monotonic()))
            report = load.report()
            pages = [service.page() for service in chain.services]
            return {
                "swaps": swaps,
                "handshakes": handshakes,
                "used": [page.total("tls_reloads_total", 'result="used"') for page in pages],
                "refused": sum(page.total("tls_reloads_total", 'result="refused"') for page in pages),
                "codes": report["codes"],
                "p99_ms": report["latency"]["p99_ms"],
            }
        finally:
            chain.kill()


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rps", type=int, default=500)
    arguments.add_argument("--times", type=int, default=20)
    arguments.add_argument("--seconds", type=int, default=60)
    arguments.add_argument("--release", type=Path, default=RELEASE)
    arguments = arguments.parse_args()
    release, rps, times = arguments.release, arguments.rps, arguments.times
    collector, spans, broken = Collector(release), 0, False
    try:
        for name, replaced in {
            "profile": lambda: replace_servers(release, rps, times, "profiles"),
            "user": lambda: replace_servers(release, rps, times, "users"),
            "gateway": lambda: replace_gateway(release, rps, times),
        }.items():
            seen = replaced()
            spans += seen["exported"]
            print(name, json.dumps(seen), flush=True)
            broken |= any(seen[it] for it in ("unanswered", "failed", "aborted", "lost"))
            broken |= seen["exit"] != [0] or (name != "gateway" and list(seen["codes"]) != ["OK"])
        missing = spans - collector.spans()
        print("spans that did not arrive", missing, flush=True)
        seen = replace_certificates(release, arguments.seconds)
        print("certificates", json.dumps(seen), flush=True)
        broken |= missing != 0 or seen["refused"] > 0 or list(seen["codes"]) != ["OK"]
    finally:
        collector.kill()
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
