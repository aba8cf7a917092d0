"""`python -m benchmarks [GROUP …] [--size …] …`; all groups if none is named.

Prints one table. Needs DATABASE_URL and REDIS_URL; `make bench` starts servers of its own.
"""

import argparse
import gc
import importlib
import signal
import sys
from types import FrameType

from benchmarks.figures import Figure, table
from benchmarks.workplace import SIZES, CannotMeasure, workplace

GROUPS = (
    "accept",
    "drain",
    "storm",
    "load",
    "inbox",
    "dashboard",
    "bulk",
    "download",
    "memory",
    "imports",
)


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=", ".join(GROUPS))
    parser.add_argument("--size", choices=sorted(SIZES), default="small")
    parser.add_argument("--rounds", type=int, default=5, help="medians are of this many (5)")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a floor is missed")
    chosen = parser.parse_args(words)
    if unknown := set(chosen.groups) - set(GROUPS):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(GROUPS)}")
    signal.signal(signal.SIGTERM, _stop)
    figures: list[Figure] = []
    try:
        with workplace(SIZES[chosen.size], max(chosen.rounds, 1)) as place:
            for group in chosen.groups or GROUPS:
                place.say(f"{group} …")
                figures += importlib.import_module(f"benchmarks.{group}").run(place)
                gc.collect()
    except CannotMeasure as exc:
        print(exc, file=sys.stderr)
        return 2
    finally:
        if figures:
            print(table(figures), flush=True)
    return int(chosen.strict and not all(one.is_met for one in figures))


def _stop(_signal: int, _frame: FrameType | None) -> None:
    """End as after Ctrl+C, so that what was started is ended and what was made is removed."""
    sys.exit(143)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
