"""The command line: it answers at once, runs, and says clearly what is wrong."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from experiments import load
from experiments.cli import main
from experiments.commands import COMMANDS
from scenarios.load import CONF
from sim.errors import InputError

ROOT = Path(__file__).parents[1]
QUICK = ["city=tiny", "horizon=short", "staff.pilot_incidents=5000"]


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from experiments.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'numba', 'mesa', 'hydra', 'numpy', 'pandas', 'matplotlib', 'scipy'}"
        " & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_examples(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert f"guantong {command}" in text
    assert "examples:" in text


_NAMED = {"regimes": "experiment", "experiment": "experiment", "scenario": "scenario",
          "worlds": "experiment/theory", "policies": "policy", "policy": "policy",
          "attribute": "attribute"}  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_examples_name_files_that_are_there(command):
    for key, given in re.findall(r"(?<![\w.])(\w+)=(\S+)", COMMANDS[command].examples):
        for name in given.strip("'[]").split(",") if key in _NAMED else ():
            assert name == "none" or (CONF / _NAMED[key] / f"{name}.yaml").is_file(), (key, name)


def test_without_a_command_it_prints_help(capsys):
    assert main([]) == 0
    assert "COMMAND" in capsys.readouterr().out


def test_an_unknown_command_is_refused(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["sun"])
    assert ended.value.code == 2
    assert "invalid choice: 'sun'" in capsys.readouterr().err


BAD = {
    "policy.levers.polling=0.5": "policy.levers.polling: no such key (did you mean 'pooling'?)",
    "policy.levers.pooling=abc": "policy.levers.pooling: value 'abc'",
    "policy.levers.pooling=1.5": "policy.levers.pooling: 1.5; allowed: 0 to 1",
    "policy=integratd": "policy: 'integratd' is not there; allowed: integrated, paper, siloed, ",
    "city.name=atlantis": "no such city",
    "stream.per_resident=0": "a stream without incidents has nothing to simulate",
    "horizon.start=2024-13-01": "horizon.start: '2024-13-01'; allowed: a date YYYY-MM-DD",
    "city.district=Nowhere": "city.district: 'Nowhere' is no district of ",
    "stream=trace": "stream.path: no value is given",
    "policy.opening.city.board=always": None,
    "nonsense": "'nonsense' is not a setting; allowed: KEY=VALUE",
    "staff.target_utilisation=2": "staff.target_utilisation: 2.0; allowed: 0.01 to 1",
    "threads=0": "threads: 0; allowed: 1 to",
}


@pytest.mark.parametrize(("setting", "message"), [b for b in BAD.items() if b[1]])
def test_bad_input_is_one_clear_message_and_leaves_nothing(setting, message, tmp_path, capsys):
    results = tmp_path / "results"
    assert main(["run", *QUICK, f"results={results}", setting]) == 1
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith("guantong: ")
    assert message in error
    assert not results.exists() or not list(results.iterdir())


def test_an_infeasible_staff_minimum_says_what_to_do(tmp_path, capsys):
    opening = [f"policy.opening.township.{g}=duty" for g in ("command", "board", "pool")]
    setting = [*QUICK, "city.weight=1", "policy=integrated", *opening, f"results={tmp_path}"]
    assert main(["run", *setting]) == 1
    error = capsys.readouterr().err
    assert "one seat in each open shift of each desk costs" in error
    assert "shorten policy.opening" in error


def test_a_load_above_capacity_is_a_warning_that_names_desk_and_load(tmp_path, capsys):
    settings = [*QUICK, "staff.place=fixed", "policy=integrated", "policy.levers.pooling=0"]
    tables = ["policy.stages.judge.patrol=city.command", f"results={tmp_path}"]
    assert main(["run", *settings, *tables, "mechanism.availability.city=0.02"]) == 0
    error = " ".join(capsys.readouterr().err.split())
    assert "warning: policy 'integrated':" in error
    assert "City" in error or "command" in error
    assert "hours a week for" in error


@pytest.mark.filterwarnings("ignore:policy 'integrated'")
def test_desks_with_work_and_no_seats_are_an_error():
    parameters = load([*QUICK, "policy=integrated"])
    seats = parameters.seats.copy()
    desk = int(parameters.slots.desk[0])
    seats[desk] = 0
    with pytest.raises(InputError) as error:
        parameters.check_open(seats)
    assert "1 desks have no seat, but policy 'integrated' can send work" in str(error.value)
    assert parameters.layout.name(desk) in str(error.value)


@pytest.mark.filterwarnings("ignore:policy 'integrated'")
def test_fixed_staff_opens_new_desks_with_one_seat_and_pays_for_them():
    fixed, siloed = (
        load([*QUICK, "staff.place=fixed", f"policy={p}"]) for p in ("integrated", "siloed")
    )
    new = fixed.policy.used & ~siloed.policy.used
    assert new.any()
    assert (fixed.seats[new].max(axis=1) == 1).all()
    assert (fixed.seats[siloed.policy.used] == siloed.seats[siloed.policy.used]).all()
    assert fixed.paid_by_desk.sum() > siloed.paid_by_desk.sum()


def test_ctrl_c_leaves_no_half_result(tmp_path, monkeypatch, capsys):
    import experiments.run as command

    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "_write_tables", stop)
    assert main(["run", *QUICK, f"results={tmp_path}"]) == 130
    assert "nothing half-written" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_that_the_compiler_swallows_still_ends_quietly(monkeypatch, capsys):
    import experiments.run as command

    def compiling(_):
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise RuntimeError("no compiled object yet") from None

    monkeypatch.setattr(command, "run", compiling)
    assert main(["run", *QUICK]) == 130
    assert "stopped" in capsys.readouterr().err


def test_an_error_of_ours_is_not_hidden(monkeypatch):
    import experiments.run as command

    def broken(_):
        raise RuntimeError("a fault")

    monkeypatch.setattr(command, "run", broken)
    with pytest.raises(RuntimeError, match="a fault"):
        main(["run", *QUICK])


def test_chinese_names_and_odd_paths_need_no_quotes(tmp_path, capsys):
    folder = tmp_path / "a b (1)"
    assert main(["run", *QUICK, f"results={folder}"]) == 0
    last = capsys.readouterr().out.strip().splitlines()[-1]
    assert last.startswith(f"results: {folder}")
    assert Path(last.removeprefix("results: ")).is_dir()
