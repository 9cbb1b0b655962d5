#!/usr/bin/env python3
"""Asks a running stack what every panel and every rule asks, and names each one without an answer.

What is older than a minute is no answer: a call of this script's own has just been made. From its spans
the ways of grafana/provisioning lead to metrics and logs, which are asked too. Waits until all have an
answer, or --wait seconds. A query for metrics that prometheus/signals.txt marks as
`tls` or `docker` may have no answer as long as nothing emits them.
"""

import argparse
import importlib.util
import json
import math
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SPEC = importlib.util.spec_from_file_location("lint", ROOT / "scripts/lint-dashboards.py")
lint = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(lint)


def get(base, path, **query):
    """The JSON at the address; an error body is an answer too."""
    address = f"{base}{path}?{urllib.parse.urlencode(query, doseq=True)}"
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return {"error": f"{error.code} {error.read().decode(errors='replace')[:200]}"}
    except json.JSONDecodeError:
        return {"error": "no JSON"}  # Jaeger has its page at every path that it does not know.


RECENT = 60  # Seconds.


def has_data(prometheus, expression):
    """Whether the query answers with at least one number."""
    answer = get(prometheus, "/api/v1/query", query=expression)
    if "data" not in answer:
        raise ValueError(answer.get("error"))
    return any(not math.isnan(float(sample["value"][1])) for sample in answer["data"]["result"])


def may_be_empty(prometheus, expression):
    """Whether the query needs a metric that nothing emits here, and is marked so."""
    for line in (ROOT / "prometheus/signals.txt").read_text().splitlines():
        name, *rest = line.split("#")[0].split() or [""]
        if lint.MARKS & set(rest):
            series = f'{{__name__=~"{name}(_count)?"}}'
            if name in expression and not has_data(prometheus, f"count({series})"):
                return True
    return False


def panels():
    """(where, data source, query) of every query of every dashboard."""
    for path in sorted(lint.DASHBOARDS.glob("*.json")):
        for panel in json.loads(path.read_text())["panels"]:
            for target in panel.get("targets", []):
                yield f"{path.stem}: {panel['title']}, {target['refId']}", panel["datasource"]["uid"], target


def check_panel(stack, source, target):
    """What is wrong with one query of a panel, or None."""
    if source == "prometheus":
        expression = lint.substitute(target["expr"])
        if has_data(stack.prometheus, expression) or may_be_empty(stack.prometheus, expression):
            return None
        return f"no data for {expression}"
    now = time.time()
    if source == "jaeger" and stack.jaeger:
        if target["queryType"] == "dependencyGraph":
            query = {"endTs": int(now * 1000), "lookback": RECENT * 1000}
            return None if get(stack.jaeger, "/api/dependencies", **query).get("data") else "no arrows"
        query = {"start": int((now - RECENT) * 1e6), "end": int(now * 1e6), "limit": 20}
        found = get(stack.jaeger, "/api/traces", service=target["service"], **query).get("data")
        return None if found else "no traces"
    if source == "loki" and stack.loki:
        return None if lines(stack, target["expr"]) else "no lines"
    return None


def lines(stack, query):
    """The streams of log lines of the last minute."""
    start = int((time.time() - RECENT) * 1e9)
    answer = get(stack.loki, "/loki/api/v1/query_range", query=query, start=start, limit=100)
    return answer.get("data", {}).get("result")


def call(stack):
    """The id of the trace of a call through all services."""
    with urllib.request.urlopen(f"{stack.gateway}/v1/users/1", timeout=10) as answer:
        return answer.headers["x-trace-id"]


def check_logs(stack, trace_id):
    """Services without a line of the call, in Loki or in the store of `tracewalk up`."""
    if stack.loki:
        found = lines(stack, f'{{service_name=~".+"}} | trace_id="{trace_id}"') or []
        services = {stream["stream"].get("service_name") for stream in found}
    else:
        found = get(stack.jaeger, f"/api/traces/{trace_id}/logs").get("data")
        if found is None:
            return  # Jaeger keeps no logs.
        services = {line["serviceName"] for line in found}
    for service in {"gateway", "user", "profile"} - services:
        yield f"logs: {service} has no line of the trace {trace_id}"


def check_ways(stack, trace_id):
    """Ways from a span to metrics and logs, as Grafana makes them of its tags, that lead nowhere."""
    trace = (get(stack.jaeger, f"/api/traces/{trace_id}").get("data") or [{}])[0]
    processes = trace.get("processes", {})
    for service in {"gateway", "user", "profile"} - {it["serviceName"] for it in processes.values()}:
        yield f"the trace {trace_id} has no span of {service}"
    for span in trace.get("spans", []):
        process = processes[span["processID"]]
        have = {tag["key"]: tag["value"] for tag in [*process["tags"], *span["tags"]]}
        for source, tags, query in lint.correlations():
            where = f"from a span of {process['serviceName']} to {source}"
            filled = ", ".join(f'{label}="{have[key]}"' for key, label in tags if key in have)
            query = query.replace("${__tags}", filled).replace("$__tags", filled)
            query = query.replace("${__trace.traceId}", trace_id)
            if source == "loki" and stack.loki and not lines(stack, query):
                yield f"{where}: no lines for {query}"
            if source == "prometheus":
                found = get(stack.prometheus, "/api/v1/query", query=query).get("data", {}).get("result")
                services = {sample["metric"]["service_name"] for sample in found or []}
                # Where nothing has failed there is nothing to show, but it must be a query.
                if found is None or services - {process["serviceName"]} or not (services or "!=" in query):
                    yield f"{where}: {query} shows {sorted(services)}"


