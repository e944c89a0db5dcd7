"""The documentation: its commands and code run, nothing is left out, links resolve."""

import inspect
import json
import re
import shlex
import shutil
import warnings
from functools import cache
from pathlib import Path

import pytest

import scenarios.load
from experiments import cli, load, overturn
from experiments.factors import crossed
from scenarios.load import load_policies
from sim import records
from sim.levers import LEVERS
from sim.simpy_clock.decisions import COMPILED, DECISIONS
from sim.units import DAY
from tests.commands import folder_of, with_folder
from tests.quick import quick
from tests.results import OF_RESULTS, read_into

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
EXTENDING, SWEEPS = (ROOT / "docs" / name for name in ("extending.md", "sweeps.md"))
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LONGEST_LINE = 120
"""Of text; rows of tables, addresses and code may be longer."""


# --- reading ----------------------------------------------------------------------------------


def text(page: Path) -> str:
    return page.read_text("utf-8")


@cache
def blocks(page: Path) -> list[tuple[str, str]]:
    """(language, content) of the code blocks of a page, fenced or indented."""
    fenced = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    rest = fenced.sub("", text(page))
    indented = re.findall(r"(?:(?<=\n\n)|\A)((?:(?: {4}.*)?\n)+)", rest)
    found = [(match[1], match[2]) for match in fenced.finditer(text(page))]
    return found + [("", re.sub(r"^ {4}", "", part, flags=re.MULTILINE)) for part in indented]


def commands() -> list[str]:
    """What the pages tell to type after `guantong`, each once."""
    line = re.compile(r"^(?:\.venv[\\/]\w+[\\/])?guantong (.*)$", re.MULTILINE)
    found = [
        re.sub(r"\s+#.*", "", words).strip()
        for page in PAGES
        for _, block in blocks(page)
        for words in line.findall(block)
    ]
    return list(dict.fromkeys(found))


