"""The palette and the style sheet of the static pictures; the same colours as ui/graph/theme.ts.

Hues are after Okabe and Ito (2008), told apart by colour-blind readers too; form carries the meaning a second time
(dashes, pills, double rims).
"""

from __future__ import annotations

# family: (fill, rim) for a light and for a dark page.
FAMILIES = {
    "variable": (("#fff1d9", "#d8932a"), ("#3a2f1b", "#e0a64a")),
    "input": (("#dcf3e8", "#1f9a74"), ("#17352b", "#45c39a")),
    "constant": (("#f2f3f5", "#9aa3ae"), ("#2a2f36", "#77818d")),
    "summary": (("#e3f1f4", "#4a9aab"), ("#1a3238", "#5fb6c9")),
    "update": (("#fde6d6", "#cf6a24"), ("#3b261a", "#ee8a4a")),
    "control": (("#eceef0", "#7c8794"), ("#2c3138", "#8b96a3")),
    "random": (("#fbf3c4", "#b3930f"), ("#353115", "#d3b53c")),
    "loss": (("#fbe1e5", "#cc4760"), ("#3d1f26", "#ef7b90")),
    "layer": (("#dfebfb", "#3a7bd0"), ("#1b2c45", "#6ea6f0")),
    "activation": (("#e8e3fa", "#7659cc"), ("#2a2346", "#a48df2")),
    "shape": (("#f5f6f8", "#aab3be"), ("#262b32", "#6c7683")),
    "io": (("#e9ece0", "#8a9455"), ("#2b2f1e", "#adb873")),
    "math": (("#f2f4f7", "#8793a1"), ("#272d35", "#8a96a5")),
}
LIGHT = {
    "bg": "#ffffff", "frame": "#dfe3e8", "ink": "#1d2733", "muted": "#66717e", "open0": "#f7f8fa", "open1": "#eef1f5",
    "rim": "#cdd5de", "fold": "#e6ecf4",
    "foldrim": "#8aa0ba", "grad": "#f3eaf7", "grad1": "#faf5fc",
    "gradrim": "#b184cb", "data": "#8b97a5", "control": "#8b97a5",
    "ref": "#e08a1e", "halo": "#ffffff", "pick": "#0b63d6",
}  # fmt: skip
DARK = {
    "bg": "#15191f", "frame": "#2c333c", "ink": "#e6ebf1", "muted": "#97a3b1", "open0": "#1b2027", "open1": "#222830",
    "rim": "#3a434e", "fold": "#28313d",
    "foldrim": "#61748b", "grad": "#2f2338", "grad1": "#211b27",
    "gradrim": "#8f62ab", "data": "#7c8998", "control": "#8793a1",
    "ref": "#f0a33f", "halo": "#15191f", "pick": "#6fb1ff",
}  # fmt: skip


def style_sheet(prefix: str, theme: str) -> str:
    """Returns the style sheet for one picture: geometry once, colours for the asked themes."""
    p = f".{prefix}-"
    font = f".{prefix} text{{font:11px Inter,Helvetica,Arial,'Liberation Sans',sans-serif}}"
    rules = [
        font,
        f"{p}bg{{stroke-width:1}}",
        f".{prefix} {p}t,.{prefix} {p}tm{{font-size:12px;font-weight:600}}",
        f".{prefix} {p}tm,.{prefix} {p}lm,.{prefix} {p}mm{{text-anchor:middle}}",
        f".{prefix} {p}m,.{prefix} {p}mm,.{prefix} {p}me{{font-size:9.5px}}",
        f".{prefix} {p}me,.{prefix} {p}a,.{prefix} {p}ap,.{prefix} {p}be{{text-anchor:end}}",
        f".{prefix} {p}a,.{prefix} {p}ap,.{prefix} {p}as,.{prefix} {p}b,.{prefix} {p}be{{font-size:9px}}",
        f".{prefix} {p}ap{{font-style:italic}}",
        f"{p}b,{p}be{{paint-order:stroke;stroke-width:3px;stroke-linejoin:round}}",
        *(f"{p}e{kind}{w}{{fill:none;stroke-width:{0.55 + w * 0.65:.2g}}}" for kind in "dr" for w in range(1, 6)),
        f"{p}ek{{fill:none;stroke-width:1.2;stroke-dasharray:4 3}}",
        f"{p}al,{p}p,{p}v{{fill:none;stroke-width:1}}",
        f".{prefix} {p}sel{{stroke-width:2.6}}",
    ]
    if theme in ("auto", "light"):
        rules.append(_colours(p, LIGHT, 0))
    if theme == "dark":
        rules.append(_colours(p, DARK, 1))
    if theme == "auto":
        rules.append(f"@media(prefers-color-scheme:dark){{{_colours(p, DARK, 1)}}}")
    return "".join(rules)


def _colours(p: str, c: dict[str, str], which: int) -> str:
    rules = [
        f"{p}bg{{fill:{c['bg']};stroke:{c['frame']}}}",
        f"{p}t,{p}tm,{p}lm{{fill:{c['ink']}}}",
        f"{p}m,{p}mm,{p}me,{p}a,{p}ap,{p}as,{p}b,{p}be,{p}ab{{fill:{c['muted']}}}",
        f"{p}b,{p}be{{stroke:{c['halo']}}}",
        f"{p}os0,{p}os1{{stroke:{c['rim']}}}",
        f"{p}os0{{fill:{c['open0']}}}{p}os1{{fill:{c['open1']}}}",
        f"{p}og0,{p}og1{{fill:{c['grad1']};stroke:{c['gradrim']}}}",
        f"{p}fs{{fill:{c['fold']};stroke:{c['foldrim']}}}",
        f"{p}fg{{fill:{c['grad']};stroke:{c['gradrim']}}}",
        f"{p}p,{p}al{{stroke:{c['muted']}}}{p}ad{{fill:{c['muted']}}}",
        ",".join(f"{p}ed{w}" for w in range(1, 6)) + f"{{stroke:{c['data']}}}",
        ",".join(f"{p}er{w}" for w in range(1, 6)) + f"{{stroke:{c['ref']}}}",
        f"{p}ek{{stroke:{c['control']}}}{p}hd{{fill:{c['data']}}}{p}hk{{fill:{c['control']}}}{p}hr{{fill:{c['ref']}}}",
    ]
    for family, themes in FAMILIES.items():
        fill, rim = themes[which]
        rules.append(f"{p}n-{family}{{fill:{fill};stroke:{rim}}}")
        if family == "variable":
            rules.append(f"{p}v{{stroke:{rim}}}")
    rules.append(f"{p}sel{{stroke:{c['pick']}}}")
    return "".join(rules)
