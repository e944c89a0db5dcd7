"""Commands that read what others wrote, or the settings themselves."""

from experiments.commands.command import Command

READERS = {
    "report": Command(
        "experiments.report.command:report",
        "make one page that anybody can read of a results folder",
        """\
  guantong report run=results/compare-20261123-101500
  guantong report run=results/compare-20261123-101500 lang=zh
  guantong report run=results/compare-20261123-101500 district=渝中区 to=yuzhong.html
""",
        """\
run=FOLDER         of any command's results
lang=en|zh         language of page and figures; zh needs a font with Chinese characters
district=NAME      a district's own page, of a comparison
with=[FOLDER,...]  studies to take in; by default those beside it that have its fingerprint
to=FILE            where the page goes (default: report.html in the folder)
edited=true        report on a folder that was edited, and say so on the page
It takes no settings of conf/. docs/report.md tells more.

""",
        takes_settings=False,
    ),
    "export": Command(
        "experiments.export.command:export",
        "write the recorded visits of a run as an event log, for process mining",
        """\
  guantong export run=results/run-20261123-120000                 as XES, beside the folder
  guantong export run=results/run-20261123-120000 format=ocel to=log.json
  guantong export run=results/compare-20261123-120000 policy=integrated replication=1 format=csv
  guantong export run=results/run-20261123-120000 gzip=true lang=zh
""",
        """\
run=FOLDER       results of `guantong run` or `compare` with record=visits
format=xes       XES (IEEE 1849), a trace a case (default)
format=ocel      OCEL 2.0 in JSON, incidents, reports, desks and places as objects
format=csv       a row an activity
to=FILE          where to (default: beside the folder); replace=true writes over a file
gzip=true        compressed
policy=NAME      of a comparison (default: its first); replication=N likewise (default: 0)
lang=zh          names of places, desks and kinds in Chinese (default: en)
docs/export.md says what is in it.

""",
        takes_settings=False,
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
