"""Serves the emulator on a free loopback port until standard input ends."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading

# moto reads these when it is imported: unknown images and instance types are errors on AWS.
os.environ["MOTO_ENABLE_AMI_VALIDATION"] = "true"
os.environ["MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION"] = "true"
# AWS's own policies are there in every account.
os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"

from werkzeug.serving import WSGIRequestHandler, make_server  # noqa: E402

from .accounts import ACCOUNTS  # noqa: E402
from .gateway import Gateway  # noqa: E402


class Handler(WSGIRequestHandler):
    """Keeps connections open and logs no requests: the accounts have them."""

    protocol_version = "HTTP/1.1"
    # Head and body are written apart: with the algorithm on, each reply waits 40 ms.
    disable_nagle_algorithm = True

    def log_request(self, *_: object) -> None:
        """Logs nothing."""


def main() -> None:
    """Prints the port as one JSON line, then serves."""
    parser = argparse.ArgumentParser(prog="emulator")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--pace", type=float, default=1.0, help="seconds a unit of AWS's time")
    arguments = parser.parse_args()
    # A Ctrl-C in the terminal is the parent's to answer: it may still need AWS to end its run well.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ACCOUNTS.pace = arguments.pace
    server = make_server(
        "127.0.0.1", arguments.port, Gateway(), threaded=True, request_handler=Handler
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"port": server.server_port}), flush=True)
    # The end of standard input is the parent's end, however it came.
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
