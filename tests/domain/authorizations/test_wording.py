"""Consent texts: pinned, complete, and the same words for ever."""

import re
from hashlib import sha256

import pytest

from domain.authorizations import wording
from domain.authorizations.consents import Consent
from domain.authorizations.labels import Category, DataPurpose, Kind
from domain.authorizations.rules import Rules
from tests.domain.authorizations.scene import NAMES, RULES, USCC

CONSENTS = (
    Consent.credit_data(USCC, RULES, scope=[Category.BASE, Category.TRADE], purposes=[DataPurpose.SCORING]),
    Consent.passing_on(USCC, "苏州银行", RULES, scope=[Category.BASE, Category.TRADE], days=30),
    Consent.face("腾讯云", RULES),
)


def shown(consent: Consent, rules: Rules = RULES) -> wording.ConsentText:
    return wording.shown(consent, rules, company=NAMES[USCC] if consent.uscc else "")


def test_no_file_differs_from_its_pinned_hash_and_none_is_without() -> None:
    """Who changes a text that people agreed to must write another version of it instead."""
    files = {file.stem: sha256(file.read_bytes()).hexdigest() for file in wording.FOLDER.glob("*.md")}
    pinned = {
        f"{kind}-{version}": value for kind, of in wording.pinned().items() for version, value in of.items()
    }
    assert files == pinned


def test_versions_are_counted_from_one_without_a_gap() -> None:
    assert wording.pinned().keys() == set(Kind)
    for versions in wording.pinned().values():
        assert sorted(versions) == list(range(1, len(versions) + 1))


@pytest.mark.parametrize("consent", CONSENTS, ids=lambda consent: consent.kind)
def test_a_text_says_what_the_law_wants_said(consent: Consent) -> None:
    text = shown(consent).text
    assert "$" not in text
    for words in (RULES.operator, RULES.contact, f"{consent.days}天", "撤回", "不同意", "保存1095天", "投诉"):
        assert words in text, words
    assert all(purpose.label in text for purpose in consent.purposes)
    if consent.kind is Kind.FACE:
        return
    assert NAMES[USCC] in text
    assert USCC in text
    named = {category for category in Category if category.label in text}
    assert named == consent.scope, "those that were chosen, and no other"


def test_the_text_about_a_face_names_the_other_way() -> None:
    text = shown(CONSENTS[2]).text
    for words in ("敏感个人信息", "单独", "不用人脸", "人工核验", "不保存您的人脸影像", "腾讯云"):
        assert words in text, words


def test_a_text_to_one_institution_names_no_other_purpose() -> None:
    text = shown(CONSENTS[1]).text
    assert "苏州银行" in text
    assert "只针对上面这一家" in text


@pytest.mark.parametrize("consent", CONSENTS, ids=lambda consent: consent.kind)
def test_another_consent_or_city_is_another_text(consent: Consent) -> None:
    same, other = shown(consent), shown(consent, Rules(operator="苏州企业征信服务有限公司"))
    assert same.hash == shown(consent).hash == wording.fingerprint(same.text)
    assert other.hash != same.hash
    assert wording.filled(consent.kind, same.version, same.values) == same


def test_what_never_was_cannot_be_shown() -> None:
    with pytest.raises(FileNotFoundError):
        wording.template(Kind.FACE, 99)


def test_headings_are_all_the_markdown_there_is() -> None:
    """Pages render headings and paragraphs; anything else would be shown as it is typed."""
    for kind, versions in wording.pinned().items():
        for version in versions:
            for line in wording.template(kind, version).splitlines():
                assert re.match(r"#{1,2} \S|[^#*>|`\-\[]|$", line), line
