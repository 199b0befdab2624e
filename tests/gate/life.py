"""An environment that lives on the local AWS: applied once, then changed and planned many times."""

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from secretgen.cli import run
from tests.harness.aws import LocalAws
from tests.harness.cycle import prepare
from tests.harness.terraform import Terraform
from tests.rendered import write_spec

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:rotate"
SERVICE_SECRET = (
    "arn:aws:secretsmanager:us-east-1:123456789012:secret:"
    "rds!cluster-6d0a3f1e-1111-4a7b-8c9d-0e1f2a3b4c5d-AbCdEf"
)
SPEC = f"""
version: 1
environment: life
aws: {{ account_id: "123456789012", region: us-east-1 }}
backend: {{ bucket: test-terraform-state, locking: s3 }}
accounts:
  app: {{ id: "111111111111", role: reader }}
keys: {{ shared: {{}}, going: {{}} }}
defaults: {{ deletion_protection: false, kms_key: shared }}
secrets:
  app/gone: {{ kms_key: dedicated, description: The one that goes }}
  app/moving: {{ kms_key: going }}
  app/protected: {{ deletion_protection: true }}
  app/read: {{ readers: [app] }}
  app/shared:
    readers: [app]
    writers: [{{ account: app, role: writer }}]
    exclusive: {{ except: [terraform] }}
    replicas: [eu-west-1]
    notify_readers: true
  app/theirs: {{ readers: [app], policy: unmanaged }}
  app/rekeyed: {{ kms_key: dedicated }}
  app/rotated:
    rotation: {{ lambda_arn: "{FUNCTION}", every_days: 30 }}
  app/static: {{ value: {{ from: variable }} }}
  app/west: {{ replicas: [us-west-2] }}
  app/two: {{ kms_key: dedicated, replicas: [eu-west-1, us-west-2] }}
  app/unrotated: {{ rotation: {{ lambda_arn: "{FUNCTION}", every_days: 30 }} }}
  app/unrotating: {{ value: {{ from: variable }} }}
service_secrets:
  orders: {{ arn: "{SERVICE_SECRET}", rotation: {{ every_days: 30 }} }}
"""
LOCAL = 'terraform {\n  backend "local" {}\n}\n'


def edited(text, *replacements):
    """Replaces parts of a text; each has to be there once."""
    for old, new in replacements:
        assert text.count(old) == 1, (text.count(old), old)
        text = text.replace(old, new)
    return text


@dataclass
class Life:
    """A project with one environment and its state.

    Attributes:
        aws: the local AWS.
        root: the project.
        scratch: an empty folder.
        spec: the text of the spec that was rendered last.
        folder: the root module.
    """

    aws: LocalAws
    root: Path
    scratch: Path
    spec: str = SPEC
    name: str = "life"
    terraform: Terraform = field(init=False)

    def __post_init__(self):
        self.folder = self.root / "environments" / self.name
        values = {"app__static": "value-7c2a", "app__unrotating": "value-9d1e"}
        self.terraform = Terraform(
            self.folder, self.scratch, environment=self.aws.environment(), variables=values
        )

    def render(self, text):
        """Renders a spec into the project."""
        self.spec = text
        write_spec(self.root, text, self.name)
        assert run(["render", "--root", str(self.root)]) == 0
        self._keep_state_here()

    def _keep_state_here(self):
        for folder in (self.folder, self.folder / "consumers/app"):
            (folder / "zz_backend_override.tf").write_text(LOCAL)

    def begin(self):
        """Renders and applies the spec, and commits it."""
        (self.root / "secretgen.toml").write_text("atlantis = true\n")
        self.render(self.spec)
        prepare(self.aws, self.folder)
        self.terraform.init()
        self.terraform.apply()
        self.commit("Begin")

    @property
    def consumer(self):
        """The root module of the reader's account."""
        folder = self.folder / "consumers/app"
        return Terraform(folder, self.scratch, self.aws.in_account("111111111111").environment())

    def begin_consumer(self):
        """Applies the root module of the reader's account."""
        (self.folder / "consumers/app/zz_backend_override.tf").write_text(LOCAL)
        self.consumer.init()
        self.consumer.apply()

    def commit(self, message):
        """Commits the project to Git."""
        git = ["git", "-C", str(self.root), "-c", "user.name=t", "-c", "user.email=t@example.com"]
        if not (self.root / ".git").exists():
            subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
            ignored = ".terraform*\n*.tfstate*\nzz_*\nplans/\n"
            (self.root / ".gitignore").write_text(ignored)
        subprocess.run([*git, "add", "-A"], check=True)
        subprocess.run([*git, "commit", "-qm", message], check=True)

    def back(self):
        """Goes back to the tree that was committed, and to the spec of it."""
        subprocess.run(["git", "-C", str(self.root), "checkout", "-q", "."], check=True)
        subprocess.run(["git", "-C", str(self.root), "clean", "-qfd"], check=True)
        self._keep_state_here()

    def edit(self, edits):
        """Changes files of the root module by hand: file, old text and new text."""
        for file, old, new in edits:
            path = self.folder / file
            path.write_text(edited(path.read_text(), (old, new)) if old else new)

    def plan(self, terraform, *options, init=True, expect=(0, 2)):
        """Plans; returns the JSON of the plan."""
        if init:
            terraform.init()
        terraform.plan(*options, expect=expect)
        return json.dumps(terraform.show_json())


def gate(root, plan, capsys, *options, name=""):
    """Runs `secretgen gate`; returns its exit code and findings."""
    given = f"{name}={plan}" if name else str(plan)
    capsys.readouterr()
    code = run(["gate", "--root", str(root), "--plan", given, "--format", "json", *options])
    found = json.loads(capsys.readouterr().out)
    return code, found["diagnostics"]


def rules(diagnostics, *, allowed=False):
    """Returns rule and summary of findings, without those that are allowed."""
    return sorted({(d["rule"], d["summary"]) for d in diagnostics if allowed or "allowed" not in d})
