"""The commands: where each is, and what `--help` tells of it."""

from typing import NamedTuple


class Command(NamedTuple):
    """A command: where its function is, what it does, how it is used."""

    place: str  # MODULE:FUNCTION, taking the overrides
    about: str
    examples: str
    more: str = ""  # what --help tells beside the settings


COMMANDS = {
    "run": Command(
        "experiments.run:run",
        "run one policy once",
        """\
  guantong run                               the siloed city, default settings
  guantong run city=tiny policy=integrated   a teaching city of 12 grids
  guantong run city.district=渝中区          one district, the others as background
  guantong run stream=trace stream.path=my.csv
                                             your own incidents
  guantong run clock=simpy city=tiny record=visits
  guantong run scenario=platform_outage policy=integrated
                                             the platform down twice a week
""",
    ),
    "compare": Command(
        "experiments.compare:compare",
        "compare policies on the same incidents (the main job)",
        """\
  guantong compare                                    siloed against integrated
  guantong compare policies=[siloed,integrated,paper] replications=10
  guantong compare policies=[siloed,integrated] staff.place=fixed
  guantong compare city=tiny horizon=short
""",
    ),
    "capacity": Command(
        "experiments.capacity:capacity",
        "find the largest volume that each policy carries, and what gives way first",
        """\
  guantong capacity                              siloed against integrated, the whole city
  guantong capacity city=tiny
  guantong capacity city.district=渝中区 capacity.replications=6
  guantong capacity 'capacity.volumes=[0.8,1,1.2,1.5,2]' capacity.tolerance=0.02
""",
    ),
    "trace": Command(
        "experiments.story:trace",
        "tell one incident's story under the compared policies",
        """\
  guantong trace                             the one that the second policy makes wait longest
  guantong trace incident=median city.district=渝中区
  guantong trace incident=random seed=7
  guantong trace incident=1312693802787405825 policies=[siloed,paper]
""",
        """\
incident=worst   the incident of the cohort whose closure latency grows most from the first
                 policy to the second (default)
incident=median  the one in the middle when all are put in order of that growth
incident=random  any one, drawn by the seed
incident=KEY     the one of this key, as in incidents/POLICY-0.parquet of `guantong compare
                 record=incidents`
An incident that is not solved counts as solved when the run ends. The run is replication 0 of
`guantong compare`.

""",
    ),
    "sweep": Command(
        "experiments.sweep:sweep",
        "run policies over a design of settings, kept point by point",
        """\
  guantong sweep city=tiny staff.target_utilisation=0.6,0.8 scenario=none,flood_season
  guantong sweep city=tiny 'sweep.over={mechanism.work.joint: [0, 0.25, 0.5]}'
  guantong sweep city=tiny 'sweep.over={mechanism.work.joint: {low: 0, high: 0.5},
                 staff.target_utilisation: {low: 0.6, high: 0.95}}' sweep.design=sobol
  guantong sweep city=tiny staff.target_utilisation=0.6,0.8 executor=processes
""",
        """\
KEY=A,B                       every value crossed with all else
sweep.over={KEY: [A, B]}      a setting and its values
sweep.over={KEY: {low: , high: }}
                              a setting and its range
sweep.design=grid             every combination (default)
sweep.design=lhs, sobol       sweep.points points by Latin hypercube or Sobol sequence
sweep.design=factorial        two values or both ends of each range, every combination
sweep.design=fractional       a fraction of that, of sweep.resolution 3 or 4
sweep.metric=NAME             what is drawn and told, of docs/tables.md
Points are kept in RESULTS/points as they finish: the same command goes on after a stop.
executor=threads, processes or dask with executor.address=tcp://HOST:PORT (docs/cluster.md).

""",
    ),
    "rollout": Command(
        "experiments.rollout:rollout",
        "compare plans of who goes over to which policy when, from one past on",
        """\
  guantong rollout                                    four plans from the cohort's first day on
  guantong rollout city=tiny rollout.only=[nobody,quarters] replications=3
  guantong rollout city=tiny rollout.fork=2024-11-04 rollout.check=true
  guantong rollout city=tiny rollout.only=[nobody,mine]
                 'rollout.futures={mine: {to: integrated, waves: [{after: 7, share: 1}]}}'
""",
        """\
rollout.futures={NAME: {to: POLICY, waves: [...], city_after: DAYS}}
                       plans by name, beside those of conf/rollout/default.yaml; a wave is
                       {after: DAYS, districts: [...]}, or zones: [...], or share: 0..1
rollout.only=[A,B]     the plans that count; the first is the reference
rollout.fork=DATE      from when on they differ (default: the first day of the cohort)
rollout.check=true     run each plan from the beginning, too, and compare to the last number
policy=NAME            the policy of the past (default: siloed)
What is common is run once. Replications are kept in RESULTS/points, as those of sweep.

""",
    ),
    "replicate": Command(
        "experiments.replicate:replicate",
        "replicate until the difference between policies is known well enough",
        """\
  guantong replicate city=tiny
  guantong replicate city=tiny replicate.half_width=2 replicate.relative=false
  guantong replicate city=tiny replicate.metric=on_time_share replicate.most=40
  guantong replicate city=tiny replicate.long_run=true horizon.cohort_days=280
""",
        """\
replicate.metric=NAME        what must be known well, of docs/tables.md
replicate.half_width=0.05    of the 95 % interval of the difference, as a share of it
replicate.relative=false     ... in the metric's unit
replicate.most, .minutes     the budget: replications, time
replicate.long_run=true      one long run, cut into batches
Runs are kept in RESULTS/points as they finish: the same command goes on after a stop, and a
larger budget from where a smaller one ended. docs/replications.md.

""",
    ),
    "choose": Command(
        "experiments.choose:choose",
        "find the best of several policies or settings with few runs",
        """\
  guantong choose city=tiny policies=[siloed,integrated,paper]
  guantong choose city=tiny policies=[siloed,integrated] staff.target_utilisation=0.7,0.8
  guantong choose city=tiny choose.metric=on_time_share choose.lowest=false choose.zone=0.01
""",
        """\
KEY=A,B                every value crossed with every policy: all of these are systems
choose.metric=NAME     whose mean decides, of docs/tables.md; choose.lowest=false: the highest
choose.zone=2          a difference that is worth telling apart, in the metric's unit
choose.alpha=0.05      chance of a wrong choice
choose.first, .most    replications before anyone drops out, and at which to give up
docs/choosing.md tells more.

""",
    ),
    "sensitivity": Command(
        "experiments.sensitivity:sensitivity",
        "find which assumptions the conclusion rests on",
        """\
  guantong sensitivity city=tiny
  guantong sensitivity city=tiny 'sensitivity.only=[detection,hotline,learning]'
  guantong sensitivity city=tiny sensitivity.stages=[break_even] sensitivity.steps=9
  guantong sensitivity city.district=渝中区 executor=processes
""",
        """\
sensitivity.metric=NAME         of docs/tables.md, or by_kind.KIND.COLUMN
sensitivity.stages=[morris,sobol,swings,break_even]
                                screening, shares of variance, one by one, levers (all by default)
sensitivity.only=[GROUP,...]    some of the groups of assumptions (conf/sensitivity)
sensitivity.trajectories=N      of the screening; each is a run more than there are groups
sensitivity.samples=N           of the shares of variance: a power of 2
assumptions={KEY: SHARE}        holds a number at a share of its range, in any command
Points are kept in RESULTS/points as they finish: the same command goes on after a stop.

""",
    ),
    "discover": Command(
        "experiments.discover:discover",
        "find where in the space of assumptions integration is better",
        """\
  guantong discover city=tiny
  guantong discover city=tiny discover.points=64 'discover.only=[detection,coordination]'
  guantong discover city=tiny discover.scenarios=[none,flood_season]
  guantong discover city=tiny discover.reduction=0.44
""",
        """\
discover.metric=NAME       of docs/tables.md, or by_kind.KIND.COLUMN
discover.better=lower      lower or higher: which is better
discover.reach=X           by how much the second policy must be better
discover.reduction=SHARE   or which share of the first policy's value it must take off
discover.quantile=SHARE    where all or no points are of interest: look for the worst or best
discover.scenarios=[A,B]   scenarios, as one more column
discover.only=[GROUP,...]  some of the groups of assumptions (conf/sensitivity)
discover.points=N          of the space; discover.design=lhs or sobol
Points are kept in RESULTS/points as they finish: the same command goes on after a stop.

""",
    ),
    "attribute": Command(
        "experiments.attribute:attribute",
        "split the gain of one policy over another among groups of levers",
        """\
  guantong attribute city=tiny                        siloed to integrated, six groups
  guantong attribute city.district=渝中区 attribute.metric=on_time_share
  guantong attribute attribute=levers attribute.orders=32
                                                      every lever for itself, sampled
  guantong attribute policies=[paper,siloed] replications=10
""",
        """\
attribute.groups={NAME: [KEY, ...]}  groups of a policy's settings, by what their keys begin with
attribute.metric=NAME                what is split, of docs/tables.md
attribute.orders=N                   pairs of orders that are drawn, with more than six groups
The shares are Shapley values on the same incidents; every coalition is a policy of its own, for
which staff is placed anew. Runs are kept: the same command goes on after a stop.

""",
    ),
    "counterfactual": Command(
        "experiments.counterfactual:counterfactual",
        "compare two policies incident by incident: who is made worse off",
        """\
  guantong counterfactual city=tiny                   siloed against integrated
  guantong counterfactual city.district=渝中区 counterfactual.told=5
  guantong counterfactual policies=[paper,integrated] counterfactual.fewest=50
""",
        """\
counterfactual.told=N    incidents of either end whose paths are told (replication 0)
counterfactual.fewest=N  incidents a replication below which a group is not ranked
`guantong trace incident=KEY` tells the whole story of one of them.

""",
    ),
    "verify": Command(
        "experiments.verify:verify",
        "hold reduced worlds against queueing theory",
        """\
  guantong verify                                     every world of conf/experiment/theory
  guantong verify worlds=[mmc,patience]
  guantong verify experiment=theory/mmc staff.seats.grid.grid=4
  guantong verify page=docs/verification.md           write the page, too
""",
    ),
    "overturn": Command(
        "experiments.overturn:overturn",
        "move every assumption to the ends of its range: what would overturn the finding",
        """\
  guantong overturn                                   the whole city: about a quarter of an hour
  guantong overturn city.district=渝中区 overturn.replications=3
""",
    ),
    "calibrate": Command(
        "experiments.calibrate:calibrate",
        "hold the model against what is known from outside it",
        """\
  guantong calibrate                                  the whole city: about two minutes
  guantong calibrate city.district=渝中区 calibrate.replications=6
  guantong calibrate facts=my_facts.yaml              your own facts, as in conf/facts.yaml
  guantong calibrate page=docs/calibration.md         renew the page, too
""",
        """\
facts=FILE  what is known, with its source (default: conf/facts.yaml)
page=FILE   a page whose part between two marks is written anew
Nothing is fitted: each fact is shown beside what the model gives, inside or outside of it.

""",
    ),
    "regimes": Command(
        "experiments.regimes:regimes",
        "show where integration loses and where it wins, each claim on fresh seeds",
        """\
  guantong regimes                                    every regime: about a quarter of an hour
  guantong regimes regimes=[integration_loses/false_alarms] replications=10
  guantong regimes seed=7 page=docs/regimes.md        other seeds; renew the page, too
""",
        """\
regimes=[NAME,...]  experiments of conf/experiment that state a claim (default: all of them)
page=FILE           a page whose part between two marks is written anew
A claim holds where the whole 95 % interval of the change lies beyond the share that is claimed.

""",
    ),
    "claim": Command(
        "experiments.claim:claim",
        "show under which assumptions the gain claimed for water comes out",
        """\
  guantong claim                                      seven sets of assumptions: about ten minutes
  guantong claim city.district=渝中区 page=docs/claim.md
""",
        """\
cases=[NAME,...]  some of the sets of assumptions (default: all of conf/experiment/water)
page=FILE         a page whose part between two marks is written anew
The sets are conf/experiment/water. Each is read as 80 % less time, and as 1.8 times as fast.

""",
    ),
    "evidence": Command(
        "experiments.evidence:evidence",
        "list what every number rests on: data, a source, an assumption",
        """\
  guantong evidence                                   the default settings
  guantong evidence policy=integrated mechanism.work.joint=0.3
""",
    ),
}
SETTINGS = """\
Settings are files in conf/: GROUP=NAME takes another file (city, catalogue, calendar, stream,
mechanism, staff, horizon, capacity, policy, split, executor, sweep, rollout, attribute, replicate,
choose, sensitivity, discover, scenario, experiment), GROUP.KEY=VALUE changes one number.
scenario=NAME lets something happen that staff is not planned for: flood_season, heat_wave,
cold_snap, mass_event, platform_outage, staff_shortage, false_alarm_flood.
Others: policies=[A,B], replications=N, seed=N, threads=N, clock=compiled|simpy,
record=summary|incidents|visits, results=FOLDER.
"""
