"""Commands that hold the model against what is known, or claimed."""

from experiments.commands.command import Command

CHECKS = {
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
        "hold the model against what is known, or fit it to an event log",
        """\
  guantong calibrate                                  the whole city: about two minutes
  guantong calibrate city.district=渝中区 calibrate.replications=6
  guantong calibrate facts=my_facts.yaml              your own facts, as in conf/facts.yaml
  guantong calibrate page=docs/calibration.md         renew the page, too
  guantong calibrate log=my_log.csv                   fit a model to an event log of yours
  guantong calibrate log=my_log.xes.gz columns=my_columns.yaml zone=Asia/Shanghai
""",
        """\
facts=FILE  what is known, with its source (default: conf/facts.yaml)
page=FILE   a page whose part between two marks is written anew
Nothing is fitted: each fact is shown beside what the model gives, inside or outside of it.

log=FILE      with it, a model is fitted: an event log as CSV, XES or OCEL 2.0 JSON, also .gz
columns=FILE  YAML: what its columns, activities and values mean (docs/calibrating.md)
zone=NAME     the time zone whose clock counts (default: the one that most stamps have)
fit.held_out=SHARE, fit.least=N, ...  of conf/fit
Then `guantong compare overlay=FIT/overlay experiment=fit` runs on what was fitted, and
`experiment=replay` on the log's own incidents.

""",
    ),
    "regimes": Command(
        "experiments.regimes:regimes",
        "show where integration loses and where it wins, each claim on fresh seeds",
        """\
  guantong regimes                                    every regime: about a quarter of an hour
  guantong regimes regimes=[integration_loses/outages] replications=10
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
}
