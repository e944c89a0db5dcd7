"""From the files in `conf/` to Parameters, exactly as the commands do it."""

import copy
import pickle
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import OmegaConf
from omegaconf.errors import InterpolationResolutionError, OmegaConfBaseException

from scenarios.parameters import Parameters
from scenarios.rollout import regimes_named
from scenarios.schema import PolicySettings, Settings, check, explain, unknown_key
from sim.errors import InputError

CONF = Path(__file__).resolve().parent.parent / "conf"
BASELINE = "siloed"
_KEY = re.compile(r"(?:~|\+\+?)?([\w.]+)(?:=|$)")


def _quoted(override: str) -> str:
    """An override that Hydra's grammar can read: Chinese names and odd paths get quotes, seats
    of a desk that the file does not name are added."""
    key, equals, value = override.partition("=")
    if key.startswith("staff.seats.") or key == "assumptions":  # tables of the user's own
        override, key = f"++{override}", f"++{key}"
    plain = re.fullmatch(r"[\w./:+%@$?|*-]*", value, re.ASCII) or value[:1] in "[{'\""
    if not equals or plain:
        return override
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"{key}='{escaped}'"


def compose_settings(overrides: Sequence[str] = ()) -> Any:
    """The composed configuration, read-only. Raises InputError for whatever cannot be composed.

    Composing takes half a second, so what was composed is kept until a file of conf/ changes.
    `overlay=FOLDER` names a folder of one's own whose files can be chosen beside those of conf/.
    """
    overrides, roots = laid_over(overrides, CONF)
    return _composed("config", overrides, tuple(roots), tuple(map(state_of, roots)))


def laid_over(overrides: Sequence[str], conf: Path) -> tuple[tuple[str, ...], list[Path]]:
    """The overrides with `overlay=FOLDER` as Hydra has it, and the folders that files come from:
    conf/, which is asked first, and that one. Raises InputError for a folder that is not there."""
    given = [o.partition("=")[2] for o in overrides if o.startswith("overlay=")]
    others = [o for o in overrides if not o.startswith("overlay=")]
    if not given:
        return tuple(others), [conf]
    folder = Path(given[-1]).resolve()
    if not folder.is_dir():
        raise InputError(f"overlay: '{given[-1]}'; allowed: a folder such as FIT/overlay")
    return (f"hydra.searchpath=['file://{folder.as_posix()}']", *others), [conf, folder]


def state_of(conf: Path) -> tuple:
    """What tells whether a file of conf/ was edited, added or removed; to remember by."""
    stats = [(path, path.stat()) for path in sorted(conf.rglob("*.yaml"))]
    # A tuple is made of a list, at once: while it grows, another thread may come upon it.
    return tuple([(path, stat.st_mtime_ns, stat.st_size) for path, stat in stats])


@lru_cache(maxsize=64)
def _composed(name: str, overrides: tuple[str, ...], roots: tuple[Path, ...], state: tuple) -> Any:
    of_files = tuple(o for o in overrides if _names_a_file(o, roots))
    of_keys = [_quoted(o) for o in overrides if not _names_a_file(o, roots)]
    try:
        config = pickle.loads(_files(name, of_files, roots[0], state))
        # As Hydra itself does, after it has put the files together.
        parsed = OverridesParser.create().parse_overrides(of_keys)
        ConfigLoaderImpl.validate_sweep_overrides_legal(parsed, RunMode.RUN, from_shell=False)
        ConfigLoaderImpl._apply_overrides_to_config(parsed, config)
        OmegaConf.resolve(config)
        OmegaConf.set_readonly(config, True)
        return config
    except InterpolationResolutionError as error:
        text = str(error).splitlines()[0]
        raise InputError(f"{_reference(config)}: {text[:1].lower()}{text[1:]}") from None
    except OmegaConfBaseException as error:
        raise InputError(explain(error, _known())) from None
    except HydraException as error:
        raise InputError(_explain(error)) from None


def _names_a_file(override: str, roots: Sequence[Path]) -> bool:
    """Whether an override chooses a file of a group, such as city=tiny, or is one that only Hydra
    can tell of; the others set a single key of what the files hold."""
    match = _KEY.match(override)
    if match is None or match[1].startswith("hydra."):
        return True
    return any((root / match[1]).is_dir() for root in roots)


@lru_cache(maxsize=32)
def _files(name: str, overrides: tuple[str, ...], conf: Path, state: tuple) -> bytes:
    """The configuration before single keys are set, which is done for many points of a study; to
    read the files and put them together takes ten times as long. Pickled, as to load a pickle
    takes a sixth of the time of a deep copy."""
    GlobalHydra.instance().clear()
    with initialize_config_dir(str(conf), version_base="1.3"):
        return pickle.dumps(compose(name, overrides=[_quoted(o) for o in overrides]))


def baseline() -> PolicySettings:
    """The policy that staff is measured by: `siloed` as it stands in conf/."""
    return copy.deepcopy(_baseline(CONF, state_of(CONF)))


@lru_cache(maxsize=4)
def _baseline(conf: Path, state: tuple) -> PolicySettings:
    config = _composed(f"policy/{BASELINE}", (), (conf,), state)
    return check(config.policy, PolicySettings, "policy.")


def option_files(overrides: Sequence[str], conf: Path) -> list[tuple[Path, str]]:
    """The files of conf/ in force, each with the key that its settings stand below.

    The key is empty for settings at the root. The order is that of composition: where two files
    hold one setting, the later wins. Raises InputError.
    """
    overrides, roots = laid_over(overrides, conf)
    return list(_option_files(overrides, tuple(roots), tuple(map(state_of, roots))))


