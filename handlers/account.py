"""Who the owner is to the platform: his company, his identity, his score. All of it is done on pages."""

from domain.admission import Lack
from domain.identity import verifications
from handlers import admission
from handlers.turn import Outcome, Turn

_AFTERWARDS = "办好后这里会通知您。"


async def register_company(turn: Turn) -> Outcome:
    """Nothing about a company is typed into the chat: the page checks and keeps it."""
    found = await admission.standing(turn)
    row = None if found.company else await admission.under_way(turn)
    if row and Lack.REGISTRATION in found.lacks:
        return Outcome(await admission.registering(turn, row), turn.state)
    if row:
        return Outcome(_completed_by(turn, row.name, found.lacks[0]), turn.state)
    if found.company is None:
        link = admission.link_to(turn, "register", "点这里注册企业")
        return Outcome(f"注册在这个页面办，准备好统一社会信用代码就行：\n{link}\n{_AFTERWARDS}", turn.state)
    link = admission.link_to(turn, "register", "再加一家企业")
    more = f"还没办的：{'、'.join(lack.label for lack in found.lacks)}。" if found.lacks else ""
    return Outcome(f"您已经绑定「{found.company.name}」。{more}\n{link}", turn.state)


def _completed_by(turn: Turn, company: str, lack: Lack) -> str:
    """The form is accepted: who is verified completes the registration by his authorization."""
    page = "identity" if lack is Lack.IDENTITY else "authorization_new"
    link = admission.link_to(turn, page, f"点这里办{lack.label}")
    return f"「{company}」的注册资料已经通过，您完成实名认证和数据授权，注册马上生效。\n{link}"


async def verify_identity(turn: Turn) -> Outcome:
    if await verifications.is_verified(turn.session, turn.openid):
        return Outcome("您已经完成实名认证，不用再做一次。", turn.state)
    if await admission.papers_lie_with_us(turn):
        return Outcome(admission.PAPERS_LIE_WITH_US, turn.state)
    link = admission.link_to(turn, "identity", "点这里实名认证")
    said = (
        "实名认证可以刷脸，不想刷脸也可以传身份证照片，由工作人员核对。身份证号请只填在页面上，别发在聊天里。"
    )
    return Outcome(f"{said}\n{link}\n{_AFTERWARDS}", turn.state)


async def ask_credit(turn: Turn) -> Outcome:
    """The score stands on a page that only the owner can open, not in a chat that others may read."""
    found = await admission.standing(turn)
    for lack, page in ((Lack.REGISTRATION, "register"), (Lack.IDENTITY, "identity")):
        if lack in found.lacks:
            link = admission.link_to(turn, page, f"点这里办{lack.label}")
            return Outcome(f"信用分和报告只给企业本人看，要先办{lack.label}：\n{link}", turn.state)
    if found.company is None:
        link = admission.link_to(turn, "authorization_new", "点这里办数据授权")
        return Outcome(f"要先授权平台使用企业的信用信息，才能评分和出报告：\n{link}", turn.state)
    link = admission.link_to(turn, "credit", "查看信用分和信用报告")
    said = "信用分、六个维度的情况和怎么提升，都在报告里，只有您自己能打开："
    return Outcome(f"{said}\n{link}", turn.state)
