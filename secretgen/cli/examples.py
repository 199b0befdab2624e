"""Examples and exit codes of the commands, for their help."""

from __future__ import annotations

_USAGE = "usage, settings, or a file that cannot be read or written"
_FINDINGS = "findings in a spec"
_ONLY_USAGE = {0: "fine", 2: _USAGE}
_SPEC_IS_READ = {0: "fine", 1: _FINDINGS, 2: _USAGE}

EXIT_CODES: dict[str, dict[int, str]] = {
    "": {
        0: "fine",
        1: _FINDINGS,
        2: _USAGE,
        3: "drift only",
        70: "an unexpected error, in one line",
        130: "interrupted",
    },
    "init": _ONLY_USAGE,
    "validate": _SPEC_IS_READ,
    "render": {
        0: "rendered, or nothing to do",
        1: f"{_FINDINGS}, or a change that is not allowed; nothing was written",
        2: _USAGE,
        3: "a file was edited by hand or is not secretgen's; nothing was written",
    },
    "check": {
        0: "the committed files are what the specs render to",
        1: _FINDINGS,
        2: _USAGE,
        3: "drift",
    },
    "diff": {
        0: "nothing is lost, or the spec allows it",
        1: f"{_FINDINGS}, or a change that loses something and is not allowed",
        2: _USAGE,
    },
    "import": {
        0: "imported, or nothing to import; what was left out is in the report",
        1: "errors in the spec; nothing was written",
        2: f"{_USAGE}; AWS refuses a call",
    },
    "gate": {
        0: "the plans do what the spec says, or what it allows",
        1: f"{_FINDINGS}, or in a plan",
        2: _USAGE,
    },
    "audit": {
        0: "AWS is as the spec says",
        1: f"{_FINDINGS}, or something in AWS that is broken",
        2: f"{_USAGE}; AWS cannot be asked, or denies a call",
        3: "AWS differs from the spec, and nothing is broken",
    },
    "compare": _SPEC_IS_READ,
    "references": _SPEC_IS_READ,
    "roots": _SPEC_IS_READ,
    "show": _SPEC_IS_READ,
    "access": {
        0: "as the spec says; with --who or --secret: somebody can read",
        1: f"{_FINDINGS}, or in what can be read; with --who or --secret: nobody can read",
        2: _USAGE,
    },
    "cost": _SPEC_IS_READ,
    "diagram": _SPEC_IS_READ,
    "explain": _ONLY_USAGE,
    "rules": _ONLY_USAGE,
    "schema": _ONLY_USAGE,
    "templates": _ONLY_USAGE,
    "templates list": _ONLY_USAGE,
    "templates eject": _ONLY_USAGE,
    "templates views": {0: "fine"},
}
"""What each code means, by command."""

