"""How many seats: textbook sizing of a desk, and the search of a plan by simulation.

Pure computation: a plan is seats by slot (a shift of a desk), and what it brings is told by a
function of the caller's.
"""
