"""Files as operators have them: encodings, delimiters, headers, and what is broken in them."""

import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from domain.companies import Company
from domain.intake.entries import Entry, Source, UnreadableFile
from domain.intake.files import open_file
from domain.intake.lines import LONGEST_LINE
from domain.products import Product

USCC = "91320583MA1MABCD5X"
XLS = Path(__file__).parent / "companies.xls"


def written(folder: Path, content: str | bytes, name: str = "rows.csv") -> Path:
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def companies(folder: Path, content: str | bytes, name: str = "rows.csv") -> tuple[Source, list[Entry]]:
    source = open_file(written(folder, content, name), Company)
    return source, list(source)


def workbook(folder: Path, *rows: list[Any]) -> list[Entry]:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    book.save(folder / "rows.xlsx")
    return list(open_file(folder / "rows.xlsx", Company))


def reasons(entries: list[Entry]) -> list[tuple[int, str, str]]:
    return [(item.index, item.field, item.reason) for entry in entries for item in entry.problems]


CHINESE = (
    f"统一社会信用代码,企业名称,所属行业,是否首贷,企业资质\n{USCC},联通精密,制造业,是,高新技术企业｜talent\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_chinese_headers_and_labels_in_every_encoding(tmp_path: Path, encoding: str, end: str) -> None:
    source, (entry,) = companies(tmp_path, CHINESE.replace("\n", end).encode(encoding))
    assert (source.total, source.ignored) == (1, ())
    assert entry.place == 2
    assert entry.data == {
        "uscc": USCC,
        "name": "联通精密",
        "industry": "C",
        "first_loan": True,
        "qualifications": ["high_tech", "talent"],
    }
    assert source.header_of("qualifications.1") == "企业资质"


@pytest.mark.parametrize("mark", [",", ";", "\t", "，"])
def test_the_delimiter_is_found_by_the_header(tmp_path: Path, mark: str) -> None:
    text = mark.join(["uscc", "name", "phone"]) + "\n" + mark.join([USCC, "甲;乙.丙", "1"])
    if mark == ";":
        text = text.replace("甲;乙.丙", '"甲;乙.丙"')
    _, (entry,) = companies(tmp_path, text)
    assert entry.data == {"uscc": USCC, "name": "甲;乙.丙", "phone": "1"}


def test_rows_keep_the_numbers_of_their_lines(tmp_path: Path) -> None:
    text = f'\nuscc,name\n\n{USCC},"甲\n乙"\n,\n{USCC},丙\n'
    _, entries = companies(tmp_path, text)
    assert [(entry.place, entry.data["name"]) for entry in entries] == [(4, "甲\n乙"), (7, "丙")]


@pytest.mark.parametrize("broken", ['X,"甲', 'X,"甲"乙', 'X,"甲,乙,"丙"'])
def test_a_broken_row_costs_no_other(tmp_path: Path, broken: str) -> None:
    rows = [f"{USCC},好{number}" for number in range(120)]
    text = "\n".join(["uscc,name", rows[0], broken, *rows[1:]])
    _, entries = companies(tmp_path, text)
    assert [entry.data["name"] for entry in entries if entry.data] == [f"好{number}" for number in range(120)]
    ((place, field, reason),) = reasons(entries)
    assert (place, field) == (3, "")
    assert "引号" in reason


def test_a_line_in_another_encoding_costs_no_other(tmp_path: Path) -> None:
    lines = [
        b"uscc,name",
        f"{USCC},甲".encode(),
        f"{USCC},乙".encode("gb18030"),
        f"{USCC},丙".encode(),
    ]
    _, entries = companies(tmp_path, b"\n".join(lines))
    assert [(entry.place, entry.data and entry.data["name"]) for entry in entries] == [
        (2, "甲"),
        (3, None),
        (4, "丙"),
    ]
    assert "UTF-8" in reasons(entries)[0][2]


def test_a_line_without_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    text = f"uscc,name\n{USCC},{'甲' * LONGEST_LINE}\n{USCC},乙"
    _, entries = companies(tmp_path, text)
    assert reasons(entries) == [(2, "", "这一行超过 1 MB")]
    assert (entries[1].place, entries[1].data["name"]) == (3, "乙")


def test_cells_beyond_the_header_are_refused(tmp_path: Path) -> None:
    _, entries = companies(tmp_path, f"uscc,name\n{USCC},甲,,\n{USCC},乙,丙\n")
    assert reasons(entries) == [(3, "", "比表头多出 1 格，请检查分隔符和引号")]


def test_unknown_columns_are_named_once_with_a_guess(tmp_path: Path) -> None:
    source, (entry,) = companies(tmp_path, f"uscc,name,备注,emploees\n{USCC},甲,x,5\n")
    assert source.ignored == ("备注", "emploees（是不是 employees（员工人数）？）")
    assert entry.data == {"uscc": USCC, "name": "甲"}


@pytest.mark.parametrize("header", ["注册资本（元）", "* 注册资本", "Registered_Capital", "注册资本(必填)"])
def test_decoration_of_headers_changes_nothing(tmp_path: Path, header: str) -> None:
    _, (entry,) = companies(tmp_path, f'uscc,name,{header}\n{USCC},甲,"5,000,000"\n')
    assert entry.data["registered_capital"] == "5000000"


def test_another_unit_is_another_column(tmp_path: Path) -> None:
    source, (entry,) = companies(tmp_path, f"uscc,name,注册资本（万元）\n{USCC},甲,500\n")
    assert source.ignored[0].startswith("注册资本（万元）")
    assert "registered_capital" not in entry.data


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        ("", "a.csv", "空"),
        ("\n\n", "a.csv", "空"),
        ("name\n甲", "a.csv", "缺少必填列：uscc（统一社会信用代码）"),
        ("uscc,信用代码,name\n", "a.csv", "重复的列：uscc"),
        ("uscc,name\n".encode("utf-16"), "a.csv", "UTF-16"),
        ('{"rows": [\n1]}', "a.json", "数组"),
        ("[1, 2", "a.json", "不是有效的 JSON"),
        (b"PK\x03\x04 no workbook", "a.xlsx", "Excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 no workbook", "a.xls", "Excel"),
    ],
)
def test_what_cannot_be_read_at_all_is_said(tmp_path: Path, content: Any, name: str, words: str) -> None:
    with pytest.raises(UnreadableFile, match=words):
        open_file(written(tmp_path, content, name), Company)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="读不到"):
        open_file(tmp_path / "none.csv", Company)
    with pytest.raises(UnreadableFile, match="读不到"):
        open_file(tmp_path, Company)


