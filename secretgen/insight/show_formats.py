"""The settings of an environment as a table and as JSON, each with its place in the spec."""

from __future__ import annotations

from msgspec.structs import replace

from secretgen.diagnostics import Span, path_text
from secretgen.insight.plain_text import table, to_json
from secretgen.insight.show import Origin, Scalar, Setting, Settings
from secretgen.spec.load import LoadedSpec
from secretgen.spec.places import Places

_WRITTEN = (Origin.SECRET, Origin.DEFAULTS, Origin.ENVIRONMENT)
"""Origins of values that are written somewhere."""


_FIELD_DEPTH = 3
"""Length of the path of a field of a secret: parts are merged field by field."""

_TAG_DEPTH = 4
"""Length of the path of a tag of a secret: tags are merged by key."""


def with_places(settings: Settings, loaded: LoadedSpec) -> Settings:
    """Adds to settings where each is written, and which come from the defaults of a part.

    Args:
        settings: the settings of an environment or of a secret.
        loaded: the spec that they are of, with its parts.
    """
    found = (
        replace(
            setting,
            place=_place(setting, settings.secret, loaded.places),
            origin=_origin(setting, settings.secret, loaded),
        )
        for setting in settings.settings
    )
    return replace(settings, settings=tuple(found))


def _origin(setting: Setting, secret: str, loaded: LoadedSpec) -> Origin:
    """Finds the origin: a secret of a part has the part's defaults as if they were its own."""
    if setting.origin is not Origin.SECRET:
        return setting.origin
    path = ("secrets", secret, *setting.path) if secret else setting.path
    whole = path[: _TAG_DEPTH if path[2] == "tags" else _FIELD_DEPTH]
    is_shared = loaded.places.key(whole) in loaded.part_defaults
    return Origin.DEFAULTS if is_shared else Origin.SECRET


def _place(setting: Setting, secret: str, places: Places) -> Span | None:
    """Finds where a setting is written: items of a list go by the list."""
    if setting.origin not in _WRITTEN:
        return None
    path = ("secrets", secret, *setting.path) if secret else setting.path
    if path[0] == "secrets" and path[2] in ("exclusive", "readers", "replicas", "writers"):
        path = path[:3]
    if setting.origin is Origin.DEFAULTS:
        path = ("defaults", *path[2:])
    elif setting.origin is Origin.ENVIRONMENT and path[0] == "secrets":
        path = path[2:]
    return places.value(path)


def settings_text(settings: Settings, width: int | None = None) -> str:
    """Writes settings as a table, those of each secret below its name."""
    rows = []
    heading: tuple[str, ...] = ()
    for setting in settings.settings:
        path = setting.path
        if path[0] == "secrets":
            if path[:2] != heading:
                heading = path[:2]
                rows.append((path_text(heading), "", ""))
            path = ("  " + path[2], *path[3:])
        origin = f"{setting.origin} {setting.place.where}" if setting.place else setting.origin
        rows.append((path_text(path), _text(setting.value), origin))
    return table(("setting", "value", "from"), rows, below=frozenset({1}), width=width)


def _text(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def settings_json(settings: Settings) -> str:
    """Writes settings as JSON."""
    return to_json({
        "environment": settings.environment,
        "secret": settings.secret or None,
        "settings": [
            {
                "path": path_text(s.path),
                "value": s.value,
                "from": s.origin.value,
                "file": s.place.file if s.place else None,
                "line": s.place.line if s.place else None,
            }
            for s in settings.settings
        ],
    })  # fmt: skip
