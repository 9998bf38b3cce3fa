"""The report for people: what each end-to-end test sent, ran and read, on one page.

recorder    what the test that runs does is written down, by whatever does it        (in each process)
plugin      pytest's reports carry that to the process that writes the page
model       checks in groups, out of pytest's reports
path        the request path, drawn
render      all of it as one HTML file that needs neither network nor script
"""

from tests.tools.environments import ROOT

DIRECTORY = ROOT / ".tox" / "e2e" / "report"
PAGE = "index.html"
