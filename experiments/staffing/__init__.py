"""`guantong staff`: the smallest staff that meets a service level (docs/staffing.md)."""
