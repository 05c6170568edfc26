"""What owners ask before they hand something over: is it safe, what for, must I; and how to delete it."""

import re

from handlers.admission import link_to
from handlers.turn import Turn

# Whoever says more than a short question tells something else too.
_LONGEST = 30
_AROUND = re.compile(r"[\s，。！!、,.~～…?？]+")
_MINE = "(?:数据|信息|资料|记录|账号|账户|帐号|隐私)"
_LEAKS = "安全|泄露|泄漏|外泄|放心|保密|盗用|卖|给别人"
_WORRY = f"{_LEAKS}|靠谱|风险|存|会不会|骗|拿去"
_WHY = "为什么|为啥|干嘛|干吗|干什么|做什么|有什么用|有啥用|凭什么|必须|一定要|非要|非得|能不能不|可以不"
_UNWILLING = "不想|不愿|不肯|不敢|不放心|不给|不.行吗|不可以吗|怕"
_DELETE = "删除|删掉|删了|清除|清空|抹掉|注销"
_ABOUT_FACE = (
    "刷脸只为确认是您本人，由专门的认证服务完成：我们只收到通过没通过，不接收、不保存您的照片和视频。"
    "不想刷脸也行，在认证页选「不刷脸」，传身份证照片由工作人员核对。"
)
_ABOUT_PAPERS = (
    "实名认证是防别人冒用您的企业去借钱，每人只做一次。身份证号只填在认证页面上，加密保存，别发在聊天里。"
    "想删随时说「删除我的数据」。"
)
_ABOUT_CONSENT = (
    "企业的信用信息，您不同意谁也不能看。授权平台，我才能核对情况、匹配产品、发布需求；"
    "给哪家银行看，由您一家一家另定，随时能撤。不授权也能查产品和政策，只是发不了需求。"
)
_NOT_CONSENTING = (
    "没关系，授权由您自己定。不授权也能查产品和政策，只是平台没法核对情况，发不了融资需求、出不了信用分。"
    "想看看授权书写了什么再决定，说「我要授权」就行，看了不等于同意。"
)
_ABOUT_REGISTRATION = (
    "注册是让银行知道是哪家企业在借，免费，大约三分钟。不注册也能查产品和政策，只是发不了融资需求。"
)
_ABOUT_US = (
    "身份证号、电话都加密保存；没有您的授权，哪家机构都不能通过平台看您企业的信用信息。"
    "谁看过都有记录，您问「谁看过我的资料」就能查。平台不收任何费用，也不会找您要密码、验证码。"
)
_DELETED = "可以删。页面会先列出哪些能删、哪些依法要保留，您确认了才删；在办的融资需求和授权会一起撤下。"
_SHOWN = "平台保存的与您有关的信息，都能在这里看、下载，也能删除："


def _worried(things: str, worries: str) -> str:
    """A thing with a worry about it, whichever is said first."""
    before = f"{_WHY}|{_UNWILLING}|安全"
    return f"(?:{things}).*(?:{worries})|(?:{before}).*(?:{things})|不(?:{things})"


_SPOKEN = tuple(
    (re.compile(pattern), answer)
    for pattern, answer in (
        (_worried("刷脸|人脸|扫脸|拍脸", f"{_WORRY}|{_WHY}|{_UNWILLING}"), _ABOUT_FACE),
        (_worried("身份证|证件|实名|认证", f"{_WORRY}|{_WHY}|{_UNWILLING}"), _ABOUT_PAPERS),
        ("(?:不想|不愿意?|不肯|不敢|不打算|先不|暂不|不)(?:给|做)?(?:你们|平台|银行)?授权", _NOT_CONSENTING),
        (_worried("授权", f"{_WORRY}|{_WHY}|{_UNWILLING}"), _ABOUT_CONSENT),
        (_worried("注册", f"安全|{_WHY}|{_UNWILLING}"), _ABOUT_REGISTRATION),
        (f"{_MINE}.*(?:{_LEAKS})|(?:泄露|泄漏|卖|盗用|拿走).*{_MINE}", _ABOUT_US),
        ("(?:你们|平台|这个?)(?:安全|靠谱|是?骗子|骗人的)(?:吗|么|不)", _ABOUT_US),
    )
)
_TO_DELETE = re.compile(
    f"(?:{_DELETE}).*(?:{_MINE}|注册|实名|认证)|{_MINE}.*(?:{_DELETE})|^(?:我要|我想|怎么|帮我)?注销$"
)
_TO_SEE = re.compile(
    f"(?:导出|下载).*我的?{_MINE}|(?:存|保存|收集)了?我的?(?:什么|哪些|啥)|^(?:看看?|查看?)?我的(?:数据|个人信息)$"
)


def answer(turn: Turn) -> str:
    """What to say to such a question; empty where the message is none."""
    bare = _AROUND.sub("", turn.text)
    if turn.understanding.source == "button" or len(bare) > _LONGEST:
        return ""
    if _TO_DELETE.search(bare):
        return f"{_DELETED}\n{link_to(turn, 'data_delete', '看看会删除什么')}"
    if _TO_SEE.search(bare):
        return f"{_SHOWN}\n{link_to(turn, 'data', '我的数据')}"
    return next((said for pattern, said in _SPOKEN if pattern.search(bare)), "")
