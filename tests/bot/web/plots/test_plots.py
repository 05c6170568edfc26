"""The plots: their very text, stored beside; what they say without eyes; what Chromium makes of them.

A golden file is written anew by deleting it and running the test once; look at it before it is kept.
"""

from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from markupsafe import Markup
from playwright.async_api import async_playwright

from bot.web.plots.history import history
from bot.web.plots.radar import radar
from domain.scores.values import DimensionScore, HistoryPoint

GOLDEN = Path(__file__).parent / "golden"
CHROMIUM = Path("/usr/bin/chromium")
SVG = "{http://www.w3.org/2000/svg}"
NAMES = ("经营环境", "管理水平", "经营能力", "财务状况", "信用记录", "社会责任")


def dimensions(*points: float | None) -> list[DimensionScore]:
    return [
        DimensionScore(
            f"d{place}", NAMES[place], 1 / 6, 60 if of is None else of, 60, 0 if of is None else 0.8
        )
        for place, of in enumerate(points)
    ]


def scores(*of: tuple[int, int, int | None]) -> Markup:
    points = [HistoryPoint(date(2026, month, day), score) for month, day, score in of]
    return history(points, lowest=300, highest=850, line=600)


PLOTS = {
    "radar": radar(dimensions(85, 75, 80, 77, 74, 76)),
    "radar-uneven": radar(dimensions(100, 0, 54.5, 39.8, 0, 100)),
    "radar-unknown": radar(dimensions(58, None, None, None, None, None)),
    "history": scores((5, 3, 655), (7, 1, 640), (9, 10, 690), (11, 23, 709)),
    "history-gap": scores((3, 3, 612), (6, 9, None), (8, 9, 598), (11, 23, 422)),
    "history-ends": scores((3, 3, 850), (11, 23, 300)),
    "history-one": scores((11, 23, 845)),
    "history-none": scores((11, 23, None)),
}


def parsed(name: str) -> ET.Element:
    return ET.fromstring(str(PLOTS[name]))  # noqa: S314 - made here


@pytest.mark.parametrize("name", PLOTS)
def test_the_plot_is_the_one_that_was_looked_at(name: str) -> None:
    file = GOLDEN / f"{name}.svg"
    text = str(PLOTS[name]).replace("><", ">\n<") + "\n"
    if not file.exists():
        file.write_text(text, encoding="utf-8")
        pytest.fail(f"{file.name} is new: look at it")
    assert text == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PLOTS)
def test_screen_readers_get_a_title_and_all_figures(name: str) -> None:
    root = parsed(name)
    assert root.get("role") == "img"
    named = [root.find(f"{SVG}title"), root.find(f"{SVG}desc")]
    assert [part.get("id") for part in named if part is not None] == (
        root.get("aria-labelledby") or ""
    ).split()
    told = named[1].text if named[1] is not None else None
    assert told
    figures = {text.text for text in root.iter(f"{SVG}text") if text.get("font-weight") == "bold"}
    assert all(figure and figure.removesuffix("分") in told for figure in figures)


def test_the_description_says_where_the_score_stands() -> None:
    below, above = str(scores((3, 3, 612), (11, 23, 422))), str(scores((11, 23, 600)))
    assert "2026年3月3日612分，2026年11月23日422分" in below
    assert "目前低于这条线" in below
    assert "达到600分线" in above


def test_a_dimension_without_data_is_told_apart_without_colour() -> None:
    root = parsed("radar-unknown")
    fills = [dot.get("fill") for dot in root.iter(f"{SVG}circle")]
    assert fills[0] != fills[1]
    assert fills.count("#ffffff") == 5
    assert [text.text for text in root.iter(f"{SVG}text")].count("数据不足") == 5


def test_names_are_text_and_never_markup() -> None:
    evil = DimensionScore("d", "<script>alert(1)</script>", 1, 50, 60, 1)
    assert "<script>" not in radar([evil] * 3)


@pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium at /usr/bin/chromium")
async def test_nothing_is_cut_off_or_hidden_behind_something_in_chromium() -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": 375, "height": 812})
        for name, plot in PLOTS.items():
            await page.set_content(f'<body style="margin:16px">{plot}</body>')
            found = await page.evaluate(_LOOK)
            assert found["texts"] > 0, name
            assert found["outside"] == [], name
            assert found["over"] == [], name
            assert found["smallest"] >= 12, name
        await browser.close()


# Texts beyond the drawing's rim, texts over each other, and the smallest of them in pixels of the screen.
_LOOK = """() => {
    const rim = document.querySelector("svg").getBoundingClientRect();
    const texts = [...document.querySelectorAll("text")].map(
        (text) => [text.textContent, text.getBoundingClientRect()]);
    const outside = texts.filter(([, box]) => box.left < rim.left || box.right > rim.right
        || box.top < rim.top || box.bottom > rim.bottom).map(([said]) => said);
    const over = [];
    for (const [said, a] of texts) for (const [other, b] of texts) {
        const shrunk = 2;
        if (said < other && a.left + shrunk < b.right && b.left + shrunk < a.right
            && a.top + shrunk < b.bottom && b.top + shrunk < a.bottom) over.push(said + "/" + other);
    }
    const scale = rim.width / document.querySelector("svg").viewBox.baseVal.width;
    return {texts: texts.length, outside, over, smallest: 12 * scale};
}"""
