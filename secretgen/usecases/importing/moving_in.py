"""Puts the secrets of an account into the text of a spec."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from msgspec import Struct
from msgspec.structs import replace

from secretgen.diagnostics import Diagnostic
from secretgen.live.account import LiveAccount, LiveSecret
from secretgen.live.state import State
from secretgen.model.environment import Environment
from secretgen.spec.edit import EditError, append, insert
from secretgen.spec.load import LoadedSpec
from secretgen.spec.schema import Spec
from secretgen.usecases.importing import import_proof
from secretgen.usecases.importing.addresses import Takeover, immovable_secrets, takeover
from secretgen.usecases.importing.existing import Rebuilding, rebuilding
from secretgen.usecases.importing.import_options import Options
from secretgen.usecases.importing.key_choices import (
    KeyChoices,
    UnknownKeyError,
    account_names,
    adopt,
)
from secretgen.usecases.importing.outcome import ImportedSecret, Outcome
from secretgen.usecases.importing.policy_meaning import Access, Inexpressible, RoleOf, access_of
from secretgen.usecases.importing.select import Skipped, immovable, skipped, unknown_policy
from secretgen.usecases.importing.spec_entries import (
    Candidate,
    Entry,
    account_entries,
    adopted,
    ignore_entries,
    import_entry,
    key_entry,
    key_import_entry,
    new_roles,
    role_texts,
    secret_entry,
)
from secretgen.usecases.importing.target import Target, described_elsewhere

_UNMANAGED_HINT = "Run with --policy unmanaged to import it and leave its policy as it is."


class _Draft(Struct, frozen=True):
    """A text that may be the new spec.

    Args:
        text: the text.
        loaded: what it says.
        takeover: what becomes of old addresses.
        imports: what each entry of `changes` is about, from the first new one on.
        accounts: names of the accounts with roles, by id.
    """

    text: str
    loaded: LoadedSpec
    takeover: Takeover | None
    imports: tuple[str, ...]
    accounts: Mapping[str, str]


@dataclass
class MovingIn:
    """One import, step by step.

    Args:
        target: the spec.
        base: its text, or that of a new one.
        spec: what that says.
        environment: the same, resolved.
        account: what there is.
        state: the state that it is from, if any.
        options: what the user asked for.
    """

    target: Target
    base: str
    spec: Spec
    environment: Environment
    account: LiveAccount
    state: State | None
    options: Options
    _candidates: dict[str, Candidate] = field(default_factory=dict)
    _left_out: dict[str, Skipped] = field(default_factory=dict)
    _skipped: list[Skipped] = field(default_factory=list)
    _notes: dict[str, list[str]] = field(default_factory=dict)
    _keys: KeyChoices = field(init=False)
    _rebuilding: Rebuilding = field(default_factory=Rebuilding)
    _unwritten: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _present: int = 0
    _unwanted: int = 0

    def run(self) -> Outcome:
        """Writes the new text, with every secret whose entry says what is there."""
        self._select()
        if self.options.existing:
            self._rebuilding = rebuilding(self.environment, self.account, self.options)
        while True:
            draft = self._draft()
            errors = self.target.errors(draft.loaded) if self._candidates else []
            if errors and not self._drop_wrong(errors, draft):
                return self._outcome(None, tuple(errors))
            if not errors and not self._drop_different(draft):
                return self._outcome(draft)

    def _select(self) -> None:
        elsewhere = described_elsewhere(self.target, self.account.account_id, self.account.region)
        addresses = immovable_secrets(self.state, self.options.state) if self.state else {}
        for secret in self.account.secrets:
            if not self.options.wants(secret.name, secret.tags):
                self._unwanted += 1
            elif secret.name in self.spec.secrets:
                self._present += 1
            elif reason := skipped(secret, retained=self.options.retained):
                self._skipped.append(reason)
            elif address := addresses.get(secret.arn):
                self._skipped.append(immovable(secret, address))
            elif secret.name in elsewhere:
                self._skipped.append(Skipped(secret.name, f"{elsewhere[secret.name]} has it"))
            else:
                self._judge(secret)

    def _judge(self, secret: LiveSecret) -> None:
        outside = [a.id for a in self.spec.accounts.values() if not a.in_organization]
        access = access_of(secret, self.spec.aws.organization_id or "", outside)
        if not secret.policy_known and self.options.policy != "unmanaged":
            self._skipped.append(unknown_policy(secret))
        elif not secret.policy_known:
            self._candidates[secret.name] = Candidate(secret, unmanaged=True)
        elif isinstance(access, Access):
            self._candidates[secret.name] = Candidate(secret, access)
        else:
            self._cannot_express(secret, access)

    def _cannot_express(self, secret: LiveSecret, why: Inexpressible) -> None:
        """Leaves the policy of a secret as it is, or leaves out the secret."""
        if self.options.policy == "unmanaged":
            self._candidates[secret.name] = Candidate(secret, unmanaged=True)
            return
        self._candidates.pop(secret.name, None)
        reason = f"a spec cannot express its policy: {why.reason}"
        self._left_out[secret.name] = Skipped(secret.name, reason, _UNMANAGED_HINT, why.statement)

    def _leave_out(self, name: str, reason: str, hint: str = "") -> None:
        del self._candidates[name]
        self._left_out[name] = Skipped(name, reason, hint)

    def _draft(self) -> _Draft:
        """Writes all candidates into the spec."""
        self._drop_unknown_keys()
        candidates = list(self._candidates.values())
        self._keys = KeyChoices(self.account)
        if self.options.keys == "adopt":
            self._keys = adopt(self.account, [c.secret for c in candidates], self.spec)
        known = self.spec.accounts
        roles = [role for c in candidates for role in c.access.roles]
        known_ids = {account.id: name for name, account in known.items()}
        of_roles = (role.account_id for role in roles)
        names = account_names(of_roles, known_ids, self.account.account_id)
        accounts = account_entries(roles, names, known)
        texts = role_texts(roles, names, known, accounts)
        keys = adopted(self.account, self._keys)
        secrets = {c.name: secret_entry(c, self.spec, self._keys, texts) for c in candidates}
        taken = None
        if self.state is not None:
            taken = takeover(self.state, candidates, self._keys.adopted, self.options.state)
        imports: list[tuple[str, Entry]] = [
            *((name, key_import_entry(name, key)) for name, key in keys.items()),
            *((c.name, import_entry(c)) for c in candidates),
        ]
        changes = [(name, entry) for name, entry in imports if not (taken and taken.moves(entry))]
        moved = taken.changes if taken and candidates else ()
        text = insert(self._with_roles(roles, names), ("accounts",), accounts)
        text = insert(text, ("keys",), {name: key_entry(key) for name, key in keys.items()})
        text = insert(text, ("secrets",), secrets)
        entries = [*(entry for _, entry in changes), *moved, *self._rebuilding.entries]
        text = append(text, ("changes",), entries)
        ignored = [entry for c in candidates for entry in ignore_entries(c, self._keys)]
        text = append(text, ("ignore",), ignored)
        loaded = self.target.load(text) if candidates else self.target.with_placeholder(text)
        return _Draft(text, loaded, taken, tuple(name for name, _ in changes), names)

    def _with_roles(self, roles: list[RoleOf], names: Mapping[str, str]) -> str:
        """Returns the text of the spec, with the new roles of its accounts."""
        text, self._unwritten = self.base, {}
        declared = {(a.name, r.name) for a in self.environment.accounts for r in a.roles}
        found = new_roles(roles, names, self.spec.accounts, declared)
        for account, entries in found.items():
            try:
                text = insert(text, ("accounts", account, "roles"), entries)
            except EditError:
                self._unwritten[account] = tuple(entries)
        return text

    def _drop_unknown_keys(self) -> None:
        keys = KeyChoices(self.account)
        for candidate in list(self._candidates.values()):
            try:
                keys.of_secret(candidate.secret)
                for replica in candidate.secret.replicas:
                    keys.of_replica(replica.kms_key, replica.region)
            except UnknownKeyError as error:
                hint = "Allow kms:DescribeKey, or add the answer of describe-key to the dump."
                self._leave_out(candidate.name, str(error), hint)

    def _drop_wrong(self, errors: list[Diagnostic], draft: _Draft) -> bool:
        """Leaves out the secrets that errors are about; returns False if there are none."""
        first = {name: e for e in reversed(errors) for name in self._concerned(e, draft)}
        wrong = {name: error for name, error in first.items() if name in self._candidates}
        for name, error in wrong.items():
            candidate = self._candidates[name]
            # What is wrong may be the roles that its policy names.
            if candidate.access.roles and self.options.policy == "unmanaged":
                self._candidates[name] = Candidate(candidate.secret, unmanaged=True)
                continue
            hint = f"`secretgen explain {error.rule}` explains it."
            self._leave_out(name, f"{error.rule}: {error.summary}", hint)
        return bool(wrong)

    def _concerned(self, error: Diagnostic, draft: _Draft) -> list[str]:
        match error.path:
            case ("secrets", str(name), *_):
                return [name]
            case ("changes", int(index), *_):
                first = len(self.spec.changes)
                return list(draft.imports[index - first : index - first + 1])
            case ("accounts", str(account), *rest) if rest[:1] != ["role"]:  # 'roles' has it, too
                only = rest[1:2] if rest[:1] == ["roles"] else []
                named = [(c.name, r) for c in self._candidates.values() for r in c.access.roles]
                here = [(n, r.role) for n, r in named if draft.accounts[r.account_id] == account]
                return [name for name, role in here if role in (only or [role])]
            case _:
                return []

    def _drop_different(self, draft: _Draft) -> bool:
        """Leaves out what the spec would deploy otherwise; returns whether there was any."""
        environment = draft.loaded.environment
        if environment is None or not self._candidates:
            return False
        proof, before = import_proof.AccessProof(environment), len(self._left_out)
        secrets = {secret.name: secret for secret in environment.secrets}
        again = False
        for candidate in list(self._candidates.values()):
            secret = secrets[candidate.name]
            said = list(import_proof.differences(candidate, secret))
            if said:
                self._leave_out(candidate.name, f"the spec would change {', '.join(said)}")
                continue
            notes = list(import_proof.notes_of(candidate, self._keys))
            if not candidate.unmanaged:
                differing, gained = proof.compare(candidate, secret)
                if differing:
                    self._cannot_express(candidate.secret, Inexpressible(differing[0], None))
                    again = True
                    continue
                notes += [f"{who} could describe it as well" for who in gained]
            self._notes[candidate.name] = notes
        return again or len(self._left_out) > before

    def _outcome(self, draft: _Draft | None, errors: tuple[Diagnostic, ...] = ()) -> Outcome:
        has_new = draft is not None and bool(self._candidates or self._rebuilding.entries)
        outcome = Outcome(
            file=self.target.file,
            before=self.target.text,
            after=draft.text if draft and has_new else self.target.text,
            is_new=self.target.is_new,
            present=self._present,
            unwanted=self._unwanted,
            left_out=tuple(found for _, found in sorted(self._left_out.items())),
            skipped=tuple(sorted(self._skipped, key=lambda s: s.name)),
            refused=self.account.refused,
            errors=errors,
        )
        if draft is None or not has_new:
            return outcome
        environment = draft.loaded.parts[1]
        return replace(
            outcome,
            imported=tuple(
                ImportedSecret(name, tuple(self._notes.get(name, ())))
                for name in sorted(self._candidates)
            ),
            keys={name: arn for arn, name in sorted(self._keys.adopted.items())},
            key_notes=import_proof.key_notes(environment, adopted(self.account, self._keys)),
            kept=dict(sorted(self._keys.kept.items())),
            added=tuple(import_proof.additions(self.spec, self._candidates.values())),
            takeover=draft.takeover,
            rebuilding=self._rebuilding,
            unwritten=self._unwritten,
        )
