#!/usr/bin/env python3
"""What many replicas of one service cost, and whether its caller spreads, finds and forgets them.

    cargo build --release -p tracewalk
    scripts/real-backends.sh prometheus etcd
    scripts/replicas.py [--replicas 50] [--rps 500] [--seconds 20]

So many processes of `profile` register in a real etcd; one `user` finds them there, and a gateway calls
it. Then one more replica is started, one gets SIGTERM and one is killed, under load. A real Prometheus
scrapes them all. Prints one line of JSON for each part; the exit code is 1 where the shares differ by
more than a tenth, a replica is found or forgotten after more than two seconds, a call fails that was
not under way on the killed one, or a scrape takes longer than its interval.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path

from chain import BACKENDS, RELEASE, Etcd, Load, Service
from chain import cpu_seconds, fetch, free_address, resident_mib, until

CALLS = "grpc_rpc_duration_seconds_count"


class Prometheus:
    """Scrapes these addresses every five seconds."""

    def __init__(self, folder, targets):
        self.address = free_address()
        config = {
            "global": {"scrape_interval": "5s", "scrape_timeout": "4s"},
            "scrape_configs": [{"job_name": "services", "static_configs": [{"targets": targets}]}],
        }
        file = Path(folder, "prometheus.yml")
        file.write_text(json.dumps(config))
        words = [f"--config.file={file}", f"--storage.tsdb.path={folder}/tsdb", "--log.level=error"]
        words += [f"--web.listen-address={self.address}"]
        self.process = subprocess.Popen([BACKENDS / "prometheus", *words])
        until(lambda: fetch(f"http://{self.address}/-/ready"))

    def value(self, query):
        query = urllib.parse.quote(query)
        answer = json.loads(fetch(f"http://{self.address}/api/v1/query?query={query}"))
        result = answer["data"]["result"]
        return float(result[0]["value"][1]) if result else None


class Replicas:
    def __init__(self, release, count, etcd):
        self.release, self.register = release, ["--register", f"etcd://{etcd.address}"]
        self.profiles = []
        for _ in range(count):
            self.add()
        to = "--profile", f"etcd://{etcd.address}/profile"
        self.user = Service(release, "user", "--database-url", "memory:", *to)
        to = "--user", f"static:///{self.user.grpc}", "--http-listen", "127.0.0.1:0"
        self.gateway = Service(release, "gateway", *to)
        until(lambda: self.known() == count or None)

    def add(self):
        flags = "--database-url", "memory:", *self.register
        self.profiles.append(Service(self.release, "profile", *flags))
        return self.profiles[-1]

    def known(self):
        """How many replicas the caller knows."""
        return self.user.page().total("registry_servers")

    def calls(self):
        """The calls that each replica has answered."""
        return [calls(profile) for profile in self.profiles]

    def kill(self):
        for service in (*self.profiles, self.user, self.gateway):
            service.process.kill()


def calls(service):
    return service.page().total(CALLS, '"GetProfile"')


def seconds_until(ask):
    begin = time.monotonic()
    until(ask)
    return round(time.monotonic() - begin, 2)


def median(values):
    return sorted(values)[len(values) // 2]


def at_rest(replicas, seconds=10):
    before = [cpu_seconds(it) for it in replicas.profiles]
    time.sleep(seconds)
    spent = [cpu_seconds(it) - then for it, then in zip(replicas.profiles, before)]
    return {
        "replicas": len(replicas.profiles),
        "resident_mib_of_one": round(median([it.resident() for it in replicas.profiles]), 1),
        "resident_mib_of_user": round(replicas.user.resident(), 1),
        "cpu_percent_of_one": round(100 * sum(spent) / seconds / len(spent), 2),
    }


def shares(replicas, rps, seconds):
    report = Load(replicas.release, replicas, rps, seconds).report()
    counts = replicas.calls()
    mean = sum(counts) / len(counts)
    return {
        "codes": report["codes"],
        "p99_ms": report["latency"]["p99_ms"],
        "least": min(counts),
        "most": max(counts),
        "furthest_from_mean": round(max(abs(it - mean) for it in counts) / mean, 3),
        "resident_mib_of_one": round(median([it.resident() for it in replicas.profiles]), 1),
        "resident_mib_of_user": round(replicas.user.resident(), 1),
    }


def changes(replicas, rps):
    load = Load(replicas.release, replicas, rps)
    until(lambda: min(replicas.calls()) > 0 or None)
    added = replicas.add()
    found = seconds_until(lambda: calls(added) or None)
    leaving = replicas.profiles.pop(0)
    count = len(replicas.profiles)
    leaving.process.send_signal(15)
    left = seconds_until(lambda: replicas.known() == count or None)
    code = leaving.process.wait(timeout=30)
    killed = replicas.profiles.pop(0)
    killed.process.kill()
    ejected = seconds_until(lambda: quiet(replicas, killed))
    codes = load.stop()["codes"]
    return {"found_s": found, "left_s": left, "exit": code, "ejected_s": ejected, "codes": codes}


def quiet(replicas, killed):
    """Whether no attempt fails any more: the caller calls the killed replica no longer."""
    attempts = "grpc_client_attempt_duration_seconds_count"

    def failed():
        page = replicas.user.page()
        return page.total(attempts) - page.total(attempts, 'code="OK"')

    before = failed()
    time.sleep(0.3)
    return True if failed() == before else None


def scrapes(replicas, folder):
    services = [*replicas.profiles, replicas.user, replicas.gateway]
    prometheus = Prometheus(folder, [it.admin for it in services])
    try:
        until(lambda: prometheus.value("sum(up)") == len(services) or None)
        time.sleep(20)
        spent = cpu_seconds(prometheus)
        time.sleep(20)
        return {
            "targets": len(services),
            "slowest_s": round(prometheus.value("max(max_over_time(scrape_duration_seconds[20s]))"), 3),
            "series": int(prometheus.value("sum(scrape_samples_scraped)")),
            "resident_mib": round(resident_mib(prometheus), 1),
            "cpu_percent": round(100 * (cpu_seconds(prometheus) - spent) / 20, 1),
        }
    finally:
        prometheus.process.kill()
        prometheus.process.wait()


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--replicas", type=int, default=50)
    arguments.add_argument("--rps", type=int, default=500)
    arguments.add_argument("--seconds", type=int, default=20)
    arguments.add_argument("--release", type=Path, default=RELEASE)
    arguments = arguments.parse_args()
    # Nobody collects: only the services themselves are measured.
    os.environ["OTEL_TRACES_EXPORTER"] = "none"
    with tempfile.TemporaryDirectory() as folder:
        etcd, replicas = Etcd(BACKENDS / "etcd"), None
        try:
            replicas = Replicas(arguments.release, arguments.replicas, etcd)
            rest = at_rest(replicas)
            print("at rest", json.dumps(rest), flush=True)
            even = shares(replicas, arguments.rps, arguments.seconds)
            print("under load", json.dumps(even), flush=True)
            moved = changes(replicas, arguments.rps)
            print("changes", json.dumps(moved), flush=True)
            scraped = scrapes(replicas, folder)
            print("scrapes", json.dumps(scraped), flush=True)
        finally:
            if replicas:
                replicas.kill()
            etcd.kill()
    failed = sum(n for codes in (even["codes"], moved["codes"]) for code, n in codes.items() if code != "OK")
    broken = even["furthest_from_mean"] > 0.1 or failed > 0 or scraped["slowest_s"] > 5
    return int(broken or max(moved["found_s"], moved["left_s"], moved["ejected_s"]) > 2)


if __name__ == "__main__":
    sys.exit(main())
