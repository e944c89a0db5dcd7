"""Estimation from event logs: arrays in, estimates with their intervals out."""