def section(page: Path, heading: str) -> str:
    """The text below a heading of the second or third level, up to the next of its level."""
    match = re.search(rf"^(##+) {re.escape(heading)}$", text(page), re.MULTILINE)
    assert match, f"{page.name} has no section '{heading}'"
    rest = text(page)[match.end() :]
    return re.split(rf"^#{{2,{len(match[1])}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def described(heading: str) -> set[str]:
    """The names that have a row in a section of docs/tables.md, or stand beside one in it."""
    rows = re.findall(r"^\| (`.*)$", section(ROOT / "docs/tables.md", heading), re.MULTILINE)
    names = set()
    for row in rows:
        first, *others = row.split("|")
        names |= set(re.findall(r"`([\w.]+)`", first))
        for listed in re.findall(r"likewise ((?:`\w+`(?:, )?)+)", "|".join(others)):
            names |= set(re.findall(r"`(\w+)`", listed))
    return names


def anchors(page: Path) -> set[str]:
    """Names that links can give to the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", text(page), re.MULTILINE)
    kept = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.strip().replace(" ", "-") for heading in kept}


# --- a place to try things --------------------------------------------------------------------


@pytest.fixture(scope="module")
def conf(tmp_path_factory) -> Path:
    """The files of conf/ with the example policies."""
    copied = tmp_path_factory.mktemp("checkout") / "conf"
    shutil.copytree(ROOT / "conf", copied)
    for name, content in example_policies():
        (copied / "policy" / name).write_text(content, "utf-8")
    return copied


@pytest.fixture
def place(conf, tmp_path, monkeypatch) -> Path:
    """A folder to work in, with a city of one's own, where the example policies are known."""
    shutil.copytree(ROOT / "conf/city/tiny", tmp_path / "my_cities/my_town")
    monkeypatch.setattr(scenarios.load, "CONF", conf)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def example_policies() -> list[tuple[str, str]]:
    """(file, content) of the policies that docs/policies.md shows."""
    shown = [block for language, block in blocks(ROOT / "docs/policies.md") if language == "yaml"]
    named = [(re.match(r"# conf/policy/(\w+\.yaml)\n", block), block) for block in shown]
    return [(match[1], block) for match, block in named if match]


def different_commands() -> list[str]:
    """The commands without those that are the same once they are quick."""
    return list({tuple(sorted(quick(words))): words for words in commands()}.values())


def newest(name: str) -> Path:
    (folder,) = Path("results").glob(f"{name}-*")
    return folder


# --- commands and code ------------------------------------------------------------------------


def test_the_readme_shows_the_commands():
    shown = " ".join(commands())
    for words in ("run", "compare", "city=tiny", "city.district=", "policies=[", "stream=trace"):
        assert words in shown
    for words in ("clock=simpy", "record=visits", "city.folder="):
        assert words in shown


@pytest.fixture
def few_factors(monkeypatch):
    """Every eighth assumption for `overturn`: the others are as quickly said and as slowly run."""
    every = overturn.factors
    monkeypatch.setattr(overturn, "factors", lambda *given: every(*given)[::8])


@pytest.mark.slow
def test_overturn_moves_every_assumption(place):
    assert cli.main(quick("overturn")) == 0
    known = overturn.factors(quick("overturn")[1:], ("siloed", "integrated"))
    found = json.loads((newest("overturn") / "summary.json").read_text("utf-8"))
    assert {effect["factor"] for effect in found["effects"]} == {f.name for f in known}


_LONG = (
    *("run", "compare", "capacity", "calibrate", "sensitivity", "discover", "attribute"),
    *("counterfactual", "replicate", "choose", "sweep", "rollout", "lab", "staff", "cockpit"),
    *("overturn", "evidence"),
)
_SERVES = ("cockpit",)  # until it is stopped: test_cockpit_browser.py does so


@cache
def more_of_the_same() -> list[str]:
    """What other pages than the README show, with other settings."""
    readme = "\n".join(block for _, block in blocks(README))
    return [
        words
        for words in different_commands()
        if words.split()[0] in _SERVES
        or (words.split()[0] in _LONG and f"guantong {words}" not in readme)
    ]


@pytest.mark.parametrize(
    "words",  # but those that tests/test_experiments_lab.py runs
    [words for words in more_of_the_same() if not words.startswith("lab ")],
)
def test_settings_of_the_documentation_can_be_run_with(words, place):
    """Quickly: that they can be composed and built. `make guarantee` runs all."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        plain, _ = crossed(quick(words)[1:])  # without what lists several values
        own = (
            "attribute.groups",
            "sweep.over",
            "rollout.futures",
            "lang=",
        )  # which commands read themselves
        policies = load_policies([o for o in plain if not o.startswith(own)])
        assert all(parameters.world.seats.any() for parameters in policies.values())


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(words, marks=pytest.mark.slow) if words in more_of_the_same() else words
        for words in different_commands()
        if words.split()[0] not in _SERVES
    ],
)
def test_commands_of_the_documentation_run(words, place, few_factors, compared, capsys):
    if "--help" in words:
        with pytest.raises(SystemExit) as left:
            cli.main(shlex.split(words))
        assert left.value.code == 0
        return
    if words.split()[0] in OF_RESULTS:
        read_into(compared, quick(words))
        return
    if folder_of(words):
        assert cli.main(quick(with_folder(words, quick))) == 0, capsys.readouterr().err
        return
    assert cli.main(quick(words)) == 0, capsys.readouterr().err
    assert (newest(words.split()[0]) / "provenance.json").is_file()


@pytest.mark.parametrize("block", [code for kind, code in blocks(README) if kind == "python"])
def test_python_of_the_readme_runs(block, place, capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of desks that have too much to do
        exec(compile(block, "README.md", "exec"), {})
    assert "minutes" in capsys.readouterr().out


@pytest.mark.parametrize(
    "block",
    [code for page in (EXTENDING, SWEEPS) for kind, code in blocks(page) if kind == "python"],
)
def test_python_of_pages_runs(block, place, capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        exec(compile(block, "page.md", "exec"), {})
    assert re.search(r"\d+\.\d", capsys.readouterr().out)


def test_every_decision_is_described_with_its_arguments_and_no_other():
    rows = re.findall(r"^\| `(\w+)\((.*)\)` \|", text(EXTENDING), re.M)
    rules = {name: getattr(COMPILED, name).py_func for name in DECISIONS}
    assert dict(rows) == {n: ", ".join(inspect.signature(f).parameters) for n, f in rules.items()}


def test_make_targets_that_are_named_exist():
    targets = set(re.findall(r"^([a-z]+):", text(ROOT / "Makefile"), re.MULTILINE))
    for page in PAGES:
        spans = re.findall(r"`([^`\n]+)`", text(page)) + [block for _, block in blocks(page)]
        named = {name for span in spans for name in re.findall(r"^make (\w+)", span, re.MULTILINE)}
        assert named <= targets, page.name
    assert {"run", "test"} <= set(re.findall(r"^ {4}make (\w+)$", text(README), re.MULTILINE))


def test_the_readme_has_the_commands_for_windows():
    shown = "\n".join(block for _, block in blocks(README))
    for line in (
        "py -3.11 -m venv .venv",
        r'.venv\Scripts\python -m pip install -c constraints.txt -e ".[dev]"',
        r".venv\Scripts\guantong compare",
        r".venv\Scripts\python -m pytest",
    ):
        assert line in shown.splitlines()


# --- tables -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "columns"),
    [
        ("incidents", records.INCIDENT_COLUMNS),
        ("visits", records.VISIT_COLUMNS),
        ("desks", records.DESK_COLUMNS),
        ("flow", records.FLOW_COLUMNS),
    ],
)
def test_every_column_is_described_and_no_other(heading, columns):
    extra = {"desks": {"name"}, "flow": {"hour", "policy", "replication"}}.get(heading, set())
    assert described(heading) == set(columns) | extra


def test_everything_in_a_results_folder_is_described(place, capsys):
    import pyarrow.parquet as pq

    assert cli.main(quick("run record=visits")) == 0
    assert cli.main(quick("compare record=visits policies=[siloed,integrated,paper]")) == 0
    sections = {
        "closure_latency": "Latency histograms",
        "paper_latency": "Latency histograms",
        "metrics": "metrics.parquet",
    }
    page = text(ROOT / "docs/tables.md")
    for path in sorted(Path("results").rglob("*.parquet")):
        name = path.stem if path.parent.parent == Path("results") else path.parent.name
        heading = "by_*.parquet" if name.startswith("by_") else sections.get(name, name)
        columns = set(pq.read_schema(path).names)
        assert columns <= described(heading), path
        assert f"`{path.name}`" in page or name.startswith("by_") or path.parent.name == name
    one, all_of_them = (
        json.loads((newest(name) / "summary.json").read_text("utf-8"))
        for name in ("run", "compare")
    )
    metrics = described("metrics.parquet") - {"policy", "replication", "metric", "value"}
    assert set(one) == metrics | {"desks"}
    for of_kind in one["desks"].values():
        assert set(of_kind) == described("Kinds of desk")
    assert set(all_of_them["metrics"]) == metrics
    assert set(all_of_them["metrics"]["incidents"]["difference"]) == described("summary.json")
    provenance = json.loads((newest("run") / "provenance.json").read_text("utf-8"))
    assert set(provenance) == described("provenance.json")


# --- policies ---------------------------------------------------------------------------------


def test_every_lever_is_described_and_no_other():
    rows = re.findall(r"^\| `(\w+)` \|", section(ROOT / "docs/policies.md", "The levers"), re.M)
    assert sorted(rows) == sorted(LEVERS)


def test_every_part_of_a_policy_file_is_described():
    from dataclasses import fields

    from scenarios.schema import PolicySettings

    for field in fields(PolicySettings):
        assert section(ROOT / "docs/policies.md", field.name).strip()


def test_the_example_policy_composes_and_builds(place):
    assert example_policies()
    for name, _ in example_policies():
        overrides = [f"policy={Path(name).stem}", "city=tiny", "staff.pilot_incidents=4000"]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            parameters = load(overrides)
            assert parameters.policy.name == Path(name).stem
            assert parameters.seats.sum() > 0
        siloed = load([*overrides[1:], "policy=siloed"])
        assert (parameters.policy.lever != siloed.policy.lever).any()
        assert (parameters.policy.route != siloed.policy.route).any()


def test_the_example_rollout_composes(conf, place):
    (block,) = (b for _, b in blocks(ROOT / "docs/policies.md") if b.startswith("rollout:\n"))
    head = "defaults: [siloed, _self_]\nname: mine\n"
    (conf / "policy/mine.yaml").write_text(head + block, "utf-8")
    found = load(["policy=mine"]).rollout
    assert [policy.name for policy in found.policies] == ["mine", "paper", "integrated"]
    assert [date // DAY for date in found.dates] == [14, 21, 28]
    assert (found.first > 0).sum() < (found.later > 0).sum() < found.first.size


# --- links and words --------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_relative_links_resolve(page):
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (anchor and anchor not in anchors(there)):
            broken.append(target)
    assert not broken


def test_every_page_is_reached_from_the_readme():
    linked = {(ROOT / t).resolve() for t in re.findall(r"\]\(([^)#\s]+)", text(README))}
    assert {page for page in PAGES if page != README} <= linked


@pytest.mark.parametrize(
    "name",
    ["README", "architecture", "model", "tables", "policies", "extending", "report", "figures"],
)
def test_lines_of_text_stay_short(name):
    page = README if name == "README" else ROOT / "docs" / f"{name}.md"
    long = [
        line
        for line in text(page).splitlines()
        if len(line) > LONGEST_LINE and not line.startswith(("|", "!", "    "))
    ]
    assert not long
