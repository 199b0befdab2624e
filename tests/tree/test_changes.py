import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretgen.tree import Action, FileChange, Generated, State, compare
from secretgen.tree.manifest import sealed, with_manifests
from tests.tree.trees import SPEC, hcl, tree

MAIN = "environments/production/main.tf"
OTHER = "environments/production/other.tf"


def written(rendered):
    """The bytes of a tree on disk right after it was published."""
    return {path: sealed(path, file) for path, file in with_manifests(rendered).items()}


def edited(data):
    return data + b"# by hand\n"


NEW = {MAIN: hcl(2)}
OLD = written({MAIN: hcl(1)})[MAIN]
IN_SYNC = written(NEW)[MAIN]


@pytest.mark.parametrize(
    ("disk", "options", "state", "action"),
    [
        ({MAIN: IN_SYNC}, {}, State.IN_SYNC, Action.NONE),
        ({}, {}, State.MISSING, Action.CREATE),
        ({MAIN: OLD}, {}, State.STALE, Action.UPDATE),
        ({MAIN: edited(OLD)}, {}, State.EDITED, Action.REFUSE),
        ({MAIN: edited(IN_SYNC)}, {}, State.EDITED, Action.REFUSE),
        ({MAIN: edited(OLD)}, {"force": [MAIN]}, State.EDITED, Action.UPDATE),
        ({MAIN: edited(OLD)}, {"force": ["environments"]}, State.EDITED, Action.UPDATE),
        ({MAIN: edited(OLD)}, {"force": ["environments/production/"]}, State.EDITED, Action.UPDATE),
        ({MAIN: edited(OLD)}, {"force": ["."]}, State.EDITED, Action.UPDATE),
        ({MAIN: edited(OLD)}, {"force": ["environments/prod", OTHER]}, State.EDITED, Action.REFUSE),
        ({MAIN: b"mine\n"}, {}, State.FOREIGN, Action.REFUSE),
        ({MAIN: b"\xff\xfe"}, {}, State.FOREIGN, Action.REFUSE),
        ({MAIN: b""}, {}, State.FOREIGN, Action.REFUSE),
        ({MAIN: b"mine\n"}, {"force": [MAIN]}, State.FOREIGN, Action.UPDATE),
    ],
)
def test_a_rendered_file(disk, options, state, action):
    origin = "" if state is State.FOREIGN else SPEC
    change = FileChange(MAIN, state, action, origin, disk.get(MAIN), IN_SYNC)
    assert compare(NEW, disk, **options).files == (change,)


@pytest.mark.parametrize(
    ("data", "options", "state", "action"),
    [
        (OLD, {}, State.ORPHAN, Action.DELETE),
        (OLD, {"prune": False}, State.ORPHAN, Action.NONE),
        (OLD, {"others": ["specs/other.yaml"]}, State.ORPHAN, Action.DELETE),
        (edited(OLD), {}, State.EDITED, Action.REFUSE),
        (edited(OLD), {"force": [OTHER]}, State.EDITED, Action.DELETE),
        (edited(OLD), {"prune": False}, State.EDITED, Action.NONE),
        (b"mine\n", {}, State.FOREIGN, Action.NONE),
        (b"mine\n", {"force": ["."]}, State.FOREIGN, Action.NONE),
    ],
)
def test_a_file_that_is_not_rendered(data, options, state, action):
    changes = compare(NEW, {MAIN: IN_SYNC, OTHER: data}, **options)
    origin = "" if state is State.FOREIGN else SPEC
    assert changes.files[1:] == (FileChange(OTHER, state, action, origin, data, None),)


@pytest.mark.parametrize("data", [OLD, edited(OLD)])
def test_files_of_a_spec_that_is_not_part_of_the_run_are_left_out(data):
    assert not compare({}, {MAIN: data}, others=[SPEC]).files


@pytest.mark.parametrize("force", [[], ["."]])
@pytest.mark.parametrize("data", [OLD, edited(OLD)])
def test_a_rendered_file_that_another_spec_generates_is_never_written(data, force):
    rendered = {MAIN: Generated(NEW[MAIN].body, "specs/copy.yaml")}
    changes = compare(rendered, {MAIN: data}, others=[SPEC], force=force)
    (change,) = changes.files
    assert (change.state, change.action, change.origin) == (State.FOREIGN, Action.REFUSE, SPEC)
    assert change.is_taken


