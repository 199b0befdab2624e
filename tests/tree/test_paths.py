import pytest

from secretgen.errors import FileAccessError
from secretgen.tree import Generated, compare
from secretgen.tree.paths import check_path, check_paths, is_within, parents


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/etc/passwd",
        "../x.tf",
        "a/../b.tf",
        "a/./b.tf",
        "a//b.tf",
        "a/",
        ".",
        "a\x00.tf",
        "a\nb.tf",
        "a\x7f.tf",
        "\udc80.tf",
        ".git/hooks/pre-commit",
        "a/.GIT/config",
        ".secretgen-publish/x.tf",
        ".Secretgen-Kept-1/x.tf",
    ],
)
def test_paths_that_are_refused(path):
    with pytest.raises(FileAccessError) as error:
        check_path(path)
    assert error.value.hint
    assert error.value.summary.isprintable()
    with pytest.raises(FileAccessError):
        compare({path: Generated("a\n", "s")}, {})


@pytest.mark.parametrize("path", ["a.tf", "a/b c.tf", "ä/…/..b.tf", ".github/x.yml", ".gitignore"])
def test_paths_that_are_fine(path):
    check_path(path)


@pytest.mark.parametrize(
    "paths",
    [("a/B.tf", "a/b.tf"), ("e/\u00e9.tf", "e/e\u0301.tf"), ("a.tf", "a.tf/b.tf"), ("A", "a/b/c")],
)
def test_conflicting_paths(paths):
    for path in paths:
        check_path(path)
    with pytest.raises(FileAccessError):
        check_paths(paths)


def test_parents_and_within():
    assert parents("a/b/c.tf") == ["a/b", "a"]
    assert parents("c.tf") == []
    assert is_within("a/b", "a")
    assert is_within("a/b", "a/")
    assert is_within("a/b", "a/b")
    assert is_within("a/b", ".")
    assert not is_within("ab", "a")
    assert not is_within("a", "a/b")
