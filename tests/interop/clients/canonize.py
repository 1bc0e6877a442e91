# pyright: basic, reportMissingImports=false
"""Print the SHA-256 of the canonical N-Quads of a file of N-Quads or JSON-LD."""

import hashlib
import json
import sys
from pathlib import Path

from pyld import jsonld

path = Path(sys.argv[1])
text = path.read_text(encoding="utf-8")
options = {"algorithm": "URDNA2015", "format": "application/n-quads"}
if path.suffix == ".jsonld":
    said = jsonld.normalize(json.loads(text), options)
else:
    said = jsonld.normalize(text, {**options, "inputFormat": "application/n-quads"})
sys.stdout.write(f"{hashlib.sha256(said.encode()).hexdigest()}\n")
