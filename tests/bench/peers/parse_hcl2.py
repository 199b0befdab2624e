"""Parses every HCL file below a folder with python-hcl2, as it comes.

python parse_hcl2.py FOLDER
"""

import sys
from pathlib import Path

import hcl2

for pattern in ("*.tf", "*.tftest.hcl"):
    for file in Path(sys.argv[1]).rglob(pattern):
        hcl2.loads(file.read_text(encoding="utf-8"))
