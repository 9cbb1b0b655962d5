// A caller in Node, with the tracing that OpenTelemetry makes for it: as foreign-client.py.
//
//     node client.cjs CONTRACTS GATEWAY OTLP      as ../../proto 127.0.0.1:50051 http://127.0.0.1:4317
//
// It makes one call of each kind, each in a trace of its own, exports its spans, and prints a line of
// JSON for each call: {"kind": ..., "trace_id": ..., "answers": ...}. Needs `npm install` here.

const { trace } = require("@opentelemetry/api");
const { OTLPTraceExporter } = require("@opentelemetry/exporter-trace-otlp-grpc");
const { registerInstrumentations } = require("@opentelemetry/instrumentation");
const { GrpcInstrumentation } = require("@opentelemetry/instrumentation-grpc");
const { resourceFromAttributes } = require("@opentelemetry/resources");
const { NodeTracerProvider, SimpleSpanProcessor } = require("@opentelemetry/sdk-trace-node");

const [contracts, gateway, collector] = process.argv.slice(2);
if (!collector) {
  console.error("usage: node client.cjs CONTRACTS GATEWAY OTLP");
  process.exit(1);
}
const exporter = new OTLPTraceExporter({ url: collector });
const provider = new NodeTracerProvider({
  resource: resourceFromAttributes({ "service.name": "node" }),
  spanProcessors: [new SimpleSpanProcessor(exporter)],
});
provider.register();
registerInstrumentations({ instrumentations: [new GrpcInstrumentation()] });

// Loaded after the instrumentation, which changes it.
const grpc = require("@grpc/grpc-js");
const { loadSync } = require("@grpc/proto-loader");

const contract = loadSync("tracewalk/gateway/v1/gateway.proto", { includeDirs: [contracts] });
const { GatewayService } = grpc.loadPackageDefinition(contract).tracewalk.gateway.v1;
const stub = new GatewayService(gateway, grpc.credentials.createInsecure());

// The answer of a call whose requests end with its last argument.
const one = (start) =>
  new Promise((resolve, reject) => start((error, answer) => (error ? reject(error) : resolve([answer]))));
// All answers of a stream.
const all = (stream) =>
  new Promise((resolve, reject) => {
    const answers = [];
    stream.on("data", (answer) => answers.push(answer));
    stream.on("error", reject);
    stream.on("end", () => resolve(answers));
  });
const send = (stream, requests) => {
  requests.forEach((request) => stream.write(request));
  stream.end();
  return stream;
};

// A second run finds the addresses taken, and is told so by ALREADY_EXISTS.
const ada = { name: "Ada", email: "ada@node.example" };
const bob = { name: "Bob", email: "bob@node.example" };
const watch = { userId: "1", updates: 2, interval: { seconds: 0, nanos: 20_000_000 } };
const lookups = ["1", "nobody", "3"].map((userId) => ({ userId }));
const calls = {
  get: () => one((done) => stub.getUser({ userId: "1" }, done)),
  create: () => one((done) => stub.createUser({ user: ada }, done)),
  watch: () => all(stub.watchUser(watch)),
  import: () => one((done) => send(stub.importUsers(done), [{ user: bob }])),
  lookup: () => all(send(stub.lookupUsers(), lookups)),
};

async function main() {
  const tracer = trace.getTracer("foreign-client");
  for (const [kind, call] of Object.entries(calls)) {
    await tracer.startActiveSpan(kind, async (span) => {
      const answers = (await call()).length;
      span.end();
      console.log(JSON.stringify({ kind, trace_id: span.spanContext().traceId, answers }));
    });
  }
  stub.close();
  await provider.shutdown();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
