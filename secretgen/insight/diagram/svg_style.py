"""Colours and fonts of the SVG, for light and dark screens."""

from __future__ import annotations

LANE_COLOURS = 8
"""How many colours readers' lanes take turns in."""

_SANS = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif"
_MONO = "font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace"

_FONTS = {
    "title": f"{_SANS};font-size:20px;font-weight:600",
    "subtitle": f"{_SANS};font-size:13px",
    "head": f"{_SANS};font-size:12px;font-weight:600",
    "note": f"{_SANS};font-size:11.5px",
    "label": f"{_SANS};font-size:12px",
    "name": f"{_MONO};font-size:13px",
    "id": f"{_MONO};font-size:11px",
}

_LIGHT = {
    "page": "fill:#ffffff",
    "panel": "fill:#f4f7fa;stroke:#d3dce6",
    "region": "fill:#e9eff6;stroke:#d3dce6",
    "card": "fill:#ffffff;stroke:#c3cfdb",
    "key": "fill:#fff6df;stroke:#dfb75b",
    "plain": "fill:none;stroke:#c3cfdb",
    "dashed": "fill:none;stroke:#8a9bad;stroke-dasharray:4 3",
    "wire": "stroke:#b9c6d3;fill:none",
    "icon": "stroke:#7d6420;fill:none;stroke-width:1.4",
    "mark": "stroke:#5a6b7c;fill:none;stroke-width:1.4",
    "strong": "fill:#17222e",
    "soft": "fill:#56677a",
    "dark-on-key": "fill:#5c4810",
}

_DARK = {
    "page": "fill:#0e151d",
    "panel": "fill:#141d27;stroke:#2b3948",
    "region": "fill:#1a2531;stroke:#2b3948",
    "card": "fill:#202d3b;stroke:#3a4b5d",
    "key": "fill:#3a3013;stroke:#8f7530",
    "plain": "fill:none;stroke:#3a4b5d",
    "dashed": "fill:none;stroke:#6b7d90;stroke-dasharray:4 3",
    "wire": "stroke:#405164;fill:none",
    "icon": "stroke:#e3c471;fill:none;stroke-width:1.4",
    "mark": "stroke:#9fb0c1;fill:none;stroke-width:1.4",
    "strong": "fill:#e8eef4",
    "soft": "fill:#9fb0c1",
    "dark-on-key": "fill:#f0dca0",
}

_LIGHT_LANES = (
    "#2563c9", "#c2600a", "#22803f", "#7c3fd0", "#bd2459", "#0b7d92", "#8a5a20", "#52606d",
)  # fmt: skip
_DARK_LANES = (
    "#6ea8fe", "#f2a65a", "#62c77a", "#b99af5", "#f487ac", "#4cc3d4", "#d3a878", "#a6b4c2",
)  # fmt: skip


def stylesheet() -> str:
    """Makes the style sheet; classes begin with `sg-`, so that it may stand in any page."""
    fonts = [f".sg-{name}{{{rule}}}" for name, rule in _FONTS.items()]
    light = _rules(_LIGHT, _LIGHT_LANES)
    dark = _rules(_DARK, _DARK_LANES)
    return "\n".join(["", *fonts, *light, "@media (prefers-color-scheme:dark){", *dark, "}", ""])


def _rules(colours: dict[str, str], lanes: tuple[str, ...]) -> list[str]:
    plain = [f".sg-{name}{{{rule}}}" for name, rule in colours.items()]
    lane = [
        f".sg-lane{n}{{stroke:{c};stroke-width:2}}.sg-dot{n}{{fill:{c}}}"
        for n, c in enumerate(lanes)
    ]
    return [*plain, *lane]
