"""`guantong calibrate log=FILE`: a model fitted to an event log; docs/calibrating.md."""
