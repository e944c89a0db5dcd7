"""Tables in, numbers and figures out. Imports `sim` only; knows nothing of how a run was made."""
