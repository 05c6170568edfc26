"""Names and ID numbers as people write them, and whether they can be right at all."""

import re
import unicodedata
from datetime import date

from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from domain.errors import Refusal
from domain.identity.verifications import Person

# Han of all planes, and the zero that is a family name; parts of a name are joined by a dot.
_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af"
_NAME = re.compile(rf"[{_HAN}]+(·[{_HAN}]+)*")
_DOTS = re.compile("[\u00b7\u2022\u2027\u2219\u22c5\u30fb.]")
_SPACES = re.compile(r"\s+")
_GAPS = re.compile(r"[\s\u2010-\u2015-]+")
_LONGEST_NAME, _SHORTEST_NAME = 30, 2
_NUMBER = re.compile(r"\d{17}[\dX]", re.ASCII)
_FIRST_YEAR = 1900


class WrongPaper(Refusal):
    """What cannot be a name or an ID number; `field` is `name` or `id_number`."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def person(name: str, id_number: str, today: date) -> Person:
    """Both in the one form in which they are compared and stored. Raises WrongPaper."""
    return Person(_name(name), _id_number(id_number, today))


def masked_name(name: str) -> str:
    """The first character: 张三丰 becomes 张**."""
    return name[:1] + "*" * len(name[1:])


def masked_number(id_number: str) -> str:
    """Neither birthday nor place: the first character and the last two."""
    return f"{id_number[:1]}{'*' * 15}{id_number[-2:]}"


def same_name(one: str, other: str) -> bool:
    """Whatever dot, width or space the two were written with."""
    return _plain_name(one) == _plain_name(other)


def _name(text: str) -> str:
    name = _plain_name(text)
    if not _SHORTEST_NAME <= len(name) <= _LONGEST_NAME or not _NAME.fullmatch(name):
        raise WrongPaper("name", "姓名请照身份证填写，只含汉字；少数民族姓名中间用“·”隔开。")
    return name


def _plain_name(text: str) -> str:
    return _DOTS.sub("·", _SPACES.sub("", unicodedata.normalize("NFKC", text)))


def _id_number(text: str, today: date) -> str:
    """GB 11643. The place is not looked up: people keep numbers of counties that are long gone."""
    number = _GAPS.sub("", unicodedata.normalize("NFKC", text)).upper()
    if not _NUMBER.fullmatch(number):
        raise WrongPaper("id_number", "身份证号应为 18 位，最后一位可以是 X。")
    if ric.calc_check_digit(number) != number[-1] or not _can_be_a_birthday(number, today):
        raise WrongPaper("id_number", "这个身份证号不对，请对照身份证逐位检查一遍。")
    return number


def _can_be_a_birthday(number: str, today: date) -> bool:
    try:
        born = ric.get_birth_date(number)
    except ValidationError:
        return False
    return born.year >= _FIRST_YEAR and born <= today
