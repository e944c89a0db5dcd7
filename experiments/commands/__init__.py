"""The commands: where each is, and what `--help` tells of it."""

from experiments.commands.checks import CHECKS
from experiments.commands.readers import READERS
from experiments.commands.runs import RUNS
from experiments.commands.studies import STUDIES

COMMANDS = RUNS | STUDIES | CHECKS | READERS
"""In the order in which `guantong --help` lists them."""

SETTINGS = """\
Settings are files in conf/: GROUP=NAME takes another file (city, catalogue, calendar, stream,
mechanism, staff, horizon, capacity, policy, split, executor, sweep, rollout, attribute, replicate,
choose, sensitivity, discover, fit, service, scenario, experiment), GROUP.KEY=VALUE changes one
number.
overlay=FOLDER: a folder of your own with such files, beside conf/.
scenario=NAME lets something happen that staff is not planned for: flood_season, heat_wave,
cold_snap, mass_event, platform_outage, staff_shortage, false_alarm_flood.
Others: policies=[A,B], replications=N, seed=N, threads=N, clock=compiled|simpy,
record=summary|incidents|visits, results=FOLDER.
"""