@pytest.mark.parametrize(
    ("path", "mentioned"),
    [
        ("environments/production/extra.tf", True),
        ("environments/production/extra.tf.json", True),
        ("environments/production/extra.tofu", True),
        ("environments/production/.extra.tf", False),
        ("environments/production/terraform.tfvars", False),
        ("environments/production/.terraform.lock.hcl", False),
        ("environments/production/notes.md", False),
        ("environments/production/sub/extra.tf", False),
        ("environments/legacy/main.tf", False),
        ("modules/aws-secrets/extra.tf", False),
    ],
)
def test_foreign_file_is_reported_if_terraform_loads_it(path, mentioned):
    changes = compare(NEW, {MAIN: IN_SYNC, path: b"mine\n"})
    assert [file.path for file in changes.drift] == [path] * mentioned
    assert not changes.writes
    assert not changes.refused


def test_copied_example_belongs_to_the_user():
    example = f"{OTHER}.example"
    rendered = NEW | {example: hcl(3)}
    disk = written(rendered)
    disk[OTHER] = disk[example]
    assert OTHER not in {change.path for change in compare(rendered, disk).files}
    disk[OTHER] = edited(disk[OTHER])
    assert not compare(rendered, disk).drift


def test_a_file_without_comments_is_owned_through_its_manifest():
    policy = "environments/production/policy.json"
    manifest = "environments/production/secretgen.sum"
    disk = written(tree(1))
    states = {file.path: file.state for file in compare(tree(2), disk).files}
    assert states[policy] is State.STALE
    assert states[manifest] is State.STALE

    hand = compare(tree(2), disk | {policy: b"{}\n"})
    assert [(file.path, file.state) for file in hand.refused] == [(policy, State.EDITED)]
    unlisted = {path: data for path, data in disk.items() if path != manifest}
    assert [(f.path, f.state) for f in compare(tree(2), unlisted).refused] == [
        (policy, State.FOREIGN)
    ]

    without = {path: file for path, file in tree(1).items() if path != policy}
    gone = {file.path: file.action for file in compare(without, disk).writes}
    assert gone == {policy: Action.DELETE, manifest: Action.DELETE}
    foreign = disk | {"environments/production/mine.json": b"{}\n"}
    assert not compare(tree(1), foreign).drift


def test_the_manifest_lists_what_sha256sum_would():
    body = sealed(
        "d/secretgen.sum", with_manifests({"d/b.json": Generated("{}\n", "s")})["d/secretgen.sum"]
    )
    assert body.endswith(
        b"\n\nca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356  b.json\n"
    )
    with pytest.raises(ValueError, match="name of a manifest"):
        compare({"d/secretgen.sum": hcl(1)}, {})


def test_bytes_that_are_not_utf8_can_be_shown():
    (change,) = compare(NEW, {MAIN: OLD + b"\xff\n"}).files
    assert change.state is State.EDITED
    assert change.old_text.endswith('a = "1"\n\ufffd\n')
    assert change.new_text.endswith('a = "2"\n')


PATHS = st.sampled_from(
    [
        f"{folder}/{name}"
        for folder in ("m", "e/p", "e/q", "e/p/c/x")
        for name in ("a.tf", "b.md", "c.json")
    ]
)
TREES = st.dictionaries(
    PATHS,
    st.builds(hcl, st.integers(0, 2), st.sampled_from(["s/p.yaml", "s/q.yaml", "t"])),
    max_size=8,
)
DAMAGE = st.dictionaries(
    PATHS, st.sampled_from(["keep", "append", "foreign", "absent"]), max_size=4
)


@st.composite
def disks(draw):
    disk = written(draw(TREES))
    for path, damage in draw(DAMAGE).items():
        if damage == "foreign":
            disk[path] = b"foreign\n"
        elif damage == "absent":
            disk.pop(path, None)
        elif damage == "append" and path in disk:
            disk[path] = edited(disk[path])
    return disk


def applied(changes, disk):
    after = dict(disk)
    for change in changes.writes:
        if change.new is None:
            del after[change.path]
        else:
            after[change.path] = change.new
    return after


@given(TREES, disks())
def test_forced_changeset_leaves_the_rendered_tree(rendered, disk):
    changes = compare(rendered, disk, force=["."])
    assert not changes.refused
    again = compare(rendered, applied(changes, disk))
    assert not again.writes
    assert not again.refused
    assert {file.state for file in again.files} <= {State.IN_SYNC, State.FOREIGN}
    assert written(rendered).items() <= applied(changes, disk).items()


@given(TREES, disks(), st.sets(st.sampled_from(["s/p.yaml", "s/q.yaml"])), st.booleans())
def test_without_force_only_rendered_files_are_replaced(rendered, disk, others, prune):
    changes = compare(rendered, disk, others=others, prune=prune)
    for change in changes.writes:
        assert change.old == disk.get(change.path)
        assert change.old is None or change.state in (State.STALE, State.ORPHAN)
        if change.new is None:
            assert prune
            assert change.origin not in others


@given(TREES)
def test_a_published_tree_is_in_sync(rendered):
    assert not compare(rendered, written(rendered)).drift
