"""The register of indicators: what may be known about a company, from `reference/` and files of the city."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, StringConstraints, ValidationError, model_validator

from domain.authorizations.labels import Category
from domain.base import Value
from domain.intake.entries import Entry, Rejected, UnreadableFile
from domain.intake.files import open_file
from domain.intake.problems import rejections
from domain.labels import Label

_STANDARD = Path(__file__).resolve().parent.parent.parent / "reference" / "credit_indicators.csv"

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Name = Annotated[str, Field(min_length=1, max_length=40)]


class Group(Label):
    """The twelve groups by which institutions screen companies."""

    PROFILE = "profile", "企业概况"
    EMPLOYMENT = "employment", "用工社保"
    FINANCE = "finance", "财务状况"
    TAX = "tax", "开票纳税"
    INNOVATION = "innovation", "创新与荣誉"
    UTILITIES = "utilities", "水电气用量"
    BORROWING = "borrowing", "融资借贷"
    PERFORMANCE = "performance", "履约情况"
    COMPLIANCE = "compliance", "监管处罚"
    LITIGATION = "litigation", "司法涉诉"
    TRADE = "trade", "进出口"
    EQUITY = "equity", "股权与投资"


class Kind(Label):
    """The types of value: amounts are whole yuan, a ratio of 0.35 is 35 per cent."""

    AMOUNT = "amount", "金额"
    NUMBER = "number", "数值"
    RATIO = "ratio", "比例"
    COUNT = "count", "数量"
    FLAG = "flag", "是或否"
    DATE = "date", "日期"
    CHOICE = "choice", "选项"
    TEXT = "text", "文字"


class Period(Label):
    """What span of time a value describes; `NONE`: the state on its day."""

    NONE = "none", "时点"
    MONTH = "month", "月"
    QUARTER = "quarter", "季"
    YEAR = "year", "年"


class Indicator(Value):
    """One row of the register.

    `negative`: a value other than none at all is a bad record, which the law lets us keep for five years.
    `personal`: it names people, and stays out of reports of errors. `choices` stand in the order of the file.
    """

    code: Code
    category: Category
    group: Group
    name: Name
    type: Kind
    unit: Annotated[str, Field(max_length=10)] = ""
    periodic: Period = Period.NONE
    negative: bool = False
    personal: bool = False
    choices: tuple[Name, ...] = ()
    explanation: Annotated[str, Field(min_length=1, max_length=200)]

    @model_validator(mode="after")
    def _choices_belong_to_choice(self) -> Self:
        if (self.type is Kind.CHOICE) != bool(self.choices):
            raise ValueError("类型为 choice 时要填 choices，其他类型不填")
        if len(set(self.choices)) < len(self.choices):
            raise ValueError("choices 里有重复的选项")
        return self

    @property
    def is_figure(self) -> bool:
        """Whether values can be compared by size."""
        return self.type in {Kind.AMOUNT, Kind.NUMBER, Kind.RATIO, Kind.COUNT}


class RegistryError(Exception):
    """A file of the register cannot be used; one Chinese line for each fault: file, row, field, reason."""


class Registry(Mapping[str, Indicator]):
    """The indicators by code, in the order of the files."""

    def __init__(self, indicators: Iterable[Indicator]) -> None:
        self._by_code = {indicator.code: indicator for indicator in indicators}

    def __getitem__(self, code: str) -> Indicator:
        return self._by_code[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_code)

    def __len__(self) -> int:
        return len(self._by_code)

    @cached_property
    def by_category(self) -> dict[Category, tuple[Indicator, ...]]:
        """All seven categories, in their order."""
        return {
            category: tuple(item for item in self.values() if item.category is category)
            for category in Category
        }


@cache
def load(files: tuple[Path, ...] = ()) -> Registry:
    """The standard register, and further indicators from files of the same columns; each file is read once.

    Raises:
        RegistryError: a file cannot be read, a row is wrong, or a code occurs twice.
    """
    found: dict[str, tuple[Indicator, str]] = {}
    faults: list[str] = []
    for file in (_STANDARD, *files):
        for place, indicator in _read(file, faults):
            where = f"{file.name} 第 {place} 行"
            first = found.setdefault(indicator.code, (indicator, where))
            if first[1] != where:
                faults.append(f"{where}，code：{indicator.code} 在 {first[1]}已经有了")
    if faults:
        raise RegistryError("\n".join(faults))
    return Registry(indicator for indicator, _ in found.values())


def standard() -> Registry:
    """The register as it comes with the service."""
    return load()


def _read(file: Path, faults: list[str]) -> Iterator[tuple[int, Indicator]]:
    """The good rows with their places; what is wrong goes to `faults`."""
    try:
        source = open_file(file, Indicator)
    except UnreadableFile as error:
        faults.append(f"{file}：{error}")
        return
    faults.extend(f"{file.name} 表头，{name}：没有这一列" for name in source.ignored)
    for entry in source:
        indicator, problems = _checked(entry)
        faults.extend(f"{file.name} 第 {item.index} 行，{item.field}：{item.reason}" for item in problems)
        if indicator is not None:
            yield entry.place, indicator


def _checked(entry: Entry) -> tuple[Indicator | None, Sequence[Rejected]]:
    if entry.problems:
        return None, entry.problems
    try:
        return Indicator.model_validate(entry.data), ()
    except ValidationError as error:
        return None, rejections(entry.place, error)
