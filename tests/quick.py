"""Commands of the documentation, made quick."""

import re
import shlex

from experiments.commands import COMMANDS
from tests.commands import folder_of
from tests.results import OF_RESULTS

QUICK = {
    "catalogue": "tiny",
    "horizon": "short",
    "replications": "2",
    "staff.pilot_incidents": "4000",
    "results": "results",
}
_TINY_DISTRICT = ("city=tiny", "city.district=青石区")


def quick(words: str) -> list[str]:
    """Arguments of a command, made quick where they don't say otherwise."""
    command, *overrides = shlex.split(words)
    if command in OF_RESULTS:  # they have no settings but their own; a district of the tiny city
        return [command, *(o.replace("渝中区", "青石区") for o in overrides)]
    if command not in COMMANDS or "--help" in overrides or folder_of(words):
        return [command, *overrides]
    if command == "verify":  # whose worlds must stay as they are
        return [command, *overrides, "replications=4", "results=results"]
    if not any(re.match(r"city[.=]", override) for override in overrides):
        overrides.append("city=tiny")
    if command == "capacity":  # which compares whole weeks
        overrides.append("horizon.followup_days=10")
    if command == "attribute" and not any(o.startswith("attribute.groups") for o in overrides):
        overrides.append(  # four coalitions
            "attribute.groups={what: [levers, discipline], who: [stages, opening, release]}"
        )
    if command == "sweep":
        overrides = [re.sub(r"^sweep.points=.*", "sweep.points=2", o) for o in overrides]
    if command == "rollout":  # a date within the short horizon
        overrides = [re.sub("fork=2024-11-.*", "fork=2024-10-21", o) for o in overrides]
    if command == "replicate":
        overrides.append("replicate.most=3")
    if command == "staff":
        overrides += ["service.incidents=100", "service.least=2", "service.fresh=3"]
        overrides += ["service.evaluations=2", "service.tries=1", "service.delays=[0.3,1]"]
    if command == "choose":
        overrides += ["choose.first=3", "choose.most=3"]
    if command == "discover":
        overrides = [re.sub(r"^discover.points=.*", "discover.points=8", o) for o in overrides]
    if command == "sensitivity":
        overrides += ["sensitivity.stages=[morris]", "sensitivity.trajectories=2"]
    if command != "run":  # a district of the whole city takes as long as the tiny city ten times
        overrides = [
            part
            for each in overrides
            for part in (_TINY_DISTRICT if each.startswith("city.district=") else [each])
        ]
    given = {override.partition("=")[0] for override in overrides}
    if command == "compare" and given - {"city"}:  # the bare command shows that parts are run
        given_parts = [] if "split.parts" in given else ["split.parts=[]"]
        overrides.extend(given_parts)
    one = {"claim": "cases=[as_shipped]", "regimes": "regimes=[integration_wins/ordinary]"}
    if command in one and one[command].partition("=")[0] not in given:
        overrides.append(one[command])
    if command in ("claim", "regimes"):  # which are about kinds that the tiny catalogue has not
        given.add("catalogue")
    return [command, *overrides, *(f"{k}={v}" for k, v in QUICK.items() if k not in given)]
