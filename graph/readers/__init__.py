"""Readers: child processes that each answer one query at a time, and can be killed at any moment.

`pool` and `process` are the parent's side, `child` and `sandbox` the child's, `frames` both.
"""
