"""How many people work at the firm: `employees`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from components.numerals import NUMBER
from components.quantities import JOIN, span_of
from components.spans import Span, after, before

_COUNT = rf"(?<![\d.第])(?P<number>{NUMBER})(?:\s*(?:个|名|人)?{JOIN}{NUMBER})?\s*(?:多|来|几|余)?"
HEADS = re.compile(
    rf"{_COUNT}\s*(?:个|名|位|号|口子?)?\s*(?:正式|全职|在职|在编|固定|老|技术|残疾|女|男)?的?"
    r"(?P<noun>员工|工人|职工|雇员|职员|师傅|技师|伙计|店员|服务员|业务员|司机|老师|教练|护士|医生|厨师|程序员|工程师|农民工|人手|工友|兄弟|弟兄|同事|女工|临时工|小时工|大工|小工|口子|人(?!民|家|脸|工|行|寿|才|均|次|份|头|情|气|体))"
)
STAFF_BEFORE = re.compile(
    r"(?:员工|工人|职工|人员|团队|手下|手底下|底下|雇了?|请了?|招了?|厂里|店里|公司|车间|单位|我们|咱们?|一共|总共|拢共|合计|算上|加上|连|带着|养着|养|有|就|只有|夫妻|全厂|发工资|给)[^,，。\d]{0,7}$"
)
STAFF_NUMBER = re.compile(
    rf"(?:(?:员工|职工|工人|团队|人员|师傅|伙计|店员|职员|参保|社保|从业|在册|在职|用工)(?:人数|数量|数|规模)?|人数|人手|人|临时工)(?:现在|目前|大概|大约|是|有|共|总共|差不多|才|就|约|近|不到|将近|接近|快|超过|在|交了|缴|的话|呢|嘛|一共|合计|应该|改成|改为|改到|写错了|错了|不对|不是\d+个?人?|[,，:])*\s*(?P<number>{NUMBER})(?:{JOIN}{NUMBER})?(?:多|来|几|余)?(?:个|名|号|位|人)?(?![\d万亿年月天块元%千百岁个楼]|多?[万块]|(?:个|名|位)?(?:小时|股东|月|亿|点))"
)
NOT_STAFF = re.compile(
    r"(?:担保|股东|联系|合伙|投资|客户|法|申请|借款|共同|本|熟|残疾|证|经纪|中间|老年)个?$"
)
NOT_STAFF_BEFORE = re.compile(
    r"(?:(?:想|要|再|多|新|打算|准备|得|计划|需要|还)[^,，。\d]{0,4}(?:招聘?|请|雇|添|增|聘|加|找)|差(?!不多)|缺|招聘|扩招|增加|裁了?|裁员|走了|辞了|离职了?|跑了|少了|开除了?|带动(?:就业)?|解决(?:就业)?|吸纳(?:就业)?|安置|其中[^,，。\d]{0,6}|里面|家里|一家|我家|全家|股东|上有老|接待|容纳|服务|客户|会员|学员|学生)(?:了|有|过)*$"
)
_BOUND = r"(?:及?以[下上]|以内|之内|往上)"
NOT_STAFF_BEHIND = re.compile(
    r"(?::|担保|股东|来(?!个|号)|去(?!年)|一起|办|合伙|就业|投资|占股|签字|联保|作保|才(?:算|能)|(?:就|都)?算|"
    rf"{_BOUND}的?(?:小微|小|中|大|微型?|中型|小型|大型)?(?:企业|公司|单位|算|才|属于)|的(?:包间|包厢|桌|会议室|车|大巴|住))"
)
# 「厂里六十多号」
ROUGH_HEADS = re.compile(rf"(?<![\d.第])(?P<number>{NUMBER})(?:多|来|几)号(?=$|[,，。!！])")
FEW = 5


def find_employees(text: str) -> Iterator[Span]:
    """Heads; of 「三五个人」 the lower figure, a rough one as its round figure."""
    for match in HEADS.finditer(text):
        ends = span_of(match["number"])
        if ends and ends[0] >= 1 and _are_staff(text, match, few=ends[0] < FEW):
            yield Span("employees", match.start(), match.end(), int(ends[0]))
    for match in ROUGH_HEADS.finditer(text):
        ends = span_of(match["number"])
        if ends and not NOT_STAFF_BEFORE.search(before(text, match.start())):
            yield Span("employees", match.start(), match.end(), int(ends[0]))
    for match in STAFF_NUMBER.finditer(text):
        ends = span_of(match["number"])
        if ends and ends[0] >= 1 and _is_staff_number(text, match):
            yield Span("employees", match.start("number"), match.end(), int(ends[0]))


def _are_staff(text: str, match: re.Match[str], *, few: bool) -> bool:
    left = before(text, match.start())
    if NOT_STAFF.search(match[0][:-1]) or NOT_STAFF_BEFORE.search(left):
        return False
    # 「两个人来办」: few people without a word of the firm are those who speak.
    if few and match["noun"] == "人" and not STAFF_BEFORE.search(left):
        return False
    return not NOT_STAFF_BEHIND.match(after(text, match.end()))


def _is_staff_number(text: str, match: re.Match[str]) -> bool:
    left = before(text, match.start())
    if NOT_STAFF.search(left + "人") or NOT_STAFF_BEHIND.match(after(text, match.end())):
        return False
    if match[0].startswith(("人数", "人手")):
        return not NOT_STAFF_BEFORE.search(left)
    return (
        not match[0].startswith("人")
        or not re.search(r"[\u4e00-\u9fa5]$", left)
        or left.endswith(("厂里", "公司", "店里"))
    )
