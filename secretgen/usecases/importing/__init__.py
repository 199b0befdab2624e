"""The use case of moving in: the secrets of an account come into a spec, as they are.

`select` says which secrets can come in, `policy_meaning` what their resource policies mean in the
words of a spec, `spec_entries` writes them as entries, and `import_proof` compares what a spec
would deploy with what there is. `addresses` is about the Terraform state that managed them before.
"""
