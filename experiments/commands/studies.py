"""Commands that run a study of many runs."""

from experiments.commands.command import Command

STUDIES = {
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
    "staff": Command(
        "experiments.staffing.command:staff",
        "find the smallest staff that gives a stated service, by centre, desk and shift",
        """\
  guantong staff                                 siloed against integrated: about ten minutes
  guantong staff city.district=渝中区 lang=zh
  guantong staff city=tiny service.targets.grave=0 service.targets.all=0.6
  guantong staff city=tiny service.targets.grave=0 service.budget=15000
  guantong staff scenario=flood_season service.scope=district
  guantong run policy=integrated staff.plan=results/staff-.../plan-integrated.csv
""",
        """\
service.targets.grave=0.95   share of grades I and II to be closed within the limit; 0: none
service.targets.all=0.9      share of all incidents
service.scope=district       in every district, in place of on the whole
service.counts=solved        truly solved within the limit, in place of closed
service.budget=HOURS         the best service for so many paid hours a week, in place of the
                             smallest staff
service.unreachable=stop     an error where no staff reaches a target (default: lower it)
lang=zh                      Chinese headers and names in the tables for offices
The horizon is horizon=weeks where none is stated. Runs are kept in RESULTS/points as they finish:
the same command goes on after a stop. docs/staffing.md tells what is guaranteed.

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
}