def test_json_lines_with_mark_empty_lines_and_broken_ones(tmp_path: Path) -> None:
    deep, digits = "[" * 100_000, f'{{"a": {"9" * 5000}}}'
    text = f'\ufeff{{"name": "甲"}}\n\n  \n{{"name": \n{deep}\n{digits}\n[1]\n{{"name": "乙"}}\n'
    source, entries = companies(tmp_path, text, "rows.jsonl")
    assert [(entry.place, entry.data) for entry in entries if not entry.problems] == [
        (1, {"name": "甲"}),
        (7, [1]),
        (8, {"name": "乙"}),
    ]
    assert [place for place, _, _ in reasons(entries)] == [4, 5, 6]
    assert "第 10 个字符附近" in reasons(entries)[0][2]
    assert (source.unit, source.header_of("name")) == ("行", "name")


@pytest.mark.parametrize("wrap", [lambda items: items, lambda items: {"items": items}])
@pytest.mark.parametrize("indent", [None, 2])
def test_a_json_array_or_a_body_of_the_api(tmp_path: Path, wrap: Any, indent: int | None) -> None:
    content = json.dumps(wrap([{"name": "甲"}, 5]), ensure_ascii=False, indent=indent)
    if content.startswith("{") and indent is None:
        content = f"\n{content[:-1]}\n}}"
    source, entries = companies(tmp_path, content, "rows.json")
    assert [(entry.place, entry.data) for entry in entries] == [(1, {"name": "甲"}), (2, 5)]
    assert source.unit == "条"


