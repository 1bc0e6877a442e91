# pyright: basic, reportMissingImports=false
"""Reconcile names with the package reconciler: with_reconciler.py SERVICE TYPE NAME..."""

import json
import sys

import pandas
from reconciler import reconcile

service, kind, *names = sys.argv[1:]
found = reconcile(pandas.Series(names), type_id=kind, reconciliation_endpoint=service)
rows = found[["input_value", "id", "match"]].to_dict("records")
json.dump([{name: str(value) for name, value in row.items()} for row in rows], sys.stdout)
