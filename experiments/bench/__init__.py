"""How fast it is: what `make bench` measures, a file a thing, and the page that tells of it.

Each suite is a function `suite(form)` that yields rows to be measured side by side (`rounds`).
tests/test_benchmarks.py runs them by pytest-benchmark; `page` writes docs/benchmarks.md. Nothing
here is ever asserted of a time.
"""

SUITES = ("years", "scaling", "services", "tandems", "threads", "records", "starts", "clocks")
"""The modules that hold a suite, in the order of the page."""
