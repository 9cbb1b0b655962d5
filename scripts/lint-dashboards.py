#!/usr/bin/env python3
"""Checks grafana/ and prometheus/rules without a server; `--fix` writes the dashboards tidily.

Each query must parse (promtool judges) and name only metrics and labels that are emitted; each panel
must have what a reader needs: a title, a unit, a legend, a place. Needs promtool.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DASHBOARDS = ROOT / "grafana/dashboards"
DATASOURCES = ROOT / "grafana/provisioning/datasources/datasources.yaml"
RULES = ROOT / "prometheus/rules"
WIDTH = 120

UIDS = {"start", "rpc-overview", "call-path", "calls-that-survive", "telemetry-health", "slo"}
WITH_UNIT = {"timeseries", "stat", "table", "state-timeline"}
WITH_LEGEND = {"timeseries", "state-timeline"}
TARGET_LABELS = {"job", "instance", "service_name", "slo"}
MARKS = {"tls", "docker", "registry"}
COLORS = {"gateway": "blue", "user": "purple", "profile": "orange"}
OF_A_SERVICE = {"service_name", "target", "instance"}
KEYWORDS = {"or", "and", "unless", "bool", "sum", "min", "max", "avg", "count"}

# Dashboard variables, and what stands in for them while a query is only parsed.
VARIABLES = {"$__rate_interval": "1m", "$__interval": "15s", "$__range": "15m"}


def tidy(value, indent=0):
    """JSON with every object that fits on a line on one line: short, and kind to `git diff`."""
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, (dict, list)) or not value or len(flat) + indent <= WIDTH and indent:
        return flat
    pad = " " * (indent + 2)
    if isinstance(value, dict):
        lines = [f"{pad}{json.dumps(key)}: {tidy(item, indent + 2)}" for key, item in value.items()]
        return "{\n" + ",\n".join(lines) + "\n" + " " * indent + "}"
    return "[\n" + ",\n".join(pad + tidy(item, indent + 2) for item in value) + "\n" + " " * indent + "]"


def substitute(expression):
    """The query as Prometheus would get it: intervals filled in, selections open."""
    for name, stand_in in VARIABLES.items():
        expression = expression.replace(name, stand_in)
    return re.sub(r"\$\w+", ".+", expression)


def vocabulary():
    """(name, instrument, labels) of each of our metrics; the file is plain enough to read by line."""
    groups = (ROOT / "vocabulary/metrics.yaml").read_text().split("\n  - id: ")
    for group in groups:
        if name := re.search(r"metric_name: (\S+)", group):
            labels = re.findall(r"^ {10}(\w+): ", group, re.MULTILINE)
            yield name[1], re.search(r"instrument: (\S+)", group)[1], labels


def signals():
    """Every metric that is emitted, as name -> labels: ours, and those of prometheus/signals.txt."""
    listed = list(vocabulary())
    for line in (ROOT / "prometheus/signals.txt").read_text().splitlines():
        if words := line.split("#")[0].split():
            listed.append((words[0], words[1], words[2:]))
    known = {}
    for name, instrument, labels in listed:
        labels = set(labels) - MARKS | TARGET_LABELS
        if instrument == "histogram":
            known.update({f"{name}_bucket": labels | {"le"}, f"{name}_sum": labels, f"{name}_count": labels})
        else:
            known[name] = labels
    return known


def rules():
    """(where, kind, name, expression) of each rule; our rule files are plain enough to read by line."""
    for path in sorted(RULES.glob("*.yml")):
        name, kind, block = None, None, []
        for line in path.read_text().splitlines() + ["  - end"]:
            if block and (not line.strip() or re.match(r"\s+(for|labels|annotations|- )", line)):
                yield path.name, kind, name, "\n".join(block)
                block = []
            if found := re.match(r"\s+- (record|alert): (\S+)", line):
                kind, name = found.groups()
            elif found := re.match(r"\s+expr: (.*)", line):
                block = [found[1].lstrip("|")]
            elif block:
                block.append(line)


def check_names(where, expression, known):
    """Metrics and labels that nobody emits."""
    bare = re.sub(r'"[^"]*"', '""', expression)
    for labels in re.findall(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)", bare):
        for label in filter(None, re.split(r"[\s,]+", labels)):
            if not any(label in of for of in known.values()):
                yield f"{where}: no metric has the label {label}"
    for name, matchers in re.findall(r"\b([a-zA-Z_:][\w:]*)(?:\{([^}]*)\})?", bare):
        if name not in known:
            continue
        for label in re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers):
            if label not in known[name]:
                yield f"{where}: {name} has no label {label}"
    # What is left when functions, keywords, labels and numbers are gone can only be metrics.
    rest = re.sub(r"\{[^}]*\}|\[[^]]*\]|\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)|\b[a-z_]+\s*\(", " ", bare)
    for name in re.findall(r"(?<![\w:.])[a-zA-Z_:][\w:]*", rest):
        if name not in known and name not in KEYWORDS:
            yield f"{where}: {name} is in neither vocabulary/metrics.yaml nor prometheus/signals.txt"


def check_syntax(queries):
    """Lets promtool parse everything at once; its message names the query."""
    lines = ["groups:", "  - name: lint", "    rules:"]
    for number, (_, expression) in enumerate(queries):
        lines += [f"      - record: query:number:{number}", f"        expr: {json.dumps(expression)}"]
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        answer = subprocess.run(["promtool", "check", "rules", file.name], capture_output=True, text=True)
    faults = re.findall(r'"query:number:(\d+)": (.*)', answer.stderr)
    for number, fault in faults:
        yield f"{queries[int(number)][0]}: {fault}"
    if answer.returncode and not faults:
        yield f"promtool: {answer.stderr.strip()}"


def check_place(where, panel, taken):
    """Panels inside the 24 columns, and none over another."""
    place = panel.get("gridPos", {})
    if not {"x", "y", "w", "h"} <= place.keys():
        yield f"{where}: gridPos needs x, y, w and h"
        return
    if place["x"] + place["w"] > 24:
        yield f"{where}: reaches over the right edge"
    cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
    if cells & taken:
        yield f"{where}: lies over another panel"
    taken |= cells


def check_panel(where, panel, sources):
    """What a reader of the panel needs."""
    kind, title = panel["type"], panel.get("title", "")
    if kind == "row":
        if not title.endswith("?"):
            yield f"{where}: a row's title is the question that it answers"
        return
    if kind == "text":
        return
    if not title:
        yield f"{where}: has no title"
    if kind != "dashlist" and not panel.get("description"):
        yield f"{where}: has no description"
    if kind in WITH_UNIT and not panel["fieldConfig"]["defaults"].get("unit"):
        yield f"{where}: has no unit"
    if kind != "dashlist" and panel.get("datasource", {}).get("uid") not in sources:
        yield f"{where}: its data source is not provisioned"
    targets = panel.get("targets", [])
    if kind not in {"dashlist", "alertlist"} and not targets:
        yield f"{where}: asks nothing"
    if len({target["refId"] for target in targets}) != len(targets):
        yield f"{where}: two queries have one refId"
    for target in targets:
        if kind in WITH_LEGEND and not target.get("legendFormat"):
            yield f"{where}: query {target['refId']} has no legend"


def check_colors(where, panel):
    """A line of one service has the service's colour, on every panel. Of several lines of a service, as
    for each method, each has a colour of its own instead."""
    legends = [target["legendFormat"] for target in panel["targets"]]
    if not set(re.findall(r"\{\{(\w+)\}\}", " ".join(legends))) <= OF_A_SERVICE:
        return
    for service, color in COLORS.items():
        if not any(legend.startswith(("{{service_name}}", service)) for legend in legends):
            continue
        values = [
            it["value"]["fixedColor"]
            for override in panel["fieldConfig"].get("overrides", [])
            if override["matcher"]["options"].startswith(f"/^{service}\\b")
            for it in override["properties"]
            if it["id"] == "color"
        ]
        if not values or not all(value.endswith(color) for value in values):
            yield f"{where}: the lines of {service} are not {color}"


def check_look(where, panel):
    """What Grafana draws otherwise than meant, although it takes it."""
    kind, field = panel["type"], panel.get("fieldConfig", {}).get("defaults", {})
    custom, mode = field.get("custom", {}), field.get("color", {}).get("mode")
    if kind == "timeseries":
        if field.get("min") == 0 and "max" not in field and "axisSoftMax" not in custom:
            yield f"{where}: nothing but zeros gets an axis up to 100: set axisSoftMax"
        yield from check_colors(where, panel)
        names = " ".join(target["legendFormat"] for target in panel["targets"])
        if "{{service_name}}" in names and "{{method}}" in names and panel["gridPos"]["w"] < 12:
            yield f"{where}: a legend of services and methods takes half of the width"
    if mode == "palette-classic-by-name":
        yield f"{where}: {mode} gives two names one colour; palette-classic does not"
    if kind == "state-timeline":
        states = [state for mapping in field.get("mappings", []) for state in mapping["options"].values()]
        if mode == "thresholds" or not all("color" in state for state in states):
            yield f"{where}: with thresholds the mappings are ignored: each state has a colour of its own"
    for target in panel.get("targets", []):
        if re.search(r'label_replace\(0 \*.*"none"', target.get("expr", "")):
            yield f"{where}: a series `none` stands beside the real ones: use `or on (service_name) 0 * …`"
    links = [*field.get("links", []), *panel.get("links", [])]
    for override in panel.get("fieldConfig", {}).get("overrides", []):
        links += [link for it in override["properties"] if it["id"] == "links" for link in it["value"]]
    for link in links:
        if "*" in link["title"]:
            yield f"{where}: the title of a link is plain text: {link['title']}"


def check_links(where, text):
    """Links to dashboards that exist."""
    for uid in re.findall(r"/d/([\w-]+)", text):
        if uid not in UIDS:
            yield f"{where}: links to the dashboard {uid}, which does not exist"


def check_dashboard(path, sources, known, queries):
    """All that is wrong with one dashboard; its queries are added to `queries`."""
    text = path.read_text()
    board = json.loads(text)
    if board.get("uid") != path.stem:
        yield f"{path.name}: uid {board.get('uid')} is not the name of the file"
    if board.get("editable") is not False or board.get("schemaVersion", 0) < 42 or "id" in board:
        yield f"{path.name}: wants editable false, schemaVersion 42 or later, and no id"
    if text != tidy(board) + "\n":
        yield f"{path.name}: is not tidy; run scripts/lint-dashboards.py --fix"
    yield from check_links(path.name, text)
    taken, ids = set(), set()
    for panel in board["panels"]:
        where = f"{path.name}: {panel.get('title') or panel['type']}"
        yield from check_place(where, panel, taken)
        yield from check_panel(where, panel, sources)
        yield from check_look(where, panel)
        if panel["id"] in ids:
            yield f"{where}: its id {panel['id']} is another panel's"
        ids.add(panel["id"])
        for target in panel.get("targets", []):
            if "expr" in target and panel["datasource"]["uid"] == "prometheus":
                expression = substitute(target["expr"])
                queries.append((f"{where}, query {target['refId']}", expression))
                yield from check_names(where, expression, known)


def correlations():
    """(data source, [(tag, label)], [query]) of each way from a span; the file is read by line."""
    source, tags = None, []
    for line in DATASOURCES.read_text().splitlines():
        if found := re.match(r"        datasourceUid: (\S+)", line):
            source, tags = found[1], []
        elif found := re.match(r"        tags: \[(.*)\]", line):
            tags = re.findall(r"\{key: (\S+), value: (\S+)\}", found[1])
        elif found := re.match(r"\s+query: '(.*)'", line):
            yield source, tags, found[1].replace("$$", "$")


def check_correlations(known, queries):
    """Ways from a span by tags that spans have, with labels that metrics have."""
    resource = known["target_info"]
    for source, tags, query in correlations():
        where = f"{DATASOURCES.name}: to {source}"
        for tag, label in tags:
            # Jaeger shows service.name as the name of the process, and not among its tags.
            if tag == "service.name" or tag.replace(".", "_") not in resource:
                yield f"{where}: no span has the tag {tag}"
            if label not in resource:
                yield f"{where}: no metric has the label {label}"
        if source == "prometheus":
            query = query.replace("$__tags", ", ".join(f'{label}="a"' for _, label in tags))
            queries.append((where, query))
            yield from check_names(where, query, known)


def check_rules(known, queries):
    """Rules name known metrics; each alert has a runbook, and a test that expects it to fire."""
    tests = "\n".join(path.read_text() for path in (ROOT / "prometheus/tests").glob("*.yml"))
    for file, kind, name, expression in rules():
        where = f"{file}: {name}"
        queries.append((where, expression))
        yield from check_names(where, expression, known)
        if kind == "alert" and not re.search(rf"alertname: {name}\s+exp_alerts:", tests):
            yield f"{where}: no test expects it to fire"
        if kind == "alert" and not re.search(rf"alertname: {name}\}}", tests):
            yield f"{where}: no test expects it to be silent"
    for file in sorted(RULES.glob("*.yml")):
        for alert in re.split(r"- (?=(?:alert|record): )", file.read_text())[1:]:
            name = re.match(r"alert: (\w+)", alert)
            page = re.search(r"runbook: (\S+)", alert)
            if name and not (page and (ROOT / page[1]).is_file()):
                yield f"{file.name}: {name[1]} has no runbook, or none that exists"


def main():
    paths = sorted(DASHBOARDS.glob("*.json"))
    if sys.argv[1:] == ["--fix"]:
        for path in paths:
            path.write_text(tidy(json.loads(path.read_text())) + "\n")
    sources = set(re.findall(r"^    uid: (\S+)", DATASOURCES.read_text(), re.MULTILINE))
    known = signals()
    known.update({name: {"slo", "service_name", "service", "method"} for _, kind, name, _ in rules() if kind == "record"})
    queries, faults = [], []
    for path in paths:
        faults += check_dashboard(path, sources, known, queries)
    faults += check_rules(known, queries)
    faults += check_correlations(known, queries)
    faults += check_syntax(queries)
    if {path.stem for path in paths} != UIDS:
        faults.append(f"grafana/dashboards: wants {', '.join(sorted(UIDS))}")
    print("\n".join(faults) or f"{len(paths)} dashboards and {len(queries)} queries are well")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
