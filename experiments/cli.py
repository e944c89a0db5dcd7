"""The command line: `guantong COMMAND [KEY=VALUE ...]`."""

import argparse
import gc
import importlib
import signal
import sys
import threading
from collections.abc import Sequence

from experiments.commands import COMMANDS, SETTINGS

_ALLOCATIONS = 100_000
"""After so many Python looks for cycles of garbage. By its own 700 it does so all the while that
libraries and settings are loaded, of which nothing is garbage: measured, a tenth of a short run."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="guantong",
        description="Guantong simulates how a megacity governs itself, and what integrating its "
        "tiers and departments buys over leaving them siloed.",
        epilog="guantong COMMAND --help tells more.",
    )
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, command in COMMANDS.items():
        about = command.about
        parsed = commands.add_parser(
            name,
            help=about,
            description=f"{about[0].upper()}{about[1:]}.\n\n{command.more}"
            f"{SETTINGS if command.takes_settings else ''}",
            epilog=f"examples:\n{command.examples}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        parsed.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help="settings to change")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code: 0, 1 for an error of the user's, 130 for Ctrl-C."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.version:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(version("guantong"))
        except PackageNotFoundError:
            print("a checkout that is not installed")
        return 0
    if given.command is None:
        parser.print_help()
        return 0
    gc.set_threshold(_ALLOCATIONS)
    return _run(given.command, given.overrides)


def _run(command: str, overrides: Sequence[str]) -> int:
    """Carry out a command; an interrupt ends it quietly, wherever it strikes."""
    interrupted = []

    def interrupt(number, frame):
        interrupted.append(number)
        raise KeyboardInterrupt

    if threading.current_thread() is threading.main_thread():
        before = signal.signal(signal.SIGINT, interrupt)
    else:
        before = None
    try:
        return _carry_out(command, overrides)
    except KeyboardInterrupt:
        interrupted.append(signal.SIGINT)
    except Exception:
        if not interrupted:  # else the compiler has swallowed the interrupt and stumbled over it
            raise
    finally:
        if before is not None:
            signal.signal(signal.SIGINT, before)
    print("guantong: stopped; nothing half-written is left", file=sys.stderr)
    return 130


def _carry_out(command: str, overrides: Sequence[str]) -> int:
    from sim.errors import InputError

    module, _, function = COMMANDS[command].place.partition(":")
    try:
        getattr(importlib.import_module(module), function)(overrides)
    except InputError as error:
        print(f"guantong: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
