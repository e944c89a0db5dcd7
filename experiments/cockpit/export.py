"""What replays a play: the settings of each policy's run, with all that was done to it."""

import json
import re
import shlex
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.cockpit.play import Play
from experiments.store import REPLAY, provenance, results_folder, write_json


def replayed(play: Play, policy: str) -> list[str]:
    """Overrides with which `guantong run` runs a policy as it was played, from the beginning."""
    parameters = play.sides[policy].parameters
    own = {"policy": policy, "seed": str(parameters.settings.seed)}
    if play.storms:
        own["stream.storms"] = _stated(parameters.settings.stream.storms)
    if play.changes[policy]:
        own["policy.rollout.changes"] = _stated(parameters.settings.policy.rollout.changes)
    left_out = re.compile(rf"[+~]*(policies|cockpit\.\w+|{'|'.join(map(re.escape, own))})=")
    kept = [override for override in play.overrides if not left_out.match(override)]
    return [*kept, *(f"{key}={value}" for key, value in own.items())]


def _stated(value: Any) -> str:
    """A value as overrides are written: lists and tables, texts in quotes."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_stated(each)}" for key, each in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_stated, value)) + "]"
    return f"'{value}'" if isinstance(value, str) else json.dumps(value)


def export(play: Play) -> Path:
    """Write a folder `cockpit-DATE-TIME` with what replays the play: replay.sh, one command for
    each policy; POLICY.txt, its settings one a line; play.json, what was done when; provenance."""
    results = play.parameters.settings.results
    with results_folder(results, "cockpit") as (folder, final):
        lines = ["#!/bin/sh", "# Runs the policies of a play of `guantong cockpit` as played."]
        for name in play.sides:
            overrides = replayed(play, name)
            lines.append(shlex.join(["guantong", "run", *overrides]))
            path = folder / f"{name.replace('/', '-')}.txt"
            path.write_text("\n".join(overrides) + "\n", "utf-8")
        (folder / REPLAY).write_text("\n".join(lines) + "\n", "utf-8")
        done = {"changes": play.changes, "storms": play.storms}
        write_json(folder / "play.json", {"until": play.moment.isoformat(" "), **done})
        parameters, seconds = play.parameters, time.perf_counter() - play.begun
        made = provenance(parameters, [parameters.settings.seed], seconds)
        write_json(folder / "provenance.json", made)
    return final
