"""The inventory of personal data for the documentation, made from the registry."""

from collections.abc import Iterator

from domain.personal_data.affairs import AFFAIRS
from domain.personal_data.companies import COMPANIES
from domain.personal_data.holding import Holding, everything
from domain.personal_data.market import MARKET
from domain.personal_data.persons import PERSONS
from domain.personal_data.recommendations import RECOMMENDATIONS
from domain.personal_data.registry import IMPERSONAL, PASSING
from domain.secrets_columns import SEALED


def page() -> str:
    """The tables, in Markdown."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "## Of people\n"
    yield from _table((*MARKET, *RECOMMENDATIONS, *AFFAIRS, *PERSONS))
    yield "\n## Of companies\n"
    yield from _table(COMPANIES)
    yield "\n## Passing\n"
    yield "Of people, but nobody's name leads there, and gone soon by itself.\n"
    yield "| table | holds | gone after |"
    yield "|---|---|---|"
    yield from (f"| `{table}` | {what} | {after} |" for table, (what, after) in PASSING.items())
    yield "\n## Of nobody\n"
    yield "| table | holds |"
    yield "|---|---|"
    yield from (f"| `{table}` | {what} |" for table, what in IMPERSONAL.items())
    yield ""


def _table(holdings: tuple[Holding, ...]) -> Iterator[str]:
    yield "| table | holds | encrypted | when the person is deleted |"
    yield "|---|---|---|---|"
    for holding in holdings:
        cells = f"`{holding.table}` {holding.title}", _holds(holding), _sealed(holding), _fate(holding)
        yield f"| {' | '.join(cells)} |"


def _holds(holding: Holding) -> str:
    gated = "; read through the gate alone" if holding.gated else ""
    soon = f"; gone by itself after `{holding.gone_after}`" if holding.gone_after else ""
    return f"{holding.content}{gated}{soon}"


def _sealed(holding: Holding) -> str:
    return ", ".join(f"`{one.column}`" for one in SEALED if one.table == holding.table) or "no"


def _fate(holding: Holding) -> str:
    kept = holding.kept
    if kept is None:
        return "deleted"
    reduced = (
        f"; emptied or replaced: {', '.join(f'`{name}`' for name in kept.reduced)}" if kept.reduced else ""
    )
    some = "kept" if kept.which is everything else "deleted, except"
    return f"{some}: {kept.why}（{kept.until}）{reduced}"
