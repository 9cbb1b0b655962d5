#!/usr/bin/env python3
"""Asks a service for its contracts as grpcio's own tools do: foreign-reflection.py 127.0.0.1:50051

It prints a line of JSON: {"services": [...], "unknown": ..., "methods": ..., "answers": [...]}: what
is listed, how a name that nobody has is answered, how many methods the first service has, and what
answers three questions in one stream, of which the second is that name. Needs foreign-client.txt.
"""

import json
import sys

import grpc
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

UNKNOWN = "no.such.Name"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    channel = grpc.insecure_channel(sys.argv[1])
    database = ProtoReflectionDescriptorDatabase(channel)
    services = list(database.get_services())
    try:
        unknown = database.FindFileContainingSymbol(UNKNOWN).name
    except KeyError:
        unknown = "KeyError"
    service = DescriptorPool(database).FindServiceByName(services[0])

    stub = reflection_pb2_grpc.ServerReflectionStub(channel)
    symbols = [services[0], UNKNOWN, services[0]]
    questions = [reflection_pb2.ServerReflectionRequest(file_containing_symbol=symbol) for symbol in symbols]
    answers = [answer.WhichOneof("message_response") for answer in stub.ServerReflectionInfo(iter(questions))]
    print(json.dumps({
        "services": services,
        "unknown": unknown,
        "methods": len(service.methods),
        "answers": answers,
    }))


if __name__ == "__main__":
    main()
