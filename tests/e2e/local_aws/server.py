"""The server process: `python -m tests.e2e.local_aws.server DIRECTORY --region REGION`.

It ends when it is told to (SIGTERM, SIGINT) or when its standard input ends, that is, when whoever started it is gone.
"""

import argparse
import asyncio
import json
import logging
import os
import signal
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hypercorn.asyncio import serve
from hypercorn.config import Config

from .tls import write_certificate

log = logging.getLogger(__name__)

THREADS = 64
STOP_SECONDS = 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path, help="where certificates, the ready file and the emulator's files go")
    parser.add_argument("--region", required=True)
    parser.add_argument("--account-id", required=True)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s", stream=sys.stderr)
    logging.getLogger("botocore").setLevel(logging.WARNING)
    asyncio.run(run(arguments.directory, region=arguments.region, account_id=arguments.account_id))


async def run(directory: Path, *, region: str, account_id: str) -> None:
    # Reading the emulator waits in one thread for what the emulator does in others: by default there are six on a
    # machine with two processors, and many requests at once could take them all.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))
    plain, tls = listen(), listen()
    ports = {"port": plain.getsockname()[1], "tls_port": tls.getsockname()[1]}
    # Read by the emulator when it is imported: it tells the handlers' AWS SDK where to call.
    os.environ["GATEWAY_PORT"] = str(ports["port"])
    from ministack.app import app as emulator

    from .endpoint import Endpoint

    ca_file, server_file = write_certificate(directory, region=region)

    def announce() -> None:
        unfinished = directory / "ready.json.part"
        unfinished.write_text(json.dumps({**ports, "ca_file": str(ca_file)}))
        unfinished.replace(directory / "ready.json")

    config = Config()
    config.insecure_bind = [f"fd://{plain.detach()}"]
    config.bind = [f"fd://{tls.detach()}"]
    config.certfile = config.keyfile = str(server_file)
    # Not the default 5 s: closing an idle TLS connection waits for a client that is not listening.
    config.keep_alive_timeout = 600.0
    endpoint = Endpoint(emulator, region=region, account_id=account_id, on_ready=announce)
    stop = stop_event()
    serving = asyncio.create_task(serve(endpoint, config, shutdown_trigger=stop.wait))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    # Requests under way may finish; a client that leaves its TLS connection open would be waited for much longer.
    await asyncio.wait({serving}, timeout=STOP_SECONDS)
    await endpoint.close()
    if serving.done():
        serving.result()
    log.info("stopped")
    end_group()


def listen() -> socket.socket:
    """A listening socket on a free port: whoever connects before the server is up waits instead of being refused."""
    sock = socket.create_server(("127.0.0.1", 0), backlog=128)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def stop_event() -> asyncio.Event:
    """Set on SIGTERM and SIGINT, and when standard input ends: nobody ever writes to it, so readable means ended."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    def parent_gone() -> None:
        loop.remove_reader(sys.stdin.fileno())
        log.info("standard input ended: stopping")
        stop.set()

    loop.add_reader(sys.stdin.fileno(), parent_gone)
    return stop


def end_group() -> None:
    """End this process at once with all that the emulator started: a handler may go on for its whole timeout."""
    logging.shutdown()
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
