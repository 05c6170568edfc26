"""`run.py nlu`: Rasa alone, or with an action what belongs to it: the report, and sentences to label."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

from bot import app, labelling, schema
from bot.commands.serve import on_stop_signals
from bot.commands.terminal import err, out
from bot.config import Settings
from bot.embedded.process import ChildStartError
from bot.embedded.rasa import embedded_rasa
from bot.labelling import Taken
from bot.sections import PROJECT
from domain.database import Database
from domain.intake.entries import Rejected, UnreadableFile
from nlu import examples, record, training
from nlu.examples import Sentence
from nlu.record import Record
from nlu.report import asking, scores, tables
from nlu.server import RasaError

DONE, PARTLY, UNUSABLE = 0, 1, 2
# More is no longer read on a terminal.
_PRINTED = 20


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(project=PROJECT)
    actions = parser.add_subparsers(title="actions", metavar="ACTION", dest="action")
    report = actions.add_parser("report", help="measure the model of the present training data")
    report.add_argument("--dev", action="store_true", help="on the development set, not the sealed one")
    report.add_argument("--sentences", action="store_true", help="show the sentences that were misread")
    exporting = actions.add_parser("export-unlabelled", help="sentences that were not understood well")
    exporting.add_argument("--out", type=Path, metavar="FILE", help="where to (default: standard output)")
    exporting.add_argument(
        "--limit", type=_at_least_one, metavar="N", help="at most so many, the most frequent first"
    )
    importing = actions.add_parser("import-labelled", help="take labelled sentences into the training data")
    importing.add_argument("file", type=Path)
    importing.add_argument("--dry-run", action="store_true", help="check every row, change nothing")


def _at_least_one(text: str) -> int:
    if (number := int(text)) < 1:
        raise ValueError(text)
    return number


async def run(settings: Settings, given: argparse.Namespace) -> int:
    if given.action is None:
        return await _serve(settings)
    act: Callable[[Settings, argparse.Namespace], Awaitable[int]] = _ACTIONS[given.action]
    try:
        return await act(settings, given)
    except (UnreadableFile, examples.UnusableSentences) as error:
        err.print(f"文件不能用：{error}", markup=False)
    except OSError as error:
        err.print(f"{error.filename}：读写出错（{error.strerror}）", markup=False)
    return UNUSABLE


async def _serve(settings: Settings) -> int:
    stop = on_stop_signals()
    try:
        async with app.nlu_server(settings) as url:
            out.print(f"Rasa  {url}")
            await stop.wait()
    except (ChildStartError, FileNotFoundError) as error:
        err.print(f"启动失败：{error}", markup=False)
        return 1
    return 0


async def _report(_: Settings, given: argparse.Namespace) -> int:
    name, sentences = _set(given.project, development=given.dev)
    model = training.model_path(given.project)
    if not model.is_file():
        err.print("现在的训练数据还没有训练出模型，先运行 run.py train")
        return UNUSABLE
    try:
        readings = await _readings(given.project, model, sentences)
    except (ChildStartError, RasaError) as error:
        err.print(f"没有测成：{error}", markup=False)
        return UNUSABLE
    figures = scores.figures_of(readings)
    known = record.read(model) or Record(model=record.name_of(model), data=training.data_hash(given.project))
    record.write(model, known.with_set(name, figures))
    tables.show(out, f"模型 {known.model}，{name}", figures)
    if given.sentences:
        tables.show_sentences(out, readings)
    return DONE


def _set(project: Path, *, development: bool) -> tuple[str, list[Sentence]]:
    if development:
        return "dev", examples.development_set(project)
    return "sealed", examples.sealed_set(project)


async def _readings(project: Path, model: Path, sentences: Sequence[Sentence]) -> list[asking.Reading]:
    """By a Rasa of its own on a free port, so that nobody's service is slowed down."""
    with TemporaryDirectory(prefix="rongqiao-report-") as folder:
        async with embedded_rasa(project, Path(folder), lambda: model) as url:
            return await asking.ask(url, sentences)


async def _export(settings: Settings, given: argparse.Namespace) -> int:
    file: Path | None = given.out
    async with _database(settings) as database:
        with file.open("w", encoding="utf-8") if file else nullcontext(sys.stdout) as target:
            count = await labelling.export(database, target, given.limit)
    err.print(f"导出 {count} 句待标注。")
    return DONE


async def _import(settings: Settings, given: argparse.Namespace) -> int:
    taken = await asyncio.to_thread(labelling.read, given.file, given.project)
    if not given.dry_run:
        async with _database(settings) as database:
            await labelling.keep(taken, database, given.project)
    _tell(taken, dry_run=given.dry_run)
    return PARTLY if taken.refused else DONE


def _tell(taken: Taken, *, dry_run: bool) -> None:
    for item in taken.refused[:_PRINTED]:
        err.print(_line(item), markup=False)
    if len(taken.refused) > _PRINTED:
        err.print(f"另有 {len(taken.refused) - _PRINTED} 处。")
    out.print(
        f"{'试运行：' if dry_run else ''}加入训练数据 {taken.count} 句，已有 {taken.known} 句，"
        f"未标注 {taken.open} 句，拒绝 {len({item.index for item in taken.refused})} 行。"
    )
    if taken.count and not dry_run:
        out.print("运行 run.py train 后生效。")


def _line(item: Rejected) -> str:
    what = f"（“{item.value}”）" if item.value else ""
    return f"第 {item.index} 行，{item.field or '整行'}：{item.reason}{what}"


@asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[Database]:
    settings.make_data_dir()
    database = Database(settings.database_url)
    try:
        await schema.migrate(database)
        yield database
    finally:
        await database.aclose()


_ACTIONS = {"report": _report, "export-unlabelled": _export, "import-labelled": _import}
