"""The chain of a release build and its collector as processes, for scripts that measure them."""

import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

RELEASE = Path(__file__).parent.parent / "target" / "release"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
# What scripts/real-backends.sh has built.
BACKENDS = Path(os.environ.get("TRACEWALK_REAL_BACKENDS", CACHE / "tracewalk/real-backends"))
MIB = 1024


class Collector:
    """The embedded store as a process of its own."""

    def __init__(self, release):
        others = "--otlp-http-listen", "--prometheus-listen", "--dashboards-listen"
        words = [word for flag in others for word in (flag, "127.0.0.1:0")]
        self.command = [release / "tracewalk", "view", "--json", *words]
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL)
        until(lambda: fetch("http://127.0.0.1:16686/status"))

    def kill(self):
        self.process.kill()
        self.process.wait()

    def spans(self):
        held = json.loads(fetch("http://127.0.0.1:16686/status"))
        return held["spans"] + held["evicted_spans"]


class Etcd:
    """An etcd on a port that was free at first, with its data in a folder of its own."""

    def __init__(self, program):
        self.program, self.folder = program, tempfile.TemporaryDirectory()
        self.address = free_address()
        self.start()

    def start(self):
        url = f"http://{self.address}"
        flags = f"--data-dir {self.folder.name}/data --log-level fatal --logger zap"
        flags += f" --listen-client-urls {url} --advertise-client-urls {url}"
        flags += " --listen-peer-urls http://127.0.0.1:0"
        self.process = subprocess.Popen([self.program, *flags.split()])

    def kill(self):
        self.process.kill()
        self.process.wait()


class Service:
    """One server of a service, on ports that were free at first."""

    def __init__(self, release, name, *flags):
        self.command = [release / "tracewalk", name, "--log-format", "json", *flags]
        self.logs = []
        self.start("127.0.0.1:0", "127.0.0.1:0")

    def start(self, grpc, admin):
        self.logs.append(tempfile.NamedTemporaryFile("w+"))
        addresses = "--listen", grpc, "--admin-listen", admin
        self.process = subprocess.Popen([*self.command, *addresses], stdout=self.logs[-1])
        self.listeners = until(lambda: next((e for e in events(self.logs[-1]) if "grpc" in e), None))
        self.grpc, self.admin = self.listeners["grpc"], self.listeners["admin"]

    def stop(self):
        """Ends it by SIGTERM; its exit code, and the ledger in its last lines."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=30)
        last = (e for e in events(self.logs[-1]) if "exported" in e or "aborted_calls" in e)
        return code, {key: value for event in last for key, value in event.items()}

    def restart(self):
        """Ends it as `stop` does, and starts another at the same addresses."""
        ended = self.stop()
        self.start(self.grpc, self.admin)
        return ended

    def accepted(self):
        """The calls in its access log, with those before its restarts."""
        return sum(event["message"] == "rpc finished" for log in self.logs for event in events(log))

    def page(self):
        return Page(fetch(f"http://{self.admin}/metrics"))

    def resident(self):
        return resident_mib(self)


class Page:
    """A page of metrics, as it was at one moment."""

    def __init__(self, text):
        self.text = text
        self.lines = text.splitlines()

    def total(self, family, *labels):
        """The sum of the series of a family that have these labels."""
        series = [line.rsplit(" ", 1) for line in self.lines if re.match(rf"{family}[{{ ]", line)]
        return sum(int(value) for name, value in series if all(it in name for it in labels))

    def ledger(self):
        """Where the spans of the service went."""
        well = 'error_type=""'
        sent, exported = (
            self.total("otel_sdk_exporter_span_exported_total"),
            self.total("otel_sdk_exporter_span_exported_total", well),
        )
        processed, taken = (
            self.total("otel_sdk_processor_span_processed_total"),
            self.total("otel_sdk_processor_span_processed_total", well),
        )
        return {
            "started": self.total("otel_sdk_span_started_total"),
            "exported": exported,
            "failed": sent - exported,
            "dropped": processed - taken,
            "queued": self.total("otel_sdk_processor_span_queue_size"),
        }


class Chain:
    """The three services, with so many servers of `user` and of `profile`."""

    def __init__(self, release, servers=1, tls="off"):
        common = "--tls", tls
        data = *common, "--database-url", "memory:"
        self.profiles = [Service(release, "profile", *data) for _ in range(servers)]
        to = "--profile", target(self.profiles)
        self.users = [Service(release, "user", *data, *to) for _ in range(servers)]
        to = "--user", target(self.users), "--http-listen", "127.0.0.1:0"
        self.gateway = Service(release, "gateway", *common, *to)
        # In the order in which they are stopped: a caller before those whom it calls.
        self.services = [self.gateway, *self.users, *self.profiles]

    def stop(self):
        return [service.stop() for service in self.services]

    def kill(self):
        for service in self.services:
            service.process.kill()


class Load:
    """Reads of users at an even rate, until the time is over or `stop`."""

    def __init__(self, release, chain, rps, seconds=3600):
        words = ["load", "--json", "--rps", str(rps), "--duration", f"{seconds}s"]
        words += ["--mix", "get=100", "--gateway", f"http://{chain.gateway.grpc}"]
        self.process = subprocess.Popen(
            [release / "tracewalk", *words], stdout=subprocess.PIPE, text=True
        )

    def runs(self):
        return self.process.poll() is None

    def stop(self):
        """Lets calls under way end; the report of all."""
        self.process.send_signal(signal.SIGTERM)
        return self.report()

    def report(self):
        """Waits for the end of its time; the report of all calls."""
        return json.loads(self.process.communicate()[0])


def resident_mib(it):
    """The resident memory of a process."""
    status = Path(f"/proc/{it.process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / MIB


def cpu_seconds(it):
    """The processor time that a process has taken."""
    fields = Path(f"/proc/{it.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def free_address():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"127.0.0.1:{free.getsockname()[1]}"


def target(servers):
    return "static:///" + ",".join(server.grpc for server in servers)


def events(log):
    return [json.loads(line) for line in Path(log.name).read_text().splitlines()]


def fetch(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.read().decode()
    except OSError:
        return None


def until(ask, max_wait=20):
    """The answer, as soon as there is one."""
    deadline = time.monotonic() + max_wait
    while time.monotonic() < deadline:
        if (answer := ask()) is not None:
            return answer
        time.sleep(0.05)
    raise TimeoutError("nothing for too long")
