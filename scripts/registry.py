#!/usr/bin/env python3
"""What it costs when servers that find each other in etcd come and go, and when etcd itself is away.

    cargo build --release -p tracewalk
    scripts/real-backends.sh etcd
    scripts/registry.py [--rps 500] [--away 30] [--etcd PROGRAM]

Of three servers of `profile` one is killed, one gets SIGTERM, and another starts; then etcd is killed,
and started again after so many seconds; then it hangs for as long (SIGSTOP). Each call must be OK, and have its profile but for what the
killed server had in hand. Prints when each thing happened, and the report of the callers; the exit code
is 1 where a call failed.
"""

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path

from chain import BACKENDS, RELEASE, Etcd, Load, Service, until


class Registered:
    """A chain whose services find each other in etcd, with three servers of `profile`."""

    def __init__(self, release, etcd):
        self.release = release
        self.common = "--etcd", etcd.address, "--register", "etcd:///"
        self.profiles = [self.profile() for _ in range(3)]
        to = "--profile", "etcd:///profile", "--database-url", "memory:"
        self.user = Service(release, "user", *self.common, *to)
        to = "--user", "etcd:///user", "--http-listen", "127.0.0.1:0"
        self.gateway = Service(release, "gateway", *self.common, *to)

    def profile(self):
        return Service(self.release, "profile", *self.common, "--database-url", "memory:")

    def services(self):
        return [self.gateway, self.user, *self.profiles]

    def are_registered(self):
        return all(it.page().total("registry_registered") == 1 for it in self.services())

    def kill(self):
        for service in self.services():
            service.process.kill()


def play(chain, etcd, away, say):
    """What happens under the load; returns the server that was killed."""
    time.sleep(5)
    say("a server of profile is killed")
    killed = chain.profiles.pop(0)
    killed.process.kill()
    time.sleep(5)
    say("another gets SIGTERM")
    code, _ = chain.profiles.pop(0).stop()
    say(f"it has ended with {code}, and another starts")
    begin = time.monotonic()
    chain.profiles.append(chain.profile())
    until(lambda: chain.profiles[-1].page().total("grpc_rpc_started_total", "GetProfile") or None)
    say(f"it has its first call {time.monotonic() - begin:.2f} s after its start")
    time.sleep(5)
    say("etcd is killed")
    etcd.kill()
    time.sleep(away)
    etcd.start()
    until_registered(chain, say)
    say("etcd hangs")
    etcd.process.send_signal(signal.SIGSTOP)
    time.sleep(away)
    etcd.process.send_signal(signal.SIGCONT)
    until_registered(chain, say)
    time.sleep(5)
    return code


def until_registered(chain, say):
    begin = time.monotonic()
    until(lambda: chain.are_registered() or None)
    say(f"etcd is back; all are registered after {time.monotonic() - begin:.2f} s")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rps", type=int, default=500)
    arguments.add_argument("--away", type=int, default=30)
    arguments.add_argument("--etcd", type=Path, default=BACKENDS / "etcd")
    arguments.add_argument("--release", type=Path, default=RELEASE)
    arguments = arguments.parse_args()
    # The embedded store has no part in this.
    os.environ["OTEL_TRACES_EXPORTER"] = "none"
    etcd, chain = Etcd(arguments.etcd), None
    begin = time.monotonic()
    try:
        chain = Registered(arguments.release, etcd)
        until(lambda: chain.are_registered() or None)
        load = Load(arguments.release, chain, arguments.rps)
        say = lambda what: print(f"{time.monotonic() - begin:5.1f} s  {what}", flush=True)
        code = play(chain, etcd, arguments.away, say)
        report = load.stop()
        print(json.dumps({key: report[key] for key in ("codes", "degraded", "latency")}))
        return int(code != 0 or set(report["codes"]) != {"OK"})
    finally:
        if chain:
            chain.kill()
        etcd.kill()


if __name__ == "__main__":
    sys.exit(main())
