"""The evening on a terminal, and as JSON."""

from __future__ import annotations

import time
from pathlib import Path

from rich.box import ROUNDED, SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from tvbrain.cli.demo.evening import (
    CHILD,
    CHILDS_AGE,
    SHOWN,
    Change,
    Evening,
    Home,
    Latency,
    Watched,
    percentile,
)
from tvbrain.cli.output import Figure, Value, figures_json
from tvbrain.types import Row, SlateItem

NARROWEST_CARD = 12
SHARES = (("p50", 0.5), ("p99", 0.99))


def figures(evening: Evening) -> list[Figure]:
    """The latencies, each with what was measured and that no rule was broken for it."""
    kept: dict[str, Value] = {
        "through": "Python",
        "scan": "exact",
        "titles": evening.homes[0].catalogue,
        "childs_titles_above_age": evening.above_age,
    }
    return [
        Figure(f"{name}.{label}", percentile(times, share), "ms", len(times), kept)
        for name, times in _series(evening.latency)
        for label, share in SHARES
    ]


def as_json(evening: Evening) -> dict[str, object]:
    """The same as the terminal shows, with every term of every score."""
    return figures_json("demo", figures(evening)) | {
        "watched": [
            {"profile": one.profile, "title": one.title, "how": one.how, "at": one.at}
            for one in evening.watched
        ],
        "screens": [
            {
                "profile": home.profile,
                "eligible": home.eligible,
                "rows": [
                    {"kind": row.kind, "title": row.title, "items": [_item(i) for i in row.items]}
                    for row in home.rows
                ],
            }
            for home in evening.homes
        ],
        "changes": [
            {
                "what": change.what,
                "note": change.note,
                "before": [_item(entry) for entry in change.before],
                "after": [_item(entry) for entry in change.after],
            }
            for change in evening.changes
        ],
        "child": {
            "max_age": CHILDS_AGE,
            "slates": evening.childs_slates,
            "titles": evening.childs_titles,
            "above_age": evening.above_age,
        },
        "loops": list(evening.loops),
    }


def show(evening: Evening, console: Console, *, kept: Path | None) -> None:
    """Print the evening; `kept` is the data directory if it stays."""
    console.print()
    console.print(Rule("[bold]An evening with tvbrain[/]", style="cyan"))
    console.print(_log(evening.watched))
    for home in evening.homes:
        console.print(_home(home, max(console.width // SHOWN - 4, NARROWEST_CARD)))
    for change in evening.changes:
        console.print(_change(change))
    console.print(_closing(evening, kept))


def _log(watched: tuple[Watched, ...]) -> Table:
    table = Table(
        box=SIMPLE_HEAD, title="What was watched", title_style="bold", title_justify="left"
    )
    table.add_column("", style="dim")
    table.add_column("who")
    table.add_column("what", style="bold")
    table.add_column("how", style="dim")
    for one in watched:
        when = time.strftime("%a %H:%M", time.gmtime(one.at))
        who = Text(one.profile, style="magenta" if one.profile == CHILD else "cyan")
        table.add_row(when, who, f"{one.title} ({one.year})", one.how)
    return table


def _home(home: Home, width: int) -> Group:
    when = time.strftime("%A %H:%M", time.gmtime(home.at))
    colour = "magenta" if home.profile == CHILD else "cyan"
    limit = f", nothing above age {CHILDS_AGE}" if home.profile == CHILD else ""
    heading = Text.assemble(
        (f"The screen of {home.profile}", f"bold {colour}"),
        (f"  {when}; {home.eligible} of {home.catalogue} titles{limit}", "dim"),
    )
    return Group(heading, *(_row(row, home, colour, width) for row in home.rows), Text())


TELLING = ("top_picks", "kids", "next_episode", "live_now", "starting_soon")
"""Rows whose titles have reasons of their own."""


def _row(row: Row, home: Home, colour: str, width: int) -> Padding:
    cards = Table(box=ROUNDED, show_header=False, border_style="dim", padding=(0, 1))
    for _ in row.items:
        cards.add_column(width=width)
    cards.add_row(*(_card(entry, home.years[entry.item], row, colour) for entry in row.items))
    return Padding(Group(Text(f" {row.title}", style="bold"), cards), (1, 0, 0, 0))


def _card(entry: SlateItem, year: int, row: Row, colour: str) -> Text:
    card = Text.assemble((entry.title, "bold"), (f" {year}", "dim"))
    if row.kind == "continue" and entry.position_s:
        place = (
            f"season {entry.season}, episode {entry.episode}, from minute {entry.position_s // 60}"
        )
        card.append(f"\n{place}", f"italic {colour}")
    elif row.kind in TELLING:  # the other rows' heading says it
        card.append(f"\n{entry.reason}", f"italic {colour}")
    return card


def _change(change: Change) -> Group:
    places = {entry.item: place for place, entry in enumerate(change.before, 1)}
    table = Table(box=SIMPLE_HEAD, padding=(0, 1))
    table.add_column("", justify="right", style="dim")
    table.add_column("now")
    table.add_column("title", style="bold")
    table.add_column("reason", style="italic")
    for place, entry in enumerate(change.after, 1):
        table.add_row(str(place), _move(places.get(entry.item), place), entry.title, entry.reason)
    still = {entry.item for entry in change.after}
    gone = ", ".join(entry.title for entry in change.before if entry.item not in still)
    lines: list[RenderableType] = [Text(change.what, style="bold yellow"), table]
    if gone:
        lines.append(Text.assemble((" no longer among the ten: ", "dim"), (gone, "strike dim")))
    return Group(*lines, Text(f" {change.note}"), Text())


def _move(before: int | None, now: int) -> Text:
    if before is None:
        return Text("new", style="bold green")
    if before == now:
        return Text("=", style="dim")
    up = before > now
    return Text(f"{'▲' if up else '▼'} {abs(before - now)}", style="green" if up else "red")


def _closing(evening: Evening, kept: Path | None) -> Panel:
    verdict = f"{evening.above_age} above age {CHILDS_AGE}"
    lines = [
        Text.assemble(
            (f"{evening.childs_slates} slates for {CHILD}", "bold"),
            f": {evening.childs_titles} different titles and reasons, ",
            (verdict, "bold red" if evening.above_age else "bold green"),
        )
    ]
    for name, times in _series(evening.latency):
        parts = ", ".join(f"{label} {percentile(times, share):.3f} ms" for label, share in SHARES)
        lines.append(Text.assemble((name, "bold"), f": {parts}  ", (f"{len(times)} calls", "dim")))
    lines.append(
        Text(
            "through Python, exact scan, on this machine as busy as it is (tvbrain bench latency measures the C side)",
            style="dim",
        )
    )
    if kept is not None:
        lines.append(Text(f"kept in {kept}: tvbrain recommend --data {kept}"))
    return Panel(
        Group(*lines), box=ROUNDED, border_style="cyan", title="measured", title_align="left"
    )


def _series(latency: Latency) -> tuple[tuple[str, tuple[float, ...]], ...]:
    return (("recommend", latency.recommend), ("observe", latency.observe))


def _item(entry: SlateItem) -> dict[str, object]:
    return {
        "item": entry.item,
        "title": entry.title,
        "score": entry.score,
        "reason": entry.reason,
        "reason_code": entry.reason_code,
        "reason_item": entry.reason_item,
        "terms": dict(entry.terms),
    }
