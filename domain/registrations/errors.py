"""What a registration may be refused for, beyond the refusals of the whole business."""

from domain.errors import NotAllowedNow, Refusal, ValueOutOfRange


class DoubtfulCreditCode(ValueOutOfRange):
    """The check character is wrong; sent again with `uscc_confirmed` it is taken."""

    def __init__(self) -> None:
        super().__init__(
            "uscc", "统一社会信用代码的校验位对不上，可能有一位写错了。请对照营业执照核对，确认无误后再提交。"
        )


class Changed(NotAllowedNow):
    """Somebody else was first: what was decided about is not what is there now."""

    def __init__(self) -> None:
        super().__init__("这笔注册申请刚刚有了变化，请刷新后再处理。")


class NotYourReview(Refusal):
    """The step is another office's."""
