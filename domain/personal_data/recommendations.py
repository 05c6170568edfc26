"""What is held about the products recommended for a person's requests; children before their parents."""

from dataclasses import replace

from domain.personal_data.conditions import begun_requests, granted_requests, requests_under_way
from domain.personal_data.holding import DELETION_ID, Holding, Kept
from domain.personal_data.subject import by_openid, through
from domain.recommending.rules import Act, ReviewState, Source

_WHY = "已经放款或即将放款的融资，合同双方可能还要用到推荐记录"
_UNTIL = "作为企业与机构之间的业务记录保存，其中没有您的信息"
_FOUND = through("request_id", "financing_requests", begun_requests)
_PENDING = through("request_id", "financing_requests", requests_under_way)
_KEPT = Kept(_WHY, _UNTIL, which=through("request_id", "financing_requests", granted_requests))

RECOMMENDATIONS: tuple[Holding, ...] = (
    Holding(
        "review_steps",
        "推荐产品的复核过程",
        content="each step of the review of what was recommended: when, by whom, and what it changed",
        found=_FOUND,
        shown={"request_id": "需求编号", "at": "时间", "act": "内容"},
        hidden=frozenset({"id", "actor", "detail"}),
        labels={"act": Act},
        pending=_PENDING,
        kept=replace(_KEPT, reduced={"actor": DELETION_ID}, reduced_where=by_openid("actor")),
    ),
    Holding(
        "request_invitations",
        "收到融资需求提醒的机构",
        content="which institutions were told of a request",
        found=_FOUND,
        shown={"request_id": "需求编号", "institution": "机构", "product": "产品编号", "at": "时间"},
        pending=_PENDING,
        kept=_KEPT,
    ),
    Holding(
        "recommendations",
        "推荐给您的产品",
        content="which products were recommended for a request, and why",
        found=_FOUND,
        shown={
            "request_id": "需求编号",
            "institution": "机构",
            "name": "产品",
            "rank": "名次",
            "reasons": "推荐理由",
            "source": "来源",
            "struck_reason": "未推荐原因",
            "changed_at": "更新时间",
        },
        hidden=frozenset({"product", "found_rank", "score", "open", "changed_by"}),
        labels={"source": Source},
        pending=_PENDING,
        kept=_KEPT,
    ),
    Holding(
        "request_reviews",
        "推荐产品的复核",
        content="how far the review of what was recommended has come, with the adviser's word to the owner",
        found=_FOUND,
        shown={
            "request_id": "需求编号",
            "state": "状态",
            "region": "地区",
            "note": "顾问留言",
            "sent_at": "发给机构的时间",
            "finished_at": "复核时间",
            "created_at": "开始时间",
        },
        hidden=frozenset(
            {
                "version",
                "claimed_until",
                "taken_by",
                "taken_until",
                "due_at",
                "finished_by",
                "updated_at",
            }
        ),
        labels={"state": ReviewState},
        pending=_PENDING,
        kept=_KEPT,
    ),
)
