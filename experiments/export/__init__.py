"""`guantong export`: the visits of a run as an event log, for programs of process mining."""
