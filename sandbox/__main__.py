"""Run the sandbox: `python -m sandbox --port 8900 --world demo --seed 1`."""

import argparse
import contextlib
import gc
import signal
import sys
import time
from pathlib import Path

from sandbox import items, keeping, lively
from sandbox.making import WORLDS
from sandbox.serving import Serving


def arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8900, help="0 picks a free one")
    parser.add_argument("--public-url", default="", help="address others reach it at, if another")
    parser.add_argument("--world", choices=sorted(WORLDS), default="demo")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clients", type=int, help="how many clients, instead of the world's own")
    parser.add_argument("--dialogs", type=int, help="how many dialogs, instead of the world's own")
    parser.add_argument("--lively", action="store_true", help="let things happen by themselves")
    parser.add_argument("--pace", type=float, nargs=2, default=lively.PACE_SECONDS,
                        metavar=("LEAST", "MOST"), help="seconds between them")  # fmt: skip
    parser.add_argument("--push-host", action="append", default=[],
                        help="a host that may be pushed to over http too")  # fmt: skip
    parser.add_argument("--keep", type=Path, metavar="FILE",
                        help="go on from this file, which is written too")  # fmt: skip
    parser.add_argument("--port-file", type=Path, help="write the port here when ready")
    return parser.parse_args(words)


def main(words: list[str]) -> None:
    options = arguments(words)
    gc.disable()  # nothing made here is thrown away until the world is ready
    serving = Serving(
        host=options.host, port=options.port, public_url=options.public_url, world=options.world,
        seed=options.seed, clients=options.clients, dialogs=options.dialogs,
        push_hosts=frozenset(options.push_host),
    )  # fmt: skip
    if options.world == "load":
        for dialog in serving.box.world.dialogs.values():
            items.encoded(serving.box.world, dialog, "")
    if options.keep:
        keeping.load(serving.box, options.keep)
    gc.enable()
    gc.freeze()
    serving.start()
    if options.lively:
        lively.live(serving.box, (options.pace[0], options.pace[1]))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if options.port_file:
        options.port_file.write_text(str(serving.port))
    sys.stdout.write(f"sandbox ready on {serving.url}\n")
    sys.stdout.flush()
    with contextlib.suppress(KeyboardInterrupt, SystemExit):
        while True:
            time.sleep(60)
            if options.keep:
                keeping.save(serving.box, options.keep)
    serving.stop()
    if options.keep:
        keeping.save(serving.box, options.keep)


if __name__ == "__main__":
    main(sys.argv[1:])
