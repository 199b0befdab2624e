"""Run Terraform in a work folder: clean environment, time limit, output kept for inspection."""

import json
import os
import re
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.harness.commands import search_path
from tests.harness.install import Installation, find_installation
from tests.harness.providers import attached

GRACE_SECONDS = 30
NO_CHANGES, FAILED, CHANGES = 0, 1, 2
CHECKSUMS = re.compile(r"^  hashes = \[\n.*?^  \]\n", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Run:
    """One call of Terraform that has ended."""

    arguments: tuple[str, ...]
    code: int
    stdout: str
    stderr: str
    seconds: float

    @property
    def text(self) -> str:
        """Everything the call printed."""
        return self.stdout + self.stderr


class TerraformFailedError(AssertionError):
    """A call ended otherwise than the test expects; shows its errors, or the end of its output."""

    def __init__(self, run: Run, why: str) -> None:
        """Say which call it was and `why` that is wrong."""
        shown = run.stderr if run.code == FAILED and run.stderr else run.text
        super().__init__(f"terraform {' '.join(run.arguments)}: {why}\n{shown[-6000:]}")
        self.run = run


@dataclass
class Terraform:
    """Terraform in one work folder.

    Attributes:
        folder: the root module.
        scratch: an empty folder for HOME, temporary files and saved plans.
        environment: variables beyond the clean base, such as `LocalAws.environment()`.
        variables: input variables, passed as TF_VAR_*; the values never reach the command line.
        runs: every call so far, oldest first; what canaries are searched in.
        starts_providers: Terraform starts the provider itself, once for each `provider` block and
            call, and reads all of its schemas; else it finds one that runs (`providers.attached`).
    """

    folder: Path
    scratch: Path
    environment: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    installation: Installation = field(default_factory=find_installation)
    starts_providers: bool = False

    @property
    def plan_file(self) -> Path:
        """Where `plan` saves the plan."""
        return self.scratch / "saved.tfplan"

    def init(self, *arguments: str) -> Run:
        """`terraform init` from the mirror alone, without the network."""
        mirror = f"-plugin-dir={self.installation.mirror}"
        run = self._call("init", "-input=false", mirror, *arguments, limit=120)
        self._forget_checksums()
        return run

    def validate(self) -> list[dict[str, Any]]:
        """`terraform validate -json`: its diagnostics, empty when all is well."""
        run = self._call("validate", "-json", limit=120, expect=(NO_CHANGES, FAILED))
        diagnostics: list[dict[str, Any]] = json.loads(run.stdout)["diagnostics"]
        return diagnostics

    def fmt_check(self, folder: Path | None = None) -> Run:
        """`terraform fmt -check -recursive -diff`; fails with the diff that it would make."""
        arguments = ("fmt", "-check", "-recursive", "-diff", str(folder or self.folder))
        return self._call(*arguments, limit=120)

    def plan(self, *arguments: str, expect: tuple[int, ...] = (NO_CHANGES, CHANGES)) -> Run:
        """`terraform plan`, saved in `plan_file`; code 0 is "no changes", 2 is "changes"."""
        saved = f"-out={self.plan_file}"
        fixed = ("plan", "-input=false", "-detailed-exitcode", saved)
        return self._call(*fixed, *arguments, limit=300, expect=expect)

    def assert_no_changes(self, *arguments: str) -> Run:
        """Plan, and fail with the whole plan if it holds any change."""
        run = self.plan(*arguments)
        if run.code != NO_CHANGES:
            raise TerraformFailedError(run, "the plan should be empty")
        return run

    def show_json(self, plan: Path | None = None) -> dict[str, Any]:
        """`terraform show -json` of a saved plan (by default the last one)."""
        run = self._call("show", "-json", str(plan or self.plan_file), limit=120)
        shown: dict[str, Any] = json.loads(run.stdout)
        return shown

    def apply(self, *arguments: str, expect: tuple[int, ...] = (0,), limit: float = 600) -> Run:
        """`terraform apply` without asking; pass `str(plan_file)` to apply a saved plan."""
        fixed = ("apply", "-input=false", "-auto-approve")
        return self._call(*fixed, *arguments, limit=limit, expect=expect)

    def destroy(self, *arguments: str, expect: tuple[int, ...] = (0,)) -> Run:
        """`terraform destroy` without asking, of what the state says: a plan has just read it."""
        fixed = ("destroy", "-input=false", "-auto-approve", "-refresh=false")
        return self._call(*fixed, *arguments, limit=600, expect=expect)

    def state(self) -> dict[str, Any]:
        """`terraform state pull`, decoded."""
        pulled: dict[str, Any] = json.loads(self._call("state", "pull", limit=60).stdout)
        return pulled

    def shown_state(self) -> str:
        """What `terraform show -json` prints of the state."""
        return self._call("show", "-json", limit=60).stdout

    def addresses(self) -> list[str]:
        """`terraform state list`: the address of every resource instance."""
        return self._call("state", "list", limit=60).stdout.split()

    def outputs(self) -> dict[str, Any]:
        """`terraform output -json`: each output's value by its name."""
        shown = json.loads(self._call("output", "-json", limit=60).stdout)
        return {name: output["value"] for name, output in shown.items()}

    def test(self, *arguments: str, expect: tuple[int, ...] = (0,)) -> Run:
        """`terraform test`."""
        return self._call("test", *arguments, limit=300, expect=expect)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a call and return at once; end it with `finish`."""
        return self._open([str(self.installation.command), *_without_colour(arguments)], {})

    def shell(self, script: str, *, limit: float = 300) -> Run:
        """Run a script of a document in the folder, with a Terraform that asks nothing.

        Its `secretgen` and `aws` are those of `commands`.
        """
        answers = {
            "PATH": search_path(),
            "TF_CLI_ARGS_init": f"-input=false -force-copy -plugin-dir={self.installation.mirror}",
            "TF_CLI_ARGS_apply": "-input=false -auto-approve",
            "TF_CLI_ARGS_destroy": "-input=false -auto-approve",
            "TF_CLI_ARGS_plan": "-input=false -no-color",
        }
        process = self._open(["bash", "-euo", "pipefail", "-c", script], answers)
        run = self.finish(process, ("shell", script), limit)
        if run.code:
            raise TerraformFailedError(run, f"exit code {run.code}")
        return run

    def _open(self, command: list[str], extra: dict[str, str]) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=self._clean_environment() | extra,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def finish(
        self, process: subprocess.Popen[str], arguments: tuple[str, ...], limit: float
    ) -> Run:
        """Wait for a started call at most `limit` seconds, then interrupt it, then kill it.

        An interrupt lets Terraform release its lock and write its state; a kill does not. Whatever
        ends the waiting ends the call: nothing is created once a test is over.

        Raises:
            TerraformFailedError: the call took longer than `limit`.
        """
        begun = time.monotonic()
        late = False
        try:
            out, err = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            late = True
            out, err = _interrupted(process)
        except BaseException:
            _interrupted(process)
            raise
        run = Run(arguments, process.returncode, out, err, time.monotonic() - begun)
        self.runs.append(run)
        if late:
            raise TerraformFailedError(run, f"not finished after {limit:.0f} s")
        return run

    def _call(self, *arguments: str, limit: float, expect: tuple[int, ...] = (0,)) -> Run:
        run = self.finish(self.start(*arguments), arguments, limit)
        if run.code not in expect:
            raise TerraformFailedError(run, f"exit code {run.code}, expected {expect}")
        return run

    def _forget_checksums(self) -> None:
        """Spare every later call from reading the whole provider, 700 MB, to compare its checksum.

        `init` has just compared it; Terraform compares nothing where the lock file has none.
        """
        lock = self.folder / ".terraform.lock.hcl"
        if lock.exists():
            lock.write_text(CHECKSUMS.sub("", lock.read_text()))

    def _clean_environment(self) -> dict[str, str]:
        """Nothing of the host's: no credentials, no configuration, no plugin cache, no proxies."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.scratch),
            # Providers have sockets there, whose paths hold 108 bytes.
            "TMPDIR": tempfile.gettempdir(),
            "TF_IN_AUTOMATION": "1",
            "TF_CLI_CONFIG_FILE": os.devnull,
            "CHECKPOINT_DISABLE": "1",
            "AWS_EC2_METADATA_DISABLED": "true",
            # Memory for time: a quarter of a call would be the collection of garbage. Another
            # thread would wait for work most of the time, and spin.
            "GOGC": "400",
            "GOMAXPROCS": "1",
            **{f"TF_VAR_{name}": value for name, value in self.variables.items()},
            **self.environment,
            **({} if self.starts_providers else attached(self.installation, self._of_provider())),
        }

    def _of_provider(self) -> dict[str, str]:
        """What of the environment a provider looks at."""
        return {name: text for name, text in self.environment.items() if name.startswith("AWS_")}


def _interrupted(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Ends a call, and returns what it printed."""
    process.send_signal(signal.SIGINT)
    try:
        return process.communicate(timeout=GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return process.communicate()


def _without_colour(arguments: tuple[str, ...]) -> list[str]:
    """Put -no-color after the command word, except where Terraform does not know it."""
    if arguments[0] == "state":
        return list(arguments)
    return [arguments[0], "-no-color", *arguments[1:]]