def check_links(stack, trace_id):
    """Links of Jaeger's pages to Grafana's Explore, filled with what the trace has, that lead nowhere."""
    trace = (get(stack.jaeger, f"/api/traces/{trace_id}").get("data") or [{}])[0]
    tags = [tag for span in trace.get("spans", []) for tag in span["tags"]]
    for link in json.loads((ROOT / "jaeger/ui.json").read_text())["linkPatterns"]:
        url = link["url"].replace("#{traceID}", trace_id)
        key = link.get("key")
        values = {tag["value"] for tag in tags if tag["key"] == key}
        if key and not values:
            yield f"{link['text']}: no span of the trace {trace_id} has {key}"
        for value in values or {""}:
            filled = urllib.parse.urlsplit(url.replace(f"#{{{key}}}", urllib.parse.quote(value)))
            panes = json.loads(urllib.parse.parse_qs(filled.query).get("panes", ["{}"])[0])
            for query in [query for pane in panes.values() for query in pane["queries"]]:
                source, text = query["datasource"]["uid"], query["expr"]
                if source == "prometheus" and not has_data(stack.prometheus, text):
                    yield f"{link['text']}: no data for {text}"
                if source == "loki" and stack.loki and not lines(stack, text):
                    yield f"{link['text']}: no lines for {text}"


def check_rules(stack):
    """Rules that failed, recorded nothing, or name metrics that do not exist."""
    known = lint.signals()
    healthy = {}
    for group in get(stack.prometheus, "/api/v1/rules")["data"]["groups"]:
        healthy.update({rule["name"]: rule for rule in group["rules"]})
    for file, kind, name, expression in lint.rules():
        where = f"{file}: {name}"
        if healthy.get(name, {}).get("health") != "ok":
            yield f"{where}: {healthy.get(name, {}).get('lastError') or 'not loaded, or not run yet'}"
        # A record of what is absent has no series while nothing is.
        elif kind == "record" and "absent(" not in expression and not has_data(stack.prometheus, name):
            yield f"{where}: recorded nothing"
        elif kind == "alert" and not may_be_empty(stack.prometheus, expression):
            for metric in set(re.findall(r"[a-z][\w:]+", expression)) & known.keys():
                if not has_data(stack.prometheus, f"count({metric})"):
                    yield f"{where}: {metric} does not exist"


def check_exemplars(stack):
    """Services without an exemplar, and exemplars whose trace is gone."""
    now = time.time()
    answer = get(stack.prometheus, "/api/v1/query_exemplars", query="grpc_rpc_duration_seconds_bucket", start=now - 300, end=now)
    services = {}
    for series in answer.get("data") or []:
        # The newest may still be on its way to Jaeger.
        for exemplar in series["exemplars"]:
            if exemplar["timestamp"] < now - 15:
                services.setdefault(series["seriesLabels"]["service_name"], []).append(exemplar["labels"]["trace_id"])
    for service in ("gateway", "user", "profile"):
        if service not in services:
            yield f"exemplars: none of {service}"
    for trace_id in {trace_id for of in services.values() for trace_id in of[-5:]} if stack.jaeger else ():
        if not get(stack.jaeger, f"/api/traces/{trace_id}").get("data"):
            yield f"exemplars: Jaeger does not know the trace {trace_id}"


def check_ledger(stack):
    """Services whose ledger does not balance: spans that were lost and not counted."""
    sums = "sum by (service_name) "
    balance = " - ".join([
        sums + "(otel_sdk_span_started_total)",
        sums + "(otel_sdk_exporter_span_exported_total)",
        sums + "(otel_sdk_processor_span_queue_size)",
        f'({sums}(otel_sdk_processor_span_processed_total{{error_type!=""}}) or 0 * {sums}(otel_sdk_span_started_total))',
    ])
    for sample in get(stack.prometheus, "/api/v1/query", query=f"({balance}) != 0")["data"]["result"]:
        yield f"ledger: {sample['metric']['service_name']} has {sample['value'][1]} spans that nobody counts"


def check(stack, trace_id):
    """All that is wrong now."""
    faults = []
    if stack.jaeger:
        # Many spans have the same tags.
        faults += sorted({*check_logs(stack, trace_id), *check_ways(stack, trace_id)})
        faults += check_links(stack, trace_id)
    for where, source, target in panels():
        try:
            fault = check_panel(stack, source, target)
        except ValueError as error:
            fault = f"refused: {error}"
        faults += [f"{where}: {fault}"] if fault else []
    return faults + [*check_rules(stack), *check_exemplars(stack), *check_ledger(stack)]


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--prometheus", default="http://127.0.0.1:9090")
    options.add_argument("--jaeger", default="http://127.0.0.1:16686", help="empty: its panels are not asked")
    options.add_argument("--loki", default="", help="empty: its panels are not asked")
    options.add_argument("--gateway", default="http://127.0.0.1:8080", help="its HTTP address")
    options.add_argument("--wait", type=float, default=60, help="seconds")
    stack = options.parse_args()
    began = called = time.monotonic()
    trace_id = None
    while True:
        try:
            if not trace_id or time.monotonic() - called > RECENT / 3:
                trace_id, called = call(stack), time.monotonic()
            faults = check(stack, trace_id)
        except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
            faults = [f"not reachable: {error}"]
        seconds = time.monotonic() - began
        if not faults or seconds > stack.wait:
            break
        time.sleep(1)
    print("\n".join(faults) or f"every panel, rule, exemplar and way from a span has data after {seconds:.0f} s")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
