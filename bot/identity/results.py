"""A verification as its person may see it."""

from dataclasses import dataclass
from datetime import datetime

from domain.identity.tables import State, VerificationRow
from domain.identity.verifications import MATERIAL

_SENTENCES = {
    State.BEGUN: "还没有收到认证结果，完成后会自动继续。",
    State.IN_REVIEW: "材料已收到，工作人员正在核对，有结果会在微信里通知您。",
    State.PASSED: "实名认证已通过。",
    State.FAILED: "这次没有通过，可以再试一次。",
    State.ABANDONED: "这次认证没有做完，需要时可以重新开始。",
    State.EXPIRED: "这次认证的时间已过，请重新开始。",
}


@dataclass(frozen=True, slots=True)
class Result:
    """`sentence` is Chinese and says how it stands; `without_face`: by papers that an adviser looks at."""

    id: str
    state: State
    sentence: str
    without_face: bool
    expires_at: datetime
    ended_at: datetime | None


def result_of(row: VerificationRow) -> Result:
    state = State(row.state)
    return Result(
        row.id,
        state,
        row.reason or _SENTENCES[state],
        row.provider == MATERIAL,
        row.expires_at,
        row.ended_at,
    )