def test_the_content_counts_and_not_the_name(tmp_path: Path) -> None:
    _, (entry,) = companies(tmp_path, '{"name": "甲"}', "rows.txt")
    assert entry.data == {"name": "甲"}
    book = Workbook()
    book.active.append(["uscc", "name"])  # type: ignore[union-attr]
    book.active.append([USCC, "甲"])  # type: ignore[union-attr]
    book.save(tmp_path / "x.xlsx")
    (tmp_path / "x.xlsx").rename(tmp_path / "x.csv")
    assert [item.place for item in open_file(tmp_path / "x.csv", Company)] == [2]


def test_excel_rows_keep_their_numbers_and_other_sheets_stay_out(tmp_path: Path) -> None:
    book = Workbook()
    hidden, shown = book.active, book.create_sheet("企业")
    assert hidden is not None
    hidden.sheet_state = "hidden"
    hidden.append(["x"])
    for row in ([], ["uscc", "name"], [USCC, "甲"], [], [USCC, "乙"]):
        shown.append(row)
    book.save(tmp_path / "rows.xlsx")
    entries = list(open_file(tmp_path / "rows.xlsx", Company))
    assert [(entry.place, entry.data["name"]) for entry in entries] == [(3, "甲"), (5, "乙")]


def test_the_old_excel_format_too() -> None:
    entries = list(open_file(XLS, Company))
    assert [(entry.place, Company.model_validate(entry.data).name) for entry in entries] == [
        (2, "苏州恒达精密机械有限公司"),
        (3, "昆山联通模具有限公司"),
    ]


def test_what_excel_has_spoilt_is_refused_and_not_guessed(tmp_path: Path) -> None:
    header = ["uscc", "name", "phone", "founded"]
    entries = workbook(
        tmp_path,
        header,
        [913205831234567890, "甲", 13812345678, 2016],
        [USCC, "乙", 13812345678.0, 46053],
        ["9.13206E+17", "丙", "138 1234", "2016年5月"],
    )
    assert [place for place, _, _ in reasons(entries)] == [2, 3, 4]
    assert tuple(field for _, field, _ in reasons(entries)) == ("uscc", "founded", "uscc")
    assert all(
        words in reason
        for (_, _, reason), words in zip(reasons(entries), ("数值", "46053", "科学计数"), strict=True)
    )
    assert (entries[0].data["phone"], entries[0].data["founded"]) == ("13812345678", 2016)
    assert entries[2].data["founded"] == "2016-05"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026/1/5", "2026-01-05"),
        ("2026年1月5日", "2026-01-05"),
        ("2026.01.05", "2026-01-05"),
        ("20260105", "2026-01-05"),
        ("２０２６－１－５", "2026-01-05"),
        ("2026年", "2026"),
        ("明年", "明年"),
    ],
)
def test_days_as_people_write_them(tmp_path: Path, text: str, day: str) -> None:
    _, (entry,) = companies(tmp_path, f"uscc,name,founded\n{USCC},甲,{text}\n")
    assert entry.data["founded"] == day


def test_records_within_a_cell(tmp_path: Path) -> None:
    text = f"uscc,name,members,qualifications\n{USCC},甲,oZhang@法定代表人|oLi,无\n{USCC},乙,o@agent@x,\n"
    _, entries = companies(tmp_path, text)
    assert entries[0].data["members"] == [
        {"openid": "oZhang", "role": "legal_representative"},
        {"openid": "oLi"},
    ]
    assert entries[0].data["qualifications"] == []
    assert reasons(entries) == [(3, "members", "应为 openid@role，各项以 | 分隔")]
    assert "o@agent" not in entries[1].problems[0].value


def test_conditions_have_columns_of_their_own(tmp_path: Path) -> None:
    text = "编号,产品名称,所属机构,conditions.revenue_min,要求首次贷款\nA,税金贷,苏州银行,3000000,是\n"
    (entry,) = open_file(written(tmp_path, text), Product)
    assert entry.data["conditions"] == {"revenue_min": "3000000", "first_loan": True}
    assert Product.model_validate(entry.data).conditions.revenue_min == 3_000_000
