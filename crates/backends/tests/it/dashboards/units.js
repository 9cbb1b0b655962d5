// The rules of the page's own functions, each a line: what must be, what is. Answers with the lines
// that do not hold.
(async () => {
  const load = (name) => import(`/assets/${name}.js`);
  const [
    { format, rounded },
    { fill, pattern, ownVariables },
    { selectors, reason },
    { ticks, times },
    { windowOf, rangeOf },
    { Palette, colors, mapped, ofService, threshold },
    { nameOf, observations, isFew },
    { linksOf },
    { inline },
    { Settings },
    timeseries,
    heatmap,
    stateTimeline,
    { prometheus, connection },
    { Panel },
    { h, replace },
    { matching },
  ] = await Promise.all(
    [
      "format",
      "variables",
      "reason",
      "scale",
      "range",
      "color",
      "query",
      "links",
      "markdown",
      "settings",
      "panels/timeseries",
      "panels/heatmap",
      "panels/state_timeline",
      "api",
      "panel",
      "dom",
      "complete",
    ].map(load),
  );
  const faults = [];
  const equal = (expected, found) => {
    const [a, b] = [JSON.stringify(expected), JSON.stringify(found)];
    if (a !== b) faults.push(`expected ${a}, found ${b}`);
  };

  // Seconds are said in the unit that leaves one to three digits before the point.
  equal("0 s", format(0, "s"));
  equal("480 ns", format(4.8e-7, "s"));
  equal("12.3 µs", format(1.23e-5, "s"));
  equal("4.92 ms", format(0.00492, "s"));
  equal("1 s", format(1, "s"));
  equal("59 s", format(59, "s"));
  equal("1.50 mins", format(90, "s"));
  equal("1 hour", format(3600, "s"));
  equal("1 week", format(604800, "s"));
  equal("-250 ms", format(-0.25, "s"));
  // What is rounded up has three digits too, and the unit that it is rounded up to.
  equal("1.00 ms", format(0.0009997, "s"));
  equal("999 µs", format(0.0009994, "s"));
  equal("10.0 ms", format(0.009996, "s"));
  equal("1.00 K", format(999.7, "short"));
  // Counts, ratios and sizes.
  equal("999", format(999, "short"));
  equal("1.23 K", format(1234, "short"));
  equal("12.3 Mil", format(12_340_000, "short"));
  equal("8.0 req/s", format(8.04, "reqps", 1));
  equal("1.50K req/s", format(1500, "reqps"));
  equal("0.25 c/s", format(0.25, "cps", 2));
  equal("99.95%", format(0.9995, "percentunit", 2));
  equal("48 MiB", format(48 * 1024 * 1024, "bytes"));
  equal("512 B", format(512, "bytes"));
  // What is no number, and what rounds to nothing.
  equal("–", format(null, "s"));
  equal("∞", format(Infinity, "s"));
  equal("0.0%", format(-0.00001, "percentunit", 1));
  // The numbers of an axis have no zeros at their end.
  equal("2.5 ms", rounded(0.0025, "s"));
  equal("100 ms", rounded(0.1, "s"));

  // Variables, however they are written; what is none stays.
  const values = { __rate_interval: "20s", method: "Get.+", "__field.labels.code": "OK" };
  equal('rate(a{m=~"Get.+"}[20s])', fill('rate(a{m=~"$method"}[$__rate_interval])', values));
  equal(
    "Get.+s ${unknown} $other $ OK",
    fill("${method:regex}s ${unknown} $other $ ${__field.labels.code}", values),
  );
  equal(".+", pattern({ allValue: ".+" }, []));
  equal("a\\\\.b|c", pattern({}, ["a.b", "c"]));
  equal('\\"a\\\\\\\\b\\n', pattern({}, ['"a\\b\n']));
  // An address may choose whatever it likes.
  equal(
    ["__proto__", "a"],
    Object.keys(new Settings("?var-__proto__=x&var-a=y&var-b=$__all").selected),
  );
  // Windows end on a step, and a rate has four scrapes or more.
  const window = windowOf(rangeOf("now-15m"), { scrape_seconds: 5 }, 1003);
  equal([100, 1000, 5, 181], [window.start, window.end, window.step, window.count]);
  equal(
    { __interval: "5s", __rate_interval: "20s", __range: "900s", __range_s: 900 },
    ownVariables(window),
  );
  const hour = (scrape) => windowOf(rangeOf("now-1h"), { scrape_seconds: scrape }, 5000);
  equal([16, 24], [hour(2).step, hour(6).rateInterval]);
  // What has just been started fills its window from the first minute on.
  const young = (age) =>
    windowOf(rangeOf("now-5m"), { scrape_seconds: 2, started: 1000 - age }, 1000).seconds;
  equal([60, 100, 300], [young(10), young(99), young(1000)]);
  // It has as many points in a range of an hour, and each is on the step.
  const { start, end, step, count } = windowOf(
    rangeOf("now-1h"),
    { scrape_seconds: 2, started: 910 },
    1000,
  );
  equal([910, 1000, 2, 46], [start, end, step, count]);
  // Other ranges are those of Grafana's addresses; what is none is the shortest of the picker.
  equal([300, 5400], [rangeOf("now-7y").seconds, rangeOf("now-90m", "now").seconds]);
  equal(300, rangeOf("1700000060000", "1700000000000").seconds);
  const past = rangeOf("1700000000000", "1700000060000");
  equal([60, 1700000060], [past.seconds, past.end]);
  const of = windowOf(past, { scrape_seconds: 2, started: 1700000050 }, 1800000000);
  equal([1700000000, 1700000060, 2], [of.start, of.end, of.step]);
  // A panel's columns may be wider than a scrape.
  equal(16, windowOf(rangeOf("now-5m"), { scrape_seconds: 2 }, 1000, 15).step);

  // Of how many calls a quantile is, and which are too few.
  equal(
    'sum by (code) (increase(a_count{x="1"}[20s]) and on (x) b)',
    observations('histogram_quantile(0.9, sum by (code, le) (rate(a_bucket{x="1"}[20s]) and on (x) b)) >= 0'),
  );
  equal("sum by () (increase(a_count[1m]))", observations("histogram_quantile(0.5, sum by (le) (rate(a_bucket[1m])))"));
  equal(null, observations("sum(rate(a_bucket[1m]))"));
  equal([true, false, false], [{ counts: [19] }, { counts: [20] }, {}].map((line) => isFew(line, 0)));

  // Names that complete a word: those that begin with it first.
  equal(["up", "sum_up"].slice(1), matching(["up", "sum_up"], "up"));
  equal(["rate_a", "a_rate"], matching(["a_rate", "b", "rate_a"], "rat"));
  equal([], matching(["a"], "a"));

  // What a query reads.
  equal(
    ['a_bucket{x="1"}'],
    selectors('histogram_quantile(0.9, sum by (le) (rate(a_bucket{x="1"}[5m])))'),
  );
  equal(["a", "b:c"], selectors("min by (le) (a) - on (x) time() or b:c offset 5m"));
  equal(['a{x=~"b{2}"}'], selectors('a{x=~"b{2}"} or a{x=~"b{2}"}'));

  // Axes.
  equal([0, 5, 10], ticks(0, 8, 2));
  equal([0, 0.1, 0.2, 0.3], ticks(0, 0.25, 4));
  equal(
    [0, 16, 32, 48],
    ticks(0, 48, 3, 1024).map((bytes) => bytes),
  );
  equal([120, 180, 240], times({ start: 100, end: 280, seconds: 180 }, 3).times);

  // Colours: the same name has the same one, two names have two.
  const palette = new Palette();
  const first = palette.of("gateway");
  equal(
    10,
    new Set(Array.from({ length: 10 }, (_, index) => palette.of(index ? `s${index}` : "gateway")))
      .size,
  );
  equal([first, first], [palette.of("gateway"), new Palette().of("gateway")]);
  const steps = {
    steps: [
      { color: "green", value: null },
      { color: "red", value: 0.5 },
    ],
  };
  equal("var(--muted)", threshold(undefined, steps));
  equal(["var(--green)", "var(--red)"], [threshold(0.49, steps), threshold(0.5, steps)]);

  // An override gives a service one colour on every panel, and its lines shades of it.
  const override = (service, mode, fixedColor) => ({
    matcher: { id: "byRegexp", options: `/^${service}\\b/` },
    properties: [{ id: "color", value: { mode, fixedColor } }],
  });
  const overrides = [override("gateway", "fixed", "blue"), override("user", "shades", "purple")];
  const [blue, purple, shade, other] = colors(
    { overrides },
    [{ name: "gateway → user" }, { name: "user a" }, { name: "user b" }, { name: "users" }],
    new Palette(),
  );
  equal(["var(--blue)", "var(--purple)", true], [blue, purple, /--purple.*%/.test(shade)]);
  equal(true, /--series/.test(other));
  // So does the label of a service alone.
  const byService = { name: "user", labels: { service_name: "user" } };
  equal(["var(--purple)", undefined], [colors({}, [byService], palette)[0], ofService("toString")]);
  const mappings = [{ type: "value", options: { 2: { text: "open", color: "red" } } }];
  equal(["open", undefined], [mapped(2, mappings).text, mapped(1, mappings)]);

  // A series that was shown alone does not hide the others when it is gone.
  const lines = {
    window: { start: 0, end: 20, step: 10, count: 3, seconds: 20 },
    series: [{ name: "a", labels: {}, values: [1, 2, 3] }],
    exemplars: [],
  };
  const size = { width: 400, height: 200 };
  const drawn = timeseries.draw(
    { title: "Lines", fieldConfig: { defaults: {} }, options: { legend: { showLegend: true } } },
    lines,
    { site: {}, variables: {} },
    { palette, alone: "b" },
    size,
  );
  equal([1, 0], [drawn.querySelectorAll(".line").length, drawn.querySelectorAll(".off").length]);

  // Nothing but zeros has an axis up to what is little, not to 100.
  const axis = (custom) => {
    const zeros = { ...lines, series: [{ name: "a", labels: {}, values: [0, 0, 0] }] };
    const field = { unit: "percentunit", min: 0, custom };
    const panel = { title: "Zeros", fieldConfig: { defaults: field }, options: { legend: {} } };
    const chart = timeseries.draw(panel, zeros, { site: {}, variables: {} }, { palette }, size);
    const labels = [...chart.querySelectorAll("text")].map(({ textContent }) => textContent);
    return labels.filter((label) => label.endsWith("%")).at(-1);
  };
  equal(["10%", "100%"], [axis({ axisSoftMax: 0.1 }), axis({})]);

  // The pointer reads the cell, or the state, that it is on: near its left end and near its right.
  const readings = (chart, marks) => {
    document.body.append(chart);
    const svg = chart.querySelector("svg") ?? chart;
    const said = [...svg.querySelectorAll(marks)].map((mark) => {
      const { left, top, width, height } = mark.getBoundingClientRect();
      return [0.1, 0.9].map((share) => {
        const place = { clientX: left + share * width, clientY: top + height / 2 };
        svg.dispatchEvent(new PointerEvent("pointermove", place));
        return document.querySelector(".tooltip .value").textContent;
      });
    });
    svg.dispatchEvent(new PointerEvent("pointerleave"));
    chart.remove();
    return said;
  };
  const counts = { ...lines, series: [{ labels: { le: "1" }, values: [3, 7, 9] }] };
  const heat = { title: "Heat", options: { yAxis: { unit: "s" } } };
  equal(
    // The first column would begin before the window.
    [7, 9].map((count) => [`${count} calls`, `${count} calls`]),
    readings(heatmap.draw(heat, counts, { site: {} }, {}, size), ".cell"),
  );
  const states = { title: "States", fieldConfig: { defaults: { unit: "short" } }, options: {} };
  equal(
    [
      ["1", "1"],
      ["2", "2"],
      ["3", "3"],
    ],
    readings(stateTimeline.draw(states, lines, { site: {} }, {}, size), ".state rect"),
  );

  // Names and links of series.
  equal(
    "gateway → user",
    nameOf(
      { legendFormat: "{{service_name}} → {{target}} {{none}}" },
      { service_name: "gateway", target: "user" },
      {},
    ),
  );
  const view = { site: { jaeger: "http://j" }, range: { from: "now-5m", to: "now" }, window, variables: {} };
  const field = {
    links: [
      {
        title: "Traces of ${__field.labels.service_name}",
        url: "http://j/search?service=${__field.labels.service_name}",
      },
      { title: "Explore", url: "/explore?x" },
      { title: "Open SLO", url: "/d/slo?${__url_time_range}" },
    ],
  };
  equal(
    ["Traces of a b", "Open SLO"],
    linksOf(field, view, { service_name: "a b" }).map(({ title }) => title),
  );
  equal(
    ["http://j/search?service=a%20b", "/d/slo?from=now-5m&to=now"],
    linksOf(field, view, { service_name: "a b" }).map(({ href }) => href),
  );

  // Of two sides of an `or` only the one that ought to be there is missed.
  const { fetch } = globalThis;
  const reasonOf = async (expression, there) => {
    globalThis.fetch = async (path) => {
      const query = new URLSearchParams(path.split("?")[1]).get("query");
      const result = there.includes(query) ? [{}] : [];
      return new Response(JSON.stringify({ data: { result } }));
    };
    const { text } = await reason(expression, 0, { window, site: { scrape_seconds: 2 } });
    globalThis.fetch = fetch;
    return text;
  };
  const failing = 'rate(a{code="failed or not"}[20s])';
  const waits = "Waits for a second sample: there is one every 2 s.";
  equal(waits, await reasonOf(`${failing} or 0 * rate(a[20s])`, ["count(a)"]));
  equal("There are no series of a.", await reasonOf(`${failing} or 0 * rate(a[20s])`, []));
  equal(
    'There are no series of a{code="failed or not"}.',
    await reasonOf(`${failing} / rate(b[20s])`, ["count(b)"]),
  );

  // What is no answer is said in words that a reader understands.
  const answered = async (text, options) => {
    globalThis.fetch = async () => new Response(text, options);
    const said = await prometheus("query").catch((error) => error.message);
    globalThis.fetch = fetch;
    return said;
  };
  equal("The answer of /api/v1/query is no JSON.", await answered("<html>"));
  equal("The answer of /api/v1/query has no data.", await answered("{}"));
  equal("too slow", await answered('{"error":"too slow"}', { status: 503 }));
  equal("502 Bad Gateway", await answered("<html>", { status: 502, statusText: "Bad Gateway" }));

  // A server that hangs is silent since it was asked, not since the reader lost patience.
  let since;
  connection.addEventListener("lost", ({ detail }) => (since = detail), { once: true });
  const asked = Date.now();
  globalThis.fetch = () => new Promise((_, fail) => setTimeout(fail, 200));
  await prometheus("query").catch(() => {});
  globalThis.fetch = fetch;
  equal(true, since >= asked && since < asked + 100);
  equal("too slow", await answered('{"error":"too slow"}', { status: 503 }));
  equal(true, document.querySelector(".outage").hidden);

  // A panel that cannot be drawn says so, and is asked again with the next refresh.
  const text = { type: "text", gridPos: {}, options: {} };
  const panel = new Panel(text);
  document.body.append(panel.element);
  await panel.refresh({});
  equal(1, panel.element.querySelectorAll(".reason.error").length);
  text.options.content = "better";
  await panel.refresh({});
  equal("better", panel.element.textContent);
  panel.element.remove();

  // The focus stays with a link, and with its list when the link is gone.
  const box = document.createElement("p");
  document.body.append(box);
  const show = (...keys) =>
    replace(
      box,
      h(
        "ol",
        { tabindex: 0, "data-scroll": "", "data-key": "list" },
        keys.map((key) => h("a", { href: "/", "data-key": key }, key)),
      ),
    );
  const focus = () => document.activeElement.dataset.key;
  show("a", "b");
  box.querySelectorAll("a")[1].focus();
  show("c", "b");
  equal("b", focus());
  show("c", "d");
  equal("list", focus());
  box.remove();

  // Text becomes nodes, never HTML, and no address runs a script.
  box.replaceChildren(...inline("**[a](http://b)** `<i>` *c* [d](javascript:e)"));
  equal(
    '<strong><a href="http://b" data-key="http://b">a</a></strong> <code>&lt;i&gt;</code> <em>c</em> d',
    box.innerHTML,
  );
  return faults;
})();