EXAMPLES: dict[str, tuple[tuple[str, str], ...]] = {
    "": (
        ("secretgen init", "Begin a project here."),
        ("secretgen render", "Write the Terraform of every spec."),
        ("secretgen check", "List what drifted, as continuous integration does."),
    ),
    "init": (
        ("secretgen init", "Begin a project here; on a terminal it asks."),
        (
            "secretgen init infra --environment staging --region eu-central-1",
            "Begin one in another folder.",
        ),
    ),
    "validate": (
        ("secretgen validate", "Check every spec of the project."),
        ("secretgen validate specs/production.yaml --strict", "Let warnings fail, too."),
        (
            "secretgen validate --format sarif --output findings.sarif",
            "Write a file for code scanning, and text to the terminal.",
        ),
    ),
    "render": (
        ("secretgen render", "Render every spec of the project."),
        ("secretgen render --dry-run --diff", "See what would change."),
        (
            "secretgen render --force environments/production/secrets.tf",
            "Write over a file that somebody edited.",
        ),
    ),
    "check": (
        ("secretgen check", "Compare all that is committed."),
        ("secretgen check --no-diff", "Name secrets and attributes only."),
        ("secretgen check --base origin/main", "Judge what a branch changes as well."),
        ("secretgen check --format github", "Annotate a pull request."),
    ),
    "diff": (
        ("secretgen diff", "Show what the specs change, compared with the committed HCL."),
        ("secretgen diff --base origin/main", "Show what a branch changes."),
        ("secretgen diff --base origin/main --format markdown", "Write it for a pull request."),
    ),
    "gate": (
        ("secretgen gate --plan plan.json", "Judge a plan, from `terraform show -json`."),
        (
            "secretgen gate --plan plan.json --base origin/main --strict",
            "Compare with the base branch as well, and let warnings fail.",
        ),
        (
            "secretgen gate --plan plan.json --plan consumers/app-primary=app.json",
            "Judge several root modules at once.",
        ),
    ),
    "audit": (
        ("secretgen audit specs/production.yaml", "Compare the account with the spec."),
        (
            "secretgen audit specs/production.yaml --report evidence.md",
            "Write evidence by control for an auditor.",
        ),
        (
            "secretgen audit specs/production.yaml --from-dump dump.json --as-of 2027-03-01",
            "Audit without access to AWS, as of a day.",
        ),
        ("secretgen audit --print-policy", "Print the IAM policy that it requires."),
    ),
    "compare": (
        (
            "secretgen compare specs/staging.yaml specs/production.yaml",
            "Show what one environment lacks, and what differs beyond inputs.",
        ),
    ),
    "import": (
        ("secretgen import specs/production.yaml --dry-run", "See what AWS has and the spec not."),
        (
            "secretgen import specs/production.yaml --include 'prod/*' --exclude '*/test'",
            "Import some of it.",
        ),
        (
            "secretgen import specs/production.yaml --from-dump dump.json",
            "Import without access to AWS.",
        ),
        (
            "secretgen import specs/production.yaml --from-state state.json",
            "Take over from other Terraform code.",
        ),
    ),
    "references": (
        ("secretgen references app-primary --for eso", "Write manifests for Kubernetes."),
        (
            "secretgen references app-primary --for ecs --outputs outputs.json",
            "Write the secrets of a task definition, with complete ARNs.",
        ),
    ),
    "roots": (
        ("secretgen roots", "List the root modules in the order of their applies."),
        (
            "secretgen roots --kind environment --format json",
            "Give the environments to another tool.",
        ),
    ),
    "show": (
        ("secretgen show specs/production.yaml", "Show every setting and where it comes from."),
        ("secretgen show --secret prod/app/token --format json", "Show one secret to a program."),
    ),
    "access": (
        ("secretgen access", "List who can read and write what."),
        ("secretgen access --secret prod/app/token", "Ask who can read one secret."),
        ("secretgen access --who app-primary", "Ask what an account can read."),
        (
            "secretgen access --plan plan.json",
            "Ask what a plan opens, from `terraform show -json`.",
        ),
        (
            "secretgen access --who app-primary:secrets-reader --runbook",
            "Write what to close and to rotate after the role leaked.",
        ),
    ),
    "cost": (
        ("secretgen cost", "Estimate a month."),
        ("secretgen cost --compare origin/main", "See what a change costs."),
    ),
    "diagram": (
        ("secretgen diagram specs/production.yaml", "Draw it for Markdown, as Mermaid."),
        ("secretgen diagram specs/production.yaml --svg access.svg", "Draw a picture."),
        (
            "secretgen diagram specs/production.yaml --html report.html",
            "Write a page with diagram, access and cost.",
        ),
    ),
    "explain": (("secretgen explain SG305", "Explain a rule, with a wrong and a right example."),),
    "rules": (("secretgen rules", "List the rules."),),
    "schema": (
        ("secretgen schema > spec.schema.json", "Let an editor check specs."),
        ("secretgen schema --part > part.schema.json", "Let an editor check parts."),
    ),
    "templates": (("secretgen templates list", "List the templates."),),
    "templates list": (("secretgen templates list", "List them."),),
    "templates eject": (
        ("secretgen templates eject environment/README.md.j2", "Copy one template."),
        ("secretgen templates eject module --to own", "Copy a folder of them."),
    ),
    "templates views": (("secretgen templates views", "Read it."),),
}
"""Commands, and what they are for, by the command whose help shows them."""
