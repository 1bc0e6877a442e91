# pyright: basic, reportMissingImports=false
"""Read the answer to a query as a table with pandas: with_pandas.py ENDPOINT QUERY-FILE."""

import json
import sys
from pathlib import Path
from urllib.parse import urlencode

import pandas as pd

endpoint, query = sys.argv[1:3]
text = Path(query).read_text(encoding="utf-8")
frame = pd.read_csv(
    f"{endpoint}?{urlencode({'query': text})}", storage_options={"Accept": "text/csv"}, dtype=str
)
rows = [
    {str(name): {"value": value} for name, value in row.items()} for row in frame.to_dict("records")
]
json.dump({"results": {"bindings": rows}}, sys.stdout)
