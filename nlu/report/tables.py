"""The figures for people to read."""

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from nlu.record import EntityFigures, SetFigures
from nlu.report.asking import Reading

_HEADLINE: Mapping[str, str] = {
    "intent_accuracy": "意图准确率",
    "intent_macro_f1": "意图宏平均 F1",
    "entity_f1": "实体 F1",
    "out_of_scope_recall": "业务外识别率",
    "refused": "误拒率",
}


def show(out: Console, title: str, figures: SetFigures) -> None:
    rows = [(_HEADLINE[name], _share(value)) for name, value in figures.headline().items()]
    _print(out, f"{title}（{figures.sentences} 句）", ("指标", "数值"), rows)
    if figures.by_style:
        styles = [
            (name, str(item.sentences), _share(item.accuracy)) for name, item in figures.by_style.items()
        ]
        _print(out, "按说法", ("说法", "句数", "准确率"), styles)
    if figures.entities:
        facts = [*figures.by_entity.items(), ("合计", figures.entities)]
        _print(out, "按实体", ("实体", "个数", "精确率", "召回率", "F1"), (_entity(*item) for item in facts))
    if figures.confusions:
        confused = [(item.true, item.predicted, str(item.count)) for item in figures.confusions]
        _print(out, "误认", ("应为", "认作", "次数"), confused)


def show_sentences(out: Console, readings: Sequence[Reading]) -> None:
    """Every sentence whose intent was read wrongly, in the order of what it was taken for."""
    wrong = [item for item in readings if item.sentence.intent != item.read.intent.name]
    rows = sorted(
        (item.sentence.intent, item.read.intent.name, _sure(item), item.sentence.text) for item in wrong
    )
    _print(out, "误认的句子", ("应为", "认作", "把握", "句子"), rows)


def _sure(item: Reading) -> str:
    return f"{item.read.intent.confidence:.2f}"


def _entity(name: str, figures: EntityFigures) -> tuple[str, ...]:
    shares = (figures.precision, figures.recall, figures.f1)
    return name, str(figures.support), *map(_share, shares)


def _share(value: float) -> str:
    return f"{value:.3f}"


def _print(out: Console, title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column)
    for row in rows:
        # What people write may hold brackets, which are no markup.
        table.add_row(*map(escape, row))
    out.print(table)
