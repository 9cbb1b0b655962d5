#!/usr/bin/env python3
"""A caller in another language, with the tracing that OpenTelemetry makes for it.

    foreign-client.py GATEWAY OTLP      as 127.0.0.1:50051 127.0.0.1:4317

It makes one call of each kind, each in a trace of its own, exports its spans, and prints a line of
JSON for each call: {"kind": ..., "trace_id": ..., "answers": ...}. Needs foreign-client.txt.
"""

import json
import sys
import tempfile

import grpc
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.grpc import GrpcInstrumentorClient
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

import foreign_contracts


def start_tracing(collector):
    provider = TracerProvider(resource=Resource.create({"service.name": "python"}))
    exporter = OTLPSpanExporter(endpoint=collector, insecure=True)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    GrpcInstrumentorClient().instrument()
    return provider


def calls(gateway):
    """The call of each kind: it returns how many answers came."""
    from google.protobuf.duration_pb2 import Duration
    from tracewalk.gateway.v1 import gateway_pb2 as messages
    from tracewalk.gateway.v1.gateway_pb2_grpc import GatewayServiceStub
    from tracewalk.user.v1.user_pb2 import NewUser

    stub = GatewayServiceStub(grpc.insecure_channel(gateway))
    # A second run of this program finds the addresses taken, and is told so by ALREADY_EXISTS.
    ada = NewUser(name="Ada", email="ada@python.example")
    bob = NewUser(name="Bob", email="bob@python.example")
    watch = messages.WatchUserRequest(user_id="1", updates=2, interval=Duration(nanos=20_000_000))
    lookups = [messages.LookupUsersRequest(user_id=user_id) for user_id in ("1", "nobody", "3")]
    return {
        "get": lambda: [stub.GetUser(messages.GetUserRequest(user_id="1"))],
        "create": lambda: [stub.CreateUser(messages.CreateUserRequest(user=ada))],
        "watch": lambda: list(stub.WatchUser(watch)),
        "import": lambda: [stub.ImportUsers(iter([messages.ImportUsersRequest(user=bob)]))],
        "lookup": lambda: list(stub.LookupUsers(iter(lookups))),
    }


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    _, gateway, collector = sys.argv
    with tempfile.TemporaryDirectory() as folder:
        foreign_contracts.compile_into(folder)
        provider = start_tracing(collector)
        tracer = trace.get_tracer("foreign-client")
        for kind, call in calls(gateway).items():
            with tracer.start_as_current_span(kind) as span:
                answers = len(call())
            trace_id = f"{span.get_span_context().trace_id:032x}"
            print(json.dumps({"kind": kind, "trace_id": trace_id, "answers": answers}))
        provider.shutdown()


if __name__ == "__main__":
    main()
