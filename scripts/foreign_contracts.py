"""Generates Python from the contracts, as any client or server in Python would."""

import sys
from pathlib import Path

import grpc_tools
from grpc_tools import protoc

CONTRACTS = Path(__file__).parent.parent / "proto"


def compile_into(folder):
    """Puts the modules into the folder, where `import` finds them from then on."""
    files = sorted(str(path) for path in CONTRACTS.rglob("*.proto"))
    well_known = Path(grpc_tools.__file__).parent / "_proto"
    words = [f"-I{CONTRACTS}", f"-I{well_known}", f"--python_out={folder}", f"--grpc_python_out={folder}"]
    if protoc.main(["protoc", *words, *files]) != 0:
        sys.exit("the contracts do not compile")
    sys.path.insert(0, folder)
