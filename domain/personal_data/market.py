"""What is held about a person's requests on the market: who followed them, and what he thought of it."""

from domain.labels import Guarantee
from domain.market.rules import Cause, FollowState, RejectReason
from domain.personal_data.conditions import begun_requests, granted_requests, requests_under_way
from domain.personal_data.holding import DELETION_ID, Holding, Kept
from domain.personal_data.subject import by_openid, through

_LOAN = "已经放款或即将放款的融资，合同双方可能还要用到办理记录"
_LOAN_UNTIL = "作为企业与机构之间的业务记录保存，其中不再有您的信息"

_FOUND = through("request_id", "financing_requests", begun_requests)
_PENDING = through("request_id", "financing_requests", requests_under_way)
_GRANTED = through("request_id", "financing_requests", granted_requests)

MARKET: tuple[Holding, ...] = (
    Holding(
        "follow_steps",
        "机构办理过程",
        content="each step of an institution with a request: when, by whom, why",
        found=_FOUND,
        shown={
            "request_id": "需求编号",
            "institution": "机构",
            "at": "时间",
            "before": "原状态",
            "after": "新状态",
            "reason": "原因",
            "note": "说明",
        },
        hidden=frozenset({"id", "since", "actor"}),
        labels={"before": FollowState, "after": FollowState},
        pending=_PENDING,
        kept=Kept(
            _LOAN,
            _LOAN_UNTIL,
            which=_GRANTED,
            reduced={"actor": DELETION_ID},
            reduced_where=by_openid("actor"),
        ),
    ),
    Holding(
        "request_follows",
        "跟进融资需求的机构",
        content="which institutions follow a request, until when, and what they decided",
        found=_FOUND,
        shown={
            "request_id": "需求编号",
            "institution": "机构",
            "branch": "网点",
            "product": "产品",
            "state": "状态",
            "place_at": "开始跟进时间",
            "until": "期限",
            "decided_at": "答复时间",
            "amount": "批准金额（元）",
            "term_months": "批准期限（月）",
            "rate": "批准年利率（%）",
            "guarantee": "担保方式",
            "reject_reason": "未通过原因",
            "cause": "结束原因",
            "note": "说明",
            "granted_on": "放款日期",
            "loan_id": "贷款编号",
            "updated_at": "更新时间",
        },
        hidden=frozenset({"decision_days", "version", "turn", "followed_by", "remind_at"}),
        labels={
            "state": FollowState,
            "guarantee": Guarantee,
            "reject_reason": RejectReason,
            "cause": Cause,
        },
        pending=_PENDING,
        kept=Kept(_LOAN, _LOAN_UNTIL, which=_GRANTED),
    ),
    Holding(
        "institution_ratings",
        "您对机构的评价",
        content="stars and words that the person gave an institution",
        found=by_openid(began="at"),
        shown={
            "request_id": "需求编号",
            "institution": "机构",
            "stars": "星级",
            "words": "评价",
            "at": "时间",
        },
        hidden=frozenset({"openid"}),
    ),
)