@lru_cache(maxsize=64)
def _option_files(
    overrides: tuple[str, ...], roots: tuple[Path, ...], state: tuple
) -> tuple[tuple[Path, str], ...]:
    GlobalHydra.instance().clear()
    try:
        with initialize_config_dir(str(roots[0]), version_base="1.3"):
            listed = GlobalHydra.instance().config_loader().compute_defaults_list(
                "config", [_quoted(o) for o in overrides], RunMode.RUN
            )  # fmt: skip
    except HydraException as error:
        raise InputError(_explain(error)) from None
    return tuple(
        (path, found.package or "")
        for found in listed.defaults
        if (path := _first(roots, f"{found.config_path}.yaml")) is not None
    )


def _first(roots: Sequence[Path], name: str) -> Path | None:
    """The file of that name in the first folder that has it."""
    return next((root / name for root in roots if (root / name).is_file()), None)


def _reference(config: Any, prefix: str = "") -> str:
    """The key of the first value that refers to another one."""
    for name in config:
        if OmegaConf.is_interpolation(config, name):
            return f"{prefix}{name}"
        node = config._get_node(name)
        if OmegaConf.is_dict(node) and not OmegaConf.is_missing(config, name):
            found = _reference(node, f"{prefix}{name}.")
            if found:
                return found
    return ""


def _known() -> Any:
    return pickle.loads(_files("config", (), CONF, (state_of(CONF),)))


def _explain(error: HydraException) -> str:
    """Hydra's message in one sentence, with what is allowed."""
    text = str(error)
    missing = re.search(r"Could not override '([^']+)'", text)
    if missing:
        return unknown_key(missing.group(1), _known())
    if "LexerNoViableAlt" in text:
        culprit = text.split(": ", 1)[-1].split("\n")[0]
        return f"'{culprit}' is not a setting; allowed: KEY=VALUE, such as city=tiny"
    broken = re.search(r"Error parsing override '([^']*)'", text)
    if broken:
        return f"'{broken.group(1)}' is not a setting; allowed: KEY=VALUE, such as city=tiny"
    option = re.search(r"Could not find '([^']+)'", text)
    listed = re.findall(r"^\t(\S+)$", text, re.M)
    if option and listed:
        group, _, name = option.group(1).rpartition("/")
        return f"{group}: '{name}' is not there; allowed: {', '.join(listed)}"
    return " ".join(text.split())


def load(overrides: Sequence[str] = ()) -> Parameters:
    """Parameters of the configuration with these overrides.

    overrides : as on the command line, such as ["policy=integrated", "city=tiny"]. Staff is
    measured by the `siloed` policy of conf/, whatever is changed in `policy`.
    Raises InputError.
    """
    from scenarios.assumptions import taken_out  # which reads the files that are found here

    rest, shares = taken_out(overrides)
    named = [o.partition("=")[2] for o in rest if re.match(r"[+~]*policy=", o)]
    return Parameters(_settings(rest, shares, named[-1:]), baseline(), CONF)


def _settings(
    overrides: Sequence[str],
    shares: Mapping[str, float],
    policies: Sequence[str],
    policy: str | None = None,
) -> Settings:
    """The checked settings, with assumptions at shares of their ranges.

    policies : those compared, whose levers may be named; policy : the one whose settings these are.
    """
    if shares:
        _, roots = laid_over(overrides, CONF)
        settings = _remembered(tuple(overrides), tuple(map(state_of, roots)))
    else:
        settings = _as_stated(overrides)
    shares = settings.assumptions | dict(shares)
    if not shares:
        return settings
    from scenarios.assumptions import assumed

    policies = policies or [settings.policy.name]
    return assumed(settings, shares, overrides, policies, policy or policies[-1])


def _as_stated(overrides: Sequence[str]) -> Settings:
    config = compose_settings(overrides)
    settings = _checked(config, overrides)
    settings.catalogue = OmegaConf.to_container(config.catalogue)
    settings.calendar = OmegaConf.to_container(config.calendar)
    return settings


@lru_cache(maxsize=16)
def _remembered(overrides: tuple[str, ...], state: tuple) -> Settings:
    """Settings that many points of a study move; what is moved is copied."""
    return _as_stated(overrides)


def _checked(config: Any, overrides: Sequence[str]) -> Settings:
    """The checked settings, and in them the other policies that a rollout names."""
    settings = check(config)
    others = [o for o in overrides if not re.match(r"[+~]*policy(=|\.rollout\b)", o)]
    settings.policy.rollout.policies = {
        name: check(compose_settings([*others, f"policy={name}"])).policy
        for name in regimes_named(settings.policy)
    }
    return settings


def load_policies(overrides: Sequence[str] = ()) -> dict[str, Parameters]:
    """One Parameters for each of the setting `policies`, alike in everything else.

    Overrides of `policy.KEY` hold for every policy. Raises InputError.
    """
    from scenarios.assumptions import taken_out

    rest, shares = taken_out(overrides)
    others = [o for o in rest if not re.match(r"[+~]*policy=", o)]
    names = list(compose_settings(others).policies)
    if len(set(names)) < len(names) or not names:
        raise InputError(f"policies: {names}; allowed: different names, at least one")
    result: dict[str, Parameters] = {}
    for name in names:
        settings = _settings([*others, f"policy={name}"], shares, names, name)
        if result:
            result[name] = result[names[0]].sibling(settings.policy)
        else:
            result[name] = Parameters(settings, baseline(), CONF)
    return result
