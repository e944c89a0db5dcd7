"""The decision rules: small compiled functions of rows and settled state.

A rule reads the world, an incident's row and a task's row, draws keyed random numbers, and
writes the rows; it never touches events, waiting lists or seats. Rules that decide what comes
next return one of the commands of `sim.codes`, the only ones that the clocks know.
"""
