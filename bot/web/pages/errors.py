"""What keeps a page from being shown, each as a page of its own in plain words.

Trouble                 `status`, `title` and `advice` for the person; nothing of the cause
├── LinkRefused         not a link of ours, or changed
├── LinkExpired         its time is over
├── LinkOfAnother       made for somebody else: nothing is told, not even where it leads
├── LoginFailed         state or code are not those of this browser's login, or were used before
├── SnapshotVisit       WeChat shows a snapshot of the page to nobody in particular
├── LoggedOut           a form was sent without a session
├── Forged              a form that was not sent from our own page
├── TooOften            more attempts than a person makes
├── TooLarge            more bytes than a form may have
├── Unreadable          not a form at all
├── NoSuchPage          there is nothing here, or not for this person
└── Unavailable         a part that pages need is away
"""

from typing import ClassVar


class Trouble(Exception):
    """Raised anywhere in a page; shown by the outermost layer."""

    status: ClassVar[int] = 400
    title: ClassVar[str] = "这一步没有完成"
    advice: ClassVar[str] = "请返回后再试一次。"


class LinkRefused(Trouble):
    status = 404
    title = "这个链接打不开"
    advice = "链接可能没有复制完整。请回到公众号，点最新一条消息里的链接。"


class LinkExpired(Trouble):
    status = 410
    title = "这个链接已经过期"
    advice = "为了您的信息安全，链接只在一段时间内有效。请回到公众号，发一句话，就会收到新的链接。"


class LinkOfAnother(Trouble):
    status = 403
    title = "这个链接不是发给您的"
    advice = "链接只能由收到它的人打开。您要办理自己的业务，请在公众号里发消息，或者打开您的首页。"


class LoginFailed(Trouble):
    status = 403
    title = "没能确认您的微信身份"
    advice = "您的信息没有变化。请回到公众号，重新点一次链接。"


class SnapshotVisit(Trouble):
    status = 403
    title = "请打开完整服务"
    advice = "您现在看到的是网页快照，微信没有告诉我们您是谁。请点页面底部的「使用完整服务」，再继续办理。"


class LoggedOut(Trouble):
    status = 401
    title = "登录已经过期"
    advice = "您离开得久了一些，为了安全请重新进入。刚才填写的内容没有提交。"


class Forged(Trouble):
    status = 403
    title = "没有提交成功"
    advice = "这个页面放得太久，或者不是从我们的页面打开的。请重新打开页面，再提交一次。"


class TooOften(Trouble):
    status = 429
    title = "操作太频繁了"
    advice = "请过一分钟再试，已经保存的内容不会丢。"


class TooLarge(Trouble):
    status = 413
    title = "内容太大了"
    advice = "请压缩图片或者减少文件，再提交一次。"


class Unreadable(Trouble):
    status = 400
    title = "没有收到完整的内容"
    advice = "可能是网络不稳。请返回上一页，再提交一次。"


class NoSuchPage(Trouble):
    status = 404
    title = "没有找到这个页面"
    advice = "它可能已经办完了，或者不在您名下。您可以从首页重新进入。"


class Unavailable(Trouble):
    status = 503
    title = "服务暂时没有回应"
    advice = "这是我们的问题，不是您的操作。请过几分钟再试，已经保存的内容不会丢。"
