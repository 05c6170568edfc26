"""Who the owner is to the platform: his company, his identity, his score. All of it is done on pages."""

from domain.admission import Lack
from domain.identity import verifications
from handlers import admission
from handlers.turn import Outcome, Turn

_AFTERWARDS = "办好后这里会通知您。"


async def register_company(turn: Turn) -> Outcome:
    """Nothing about a company is typed into the chat: the page checks and keeps it."""
    found = await admission.standing(turn)
    if Lack.REGISTRATION in found.lacks:
        link = admission.link_to(turn, "register", "点这里注册企业")
        return Outcome(f"注册在这个页面办，准备好统一社会信用代码就行：\n{link}\n{_AFTERWARDS}", turn.state)
    company = found.company.name if found.company else ""
    link = admission.link_to(turn, "register", "再加一家企业")
    more = f"还没办的：{'、'.join(lack.label for lack in found.lacks)}。" if found.lacks else ""
    return Outcome(f"您已经绑定「{company}」。{more}\n{link}", turn.state)


async def verify_identity(turn: Turn) -> Outcome:
    if await verifications.is_verified(turn.session, turn.openid):
        return Outcome("您已经完成实名认证，不用再做一次。", turn.state)
    link = admission.link_to(turn, "identity", "点这里实名认证")
    said = "实名认证可以刷脸，不想刷脸也可以交材料由顾问审核。身份证号请只填在页面上，别发在聊天里。"
    return Outcome(f"{said}\n{link}\n{_AFTERWARDS}", turn.state)


async def ask_credit(turn: Turn) -> Outcome:
    """The score stands on a page that only the owner can open, not in a chat that others may read."""
    found = await admission.standing(turn)
    for lack, page in ((Lack.REGISTRATION, "register"), (Lack.IDENTITY, "identity")):
        if lack in found.lacks:
            link = admission.link_to(turn, page, f"点这里办{lack.label}")
            return Outcome(f"信用分和报告只给企业本人看，要先办{lack.label}：\n{link}", turn.state)
    link = admission.link_to(turn, "credit", "查看信用分和信用报告")
    said = "信用分、六个维度的情况和怎么提升，都在报告里，只有您自己能打开："
    return Outcome(f"{said}\n{link}", turn.state)
