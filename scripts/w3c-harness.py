#!/usr/bin/env python3
"""The public W3C harness for trace context, as the judge of gateway and user.

    git clone https://github.com/w3c/trace-context
    cargo build --release -p tracewalk
    scripts/w3c-harness.py --listener http trace-context

The harness calls a service, which has to call it back, and judges the headers that come with that.
This program is the service: for each callback it calls the gateway, with the headers of the harness
as they came, and calls back with those that arrive at the end of the chain, where it is the profile
service. Level 2, strict. The exit code is the harness's. Needs w3c-harness.txt and port 7777.
"""

import argparse
import asyncio
import contextlib
import functools
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from chain import RELEASE, Service, target

try:
    import aiohttp
    import grpc
    from h2.config import H2Configuration
    from h2.connection import H2Connection
except ImportError as error:
    sys.exit(f"{error}: pip install --requirement {Path(__file__).with_suffix('.txt')}")

STRICT = {"STRICT_LEVEL": "2", "SPEC_LEVEL": "2"}
# Field 1 of the request is the text "1", and that of the answer is a profile that says nothing.
USER, PROFILE = b"\x0a\x011", b"\x0a\x00"


class LastHop:
    """A profile service that keeps the trace context of the last call as it arrived."""

    def __init__(self):
        methods = {"GetProfile": grpc.unary_unary_rpc_method_handler(self.get_profile)}
        service = "tracewalk.profile.v1.ProfileService"
        handlers = [grpc.method_handlers_generic_handler(service, methods)]
        self.server = grpc.server(ThreadPoolExecutor(max_workers=1), handlers)
        self.target = f"static:///127.0.0.1:{self.server.add_insecure_port('127.0.0.1:0')}"
        self.server.start()

    def get_profile(self, request, context):
        names = "traceparent", "tracestate"
        self.arrived = [it for it in context.invocation_metadata() if it.key in names]
        return PROFILE


async def through_http(gateway, headers):
    """HTTP/1.1 takes the lines as they are."""
    reader, writer = await asyncio.open_connection(*gateway.split(":"))
    lines = ["GET /v1/users/1 HTTP/1.1", f"Host: {gateway}", "Connection: close", *headers]
    with contextlib.closing(writer):
        writer.write("\r\n".join([*lines, "", ""]).encode())
        status = await reader.readline()
    if b" 200 " not in status:
        raise ConnectionError(f"{status}: {headers}")


async def through_grpc(gateway, headers):
    """HTTP/2 has names in lower case. By hand: libraries for gRPC refuse values with tabs."""
    reader, writer = await asyncio.open_connection(*gateway.split(":"))
    as_it_is = {"validate_outbound_headers": False, "normalize_outbound_headers": False}
    connection = H2Connection(H2Configuration(**as_it_is))
    connection.initiate_connection()
    head = [
        (":method", "POST"),
        (":scheme", "http"),
        (":authority", gateway),
        (":path", "/tracewalk.gateway.v1.GatewayService/GetUser"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ]
    fields = [line.split(": ", 1) for line in headers]
    head += [(name.lower(), value) for name, value in fields]
    connection.send_headers(1, head)
    connection.send_data(1, b"\0" + len(USER).to_bytes(4, "big") + USER, end_stream=True)
    seen = {}
    with contextlib.closing(writer):
        writer.write(connection.data_to_send())
        while b"grpc-status" not in seen and (data := await reader.read(65536)):
            for event in connection.receive_data(data):
                seen.update(getattr(event, "headers", ()))
    if seen.get(b"grpc-status") != b"0":
        raise ConnectionError(f"{seen}: {headers}")


LISTENERS = {"http": through_http, "grpc": through_grpc}


async def answer(call, last_hop, reader, writer):
    """Answers one request of the harness, after all its callbacks."""
    with contextlib.closing(writer):
        # By hand: a library would trim the values.
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        length = next(it for it in lines if it.lower().startswith("content-length:"))
        callbacks = json.loads(await reader.readexactly(int(length.split(":")[1])))
        # The other headers are those of any HTTP client.
        headers = [it for it in lines if it.lower().startswith("trace")]
        async with aiohttp.ClientSession() as harness:
            for back in callbacks:
                await call(headers)
                await harness.post(back["url"], json=back["arguments"], headers=last_hop.arrived)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


async def judge(program, listener, release):
    """Runs the harness against the chain; its exit code."""
    with contextlib.ExitStack() as services:

        def start(name, *flags):
            service = Service(release, name, *flags)
            services.callback(service.process.kill)
            return service

        last_hop = LastHop()
        user = start("user", "--database-url", "memory:", "--profile", last_hop.target)
        to = "--http-listen", "127.0.0.1:0", "--user", target([user])
        gateway = start("gateway", *to)

        call = functools.partial(LISTENERS[listener], gateway.listeners[listener])
        service = functools.partial(answer, call, last_hop)
        adapter = await asyncio.start_server(service, "127.0.0.1", 0)
        endpoint = "http://127.0.0.1:{}".format(adapter.sockets[0].getsockname()[1])
        harness = await asyncio.create_subprocess_exec(
            sys.executable,
            program.name,
            cwd=program.parent,
            env={**os.environ, **STRICT, "SERVICE_ENDPOINT": endpoint},
        )
        return await harness.wait()


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("harness", type=Path, help="a checkout of w3c/trace-context")
    arguments.add_argument("--listener", choices=LISTENERS, required=True)
    arguments.add_argument("--release", type=Path, default=RELEASE)
    arguments = arguments.parse_args()
    program = arguments.harness / "test" / "test.py"
    if not program.is_file():
        sys.exit(f"no checkout of w3c/trace-context: {program} is not there")
    if not (arguments.release / "tracewalk").is_file():
        sys.exit(f"no tracewalk in {arguments.release}: cargo build --release -p tracewalk")
    return asyncio.run(judge(program.resolve(), arguments.listener, arguments.release))


if __name__ == "__main__":
    sys.exit(main())
