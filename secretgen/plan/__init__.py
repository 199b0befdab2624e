"""Plans: what `terraform show -json` says, next to what the spec renders.

    plan = read_plan(file, text)
    for seen in judge(plan, root, files, environment).seen: ...

The rendered files are evaluated as Terraform would, so that a plan is compared with everything
that it may hold, and whatever else is in it is a finding.
"""
