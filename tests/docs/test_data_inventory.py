"""The inventory of personal data is the registry's, and the assessment speaks of what there is."""

import re

from bot.schema import METADATA
from bot.sections import PROJECT
from domain.personal_data.inventory import page

PRIVACY = PROJECT / "docs" / "privacy"


def test_the_page_is_made_from_the_registry() -> None:
    written = (PRIVACY / "data-inventory.md").read_text(encoding="utf-8")
    begin = written.index("## Of people")
    assert written[begin:] == page(), "print the tables anew with the command that stands on the page"


def test_every_table_is_on_it() -> None:
    assert set(re.findall(r"^\| `(\w+)`", page(), re.MULTILINE)) == set(METADATA.tables)


def test_the_assessment_names_tables_that_exist() -> None:
    text = (PRIVACY / "impact-assessment.md").read_text(encoding="utf-8")
    tables = set(re.findall(r"table `(\w+)`", text))
    assert tables
    assert tables <= set(METADATA.tables)
