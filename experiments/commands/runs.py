"""Commands that run policies, or play them."""

from experiments.commands.command import Command

RUNS = {
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
    "cockpit": Command(
        "experiments.cockpit.serve:cockpit",
        "play the city live in the browser, two policies side by side",
        """\
  guantong cockpit city=tiny
  guantong cockpit                                    the whole city; a minute until it is warm
  guantong cockpit scenario=flood_season policies=[siloed,hybrid/half]
  guantong cockpit cockpit.port=9000 cockpit.show=false
  guantong cockpit cockpit.host=0.0.0.0               other machines, too: by the address printed
""",
        """\
policies=[A,B]         one policy, or two side by side on the same incidents
cockpit.port=8080      where it listens
cockpit.host=127.0.0.1 this machine alone; on any other address only with the token printed
cockpit.show=false     do not open a browser
The play begins where the warm-up ends. Needs the extra 'cockpit' (docs/cockpit.md).

""",
    ),
    "lab": Command(
        "experiments.lab:lab",
        "compare policies quickly in the toy city, for lessons",
        """\
  guantong lab policies=[siloed] stream.volume=1.5
  guantong lab policies=[siloed,lesson/pooled] mechanism.work.generalist=0
  guantong lab policies=[siloed,integrated] replications=12
  guantong lab page=docs/lesson_answers.md            write the answer key anew
""",
        """\
A comparison without figures on experiment=lesson: a second or two a run. docs/lesson.md is a lesson
of 90 minutes with four labs; any setting may be changed.

""",
    ),
}
