"""HCL as text. Knows nothing of secrets, and neither reads nor writes a file of the user's.

Writing:

- `encode.encode(value, indent=0)`: a Python value as a literal; `encode.reference(...)` and
  `encode.call(...)` make the only code there can be; `encode.identifier` and `encode.comment` check
  or clean text for a name and for a comment line.
- `align.align(text)`: the columns of `terraform fmt`.

Reading, which shares no code with writing:

- `decode.parse(text, file)`: a file as `hcl_nodes.Body`, each value with its place.
- `decode.split(text, file)`: its top-level items, to parse some of them only.
- `tokens.HclSyntaxError`: what both raise, and nothing else.
"""
