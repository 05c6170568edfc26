"""Whatever a link says comes back as it was, and whatever is changed of it is refused."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.web.links import BadLink, Links, Page
from domain.secrets import Cipher, decode_key, new_key

LINKS = Links(Cipher(decode_key(new_key())), "https://owners.example/", minutes=30)
TOKENS = "https://owners.example/m/go/"

names = st.from_regex(r"[a-z]{1,8}", fullmatch=True)
args = st.dictionaries(names, st.text(max_size=40), max_size=3)
openids = st.from_regex(r"o[0-9A-Za-z_-]{27}", fullmatch=True)


@given(openids, st.sampled_from(Page), args)
def test_a_link_comes_back_as_it_was_made(openid: str, page: Page, said: dict[str, str]) -> None:
    link = LINKS.to(openid, page, **said)
    assert link.startswith(TOKENS)
    opened = LINKS.open(link.removeprefix(TOKENS))
    assert (opened.openid, opened.target.page, opened.target.args) == (openid, page, said)


@given(openids, st.data())
def test_no_changed_byte_opens_anything(openid: str, data: st.DataObject) -> None:
    token = LINKS.to(openid, Page.DATA).removeprefix(TOKENS)
    blob = bytearray(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    place = data.draw(st.integers(0, len(blob) - 1))
    blob[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(BadLink):
        LINKS.open(base64.urlsafe_b64encode(bytes(blob)).decode().rstrip("="))


@given(st.text(max_size=300))
def test_no_nonsense_opens_anything(token: str) -> None:
    with pytest.raises(BadLink):
        LINKS.open(token)


def test_a_link_fits_into_a_reply_beside_its_words() -> None:
    """WeChat takes 2,048 bytes of a text."""
    longest = LINKS.to("o" * 28, Page.AUTHORIZATION_NEW, kind="passing_on", institution="中国" * 15)
    assert len(longest) < 500
