"""Credit data from files: rows are judged by the register, and a city's own indicators are taken."""

from pathlib import Path

import pytest

from bot.city_sections import Credit
from domain.credit.registry import load
from domain.database import Database
from domain.importing import Import, Rejected, Tally
from domain.intake.files import open_file
from domain.intake.kinds import FORMATS
from domain.secrets import Cipher
from tests.domain.credit.stage import NOW, OTHER, REGISTRY, USCC, Stage, item
from tests.domain.credit.test_registry import GOOD, file

HEADER = "统一社会信用代码,指标,数据日期,值,数据来源,终止日期\n"


class Heard:
    """What a listener was told."""

    def __init__(self) -> None:
        self.problems: list[tuple[int, str, str, str]] = []
        self.remarks: list[int] = []

    def refused(self, found: Rejected) -> None:
        self.problems.append((found.index, found.field, found.reason, found.value))

    def remarked(self, found: Rejected) -> None:
        self.remarks.append(found.index)

    def changed(self, change: object) -> None:
        pytest.fail(f"an import does not compare: {change}")

    def advanced(self, entries: int) -> None:
        """Nobody looks at the bar."""


async def take(
    database: Database,
    cipher: Cipher,
    folder: Path,
    *rows: str,
    register: object = REGISTRY,
    whole: bool = False,
) -> tuple[Tally, Heard]:
    path = folder / "信用.csv"
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    heard = Heard()
    run = Import(database, "credit", cipher, heard, register)  # type: ignore[arg-type]
    source = open_file(path, FORMATS["credit"])
    return await (run.keep_all(source) if whole else run.keep_good(source)), heard


async def test_good_rows_are_kept_and_bad_ones_named(stage: Stage, cipher: Cipher, tmp_path: Path) -> None:
    tally, heard = await take(
        stage.database,
        cipher,
        tmp_path,
        f'{USCC},revenue,2025-12-31,"36,480,000.50",税务局,',
        f"{USCC},turnover,2025-12-31,1,税务局,",
        f"{USCC},officers,2025-12-31,{'王小明、' * 60},市监局,",
        f"{USCC},overdue_now,2026/10/31,否,人行,",
        f"{USCC},revenue,2025-12-31,2,税务局,",
        f"{USCC},penalties_2y,2019-01-01,1,市监局,",
        f"{'9' * 18},employees,2025-12-31,12,社保局,",
        f"{USCC},revenue_growth,2025-12-31,16.7%,税务局,2025-01-01",
    )
    assert (tally.new, tally.refused) == (3, 5)
    assert heard.problems == [
        (3, "indicator", "没有这个指标", "turnover"),
        (4, "value", "不能超过 200 个字", ""),
        (6, "", "与第 2 行重复，以先出现的为准", f"{USCC} revenue 2025-12-31"),
        (7, "as_of", "不良信息自终止之日起已满 5 年，依法不再保存", "2019-01-01"),
        (9, "ended_on", "只有不良信息才有终止日期", "2025-01-01"),
    ]
    assert heard.remarks == [8]
    assert await stage.values() == {"revenue": 36480001, "overdue_now": False}


async def test_all_or_nothing(stage: Stage, cipher: Cipher, tmp_path: Path) -> None:
    rows = [f"{USCC},revenue,2025-12-31,5,税务局,", f"{OTHER},revenue,2025-12-31,多,税务局,"]
    tally, _ = await take(stage.database, cipher, tmp_path, *rows, whole=True)
    assert tally == Tally(refused=1)
    assert await stage.values() == {}
    tally, _ = await take(stage.database, cipher, tmp_path, *rows[:1], whole=True)
    assert (tally, await stage.values()) == (Tally(new=1), {"revenue": 5})


async def test_a_file_corrects_what_came_by_batch(stage: Stage, cipher: Cipher, tmp_path: Path) -> None:
    await stage.take(item("revenue", 1), now=NOW)
    await take(stage.database, cipher, tmp_path, f"{USCC},revenue,2025-12-31,7,税务局,")
    assert await stage.history("revenue") == [("2025-12-31", 7)]


async def test_a_citys_own_indicator_is_taken_with_its_register_alone(
    stage: Stage, cipher: Cipher, tmp_path: Path
) -> None:
    row = f"{USCC},solar_12m,2026-10-31,120.5,供电公司,"
    refused, _ = await take(stage.database, cipher, tmp_path, row)
    own = load((file(tmp_path, GOOD),))
    taken, _ = await take(stage.database, cipher, tmp_path, row, register=own)
    assert (refused, taken) == (Tally(refused=1), Tally(new=1))


def test_the_configuration_names_what_is_wrong_with_a_register(tmp_path: Path) -> None:
    good = file(tmp_path, GOOD)
    assert "solar_12m" in Credit(indicator_files=(good,)).indicators
    bad = file(tmp_path, GOOD.replace(",number,", ",figure,"), name="坏.csv")
    with pytest.raises(ValueError, match=r"坏\.csv 第 2 行，type"):
        Credit(indicator_files=(good, bad))
