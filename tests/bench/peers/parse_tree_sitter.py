"""Parses every HCL file below a folder with tree-sitter-hcl.

python parse_tree_sitter.py FOLDER
"""

import sys
from pathlib import Path

import tree_sitter_hcl
from tree_sitter import Language, Parser

parser = Parser(Language(tree_sitter_hcl.language()))
for pattern in ("*.tf", "*.tftest.hcl"):
    for file in Path(sys.argv[1]).rglob(pattern):
        parser.parse(file.read_bytes())
