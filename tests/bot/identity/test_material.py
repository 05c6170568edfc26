"""The way without a face: what is taken, for how long, and how it goes on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.identity.base import Verdict
from bot.identity.material import BadPaper, Limits, Material, Upload, accepted
from domain.errors import NotAllowedNow, NotFound
from domain.identity.tables import State
from tests.bot.identity.conftest import NAME, NUMBER, PERSON, START, Town
from tests.bot.identity.test_checking import told, verified

JPEG, PNG, PDF = b"\xff\xd8\xff\xe0 a card", b"\x89PNG\r\n\x1a\n a card", b"%PDF-1.7 a card"


def test_files_are_known_by_their_first_bytes() -> None:
    taken = accepted([Upload(JPEG), Upload(PNG), Upload(PDF)], Limits())
    assert [paper.media_type for paper in taken] == ["image/jpeg", "image/png", "application/pdf"]
    assert [paper.content for paper in taken] == [JPEG, PNG, PDF]


@given(st.binary(max_size=64))
def test_nothing_else_is_taken(content: bytes) -> None:
    """Not even what calls itself a picture further in."""
    if content.startswith((JPEG[:3], PNG[:8], PDF[:5])):
        return
    for disguised in (content, content + JPEG if content else b"<svg>"):
        with pytest.raises(BadPaper) as refused:
            accepted([Upload(JPEG), Upload(disguised)], Limits())
        assert refused.value.number == 2
        assert "第 2 个文件" in refused.value.sentence


@pytest.mark.parametrize(
    ("uploads", "number", "words"),
    [
        ([], 0, "还没有选文件"),
        ([Upload(JPEG)] * 5, 0, "最多上传 4 个"),
        ([Upload(JPEG), Upload(JPEG + bytes(5 * 1024 * 1024))], 2, "不超过 5 MB"),
        ([Upload(b"")], 1, "JPG、PNG 图片或 PDF"),
    ],
)
def test_what_is_not_taken_says_why(uploads: list[Upload], number: int, words: str) -> None:
    with pytest.raises(BadPaper, match=words) as refused:
        accepted(uploads, Limits())
    assert refused.value.number == number


def test_the_largest_is_taken() -> None:
    assert accepted([Upload(JPEG + bytes(1024 - len(JPEG)))], Limits(max_bytes=1024))


async def test_an_adviser_ends_it_and_nobody_else() -> None:
    material = Material("https://city.cn/m/identity/material/{id}")
    begun = await material.begin(PERSON, "https://city.cn/", reference="ID-1", now=START)
    assert begun.url.endswith("/material/ID-1")
    assert (await material.finish(begun.token, PERSON)).verdict is Verdict.PENDING


async def begin(town: Town) -> str:
    await town.checking.begin("o-1", NAME, NUMBER, None, without_face=True)
    shown = await town.checking.latest("o-1")
    assert shown is not None
    assert (shown.state, shown.without_face) == (State.BEGUN, True)
    return shown.id


@pytest.mark.parametrize(("refusal", "state"), [(None, State.PASSED), ("照片看不清楚", State.FAILED)])
async def test_from_upload_to_decision(town: Town, refusal: str | None, state: State) -> None:
    verification = await begin(town)
    result = await town.checking.hand_in("o-1", verification, [Upload(JPEG), Upload(PDF)])
    assert (result.state, "正在核对" in result.sentence) == (State.IN_REVIEW, True)
    town.clock.on(days=60)
    assert await town.checking.run_once() == 0, "an adviser's time is not the person's"
    assert (await town.checking.finish("o-1", verification)).state is State.IN_REVIEW
    result = await town.checking.decide(verification, refusal, "client:CL-1")
    assert result.state is state
    if refusal:
        assert result.sentence == refusal
    assert await verified(town) == (refusal is None)
    assert (await told(town), town.nudges) == ([state], [1])
    town.clock.on(days=29)
    assert await town.checking.run_once() == 0
    town.clock.on(days=2)
    assert await town.checking.run_once() == 2, "the papers are gone"


async def test_who_uploads_nothing_is_over_after_a_week(town: Town) -> None:
    verification = await begin(town)
    town.clock.on(days=6)
    await town.checking.run_once()
    assert (await town.checking.result("o-1", verification)).state is State.BEGUN
    town.clock.on(days=2)
    await town.checking.run_once()
    assert (await town.checking.result("o-1", verification)).state is State.EXPIRED
    with pytest.raises(NotAllowedNow):
        await town.checking.hand_in("o-1", verification, [Upload(JPEG)])


async def test_papers_go_to_ones_own_try_alone(town: Town) -> None:
    verification = await begin(town)
    with pytest.raises(NotFound):
        await town.checking.hand_in("o-2", verification, [Upload(JPEG)])
    with pytest.raises(BadPaper):
        await town.checking.hand_in("o-1", verification, [Upload(JPEG)] * 3)
    assert (await town.checking.result("o-1", verification)).state is State.BEGUN
