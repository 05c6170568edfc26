"""The words of authorizations: kinds, categories of data, purposes, states, readers."""

from domain.labels import Label


class Kind(Label):
    """What is agreed to; each has a text and a tick of its own."""

    CREDIT_DATA = "credit_data", "信用信息使用授权"
    PASSING_ON = "passing_on", "信用信息提供授权"
    FACE = "face", "人脸信息处理同意"
    LINKAGE = "linkage", "投贷联动状态互通授权"


class Category(Label):
    """The seven kinds of credit data. The order is stored: new ones come last."""

    BASE = "base", "基本和财务信息"
    UTILITIES = "utilities", "水电气信息"
    LENDING = "lending", "信贷信息"
    AWARDS_PENALTIES = "awards_penalties", "奖惩信息"
    LITIGATION = "litigation", "司法涉诉信息"
    TRADE = "trade", "进出口信息"
    EQUITY = "equity", "股权信息"


class DataPurpose(Label):
    """What data are used for. The order is stored: new ones come last."""

    MATCHING = "matching", "匹配融资产品和政策"
    SCORING = "scoring", "信用评分和信用报告"
    PRE_LOAN = "pre_loan", "贷前审查"
    POST_LOAN = "post_loan", "贷后管理"
    IDENTITY = "identity", "核验本人身份"
    # Asked of nobody: everybody may see what is kept about his own company.
    OWN = "own", "企业本人查阅"
    LINKAGE = "linkage", "投贷联动"


class State(Label):
    """What has become of an authorization; labels of at most five Han characters, for templates."""

    GIVEN = "given", "有效"
    EXPIRED = "expired", "已到期"
    REVOKED = "revoked", "已撤回"


class ReaderKind(Label):
    """Who looks at credit data."""

    OWNER = "owner", "企业本人"
    INSTITUTION = "institution", "金融机构"
    PLATFORM = "platform", "平台"


class Outcome(Label):
    """What became of an access."""

    GRANTED = "granted", "已查询"
    REFUSED = "refused", "已拒绝"


class Reason(Label):
    """Why an access was refused; the label is what its reader is told."""

    NOT_GIVEN = "not_given", "企业没有给出这项授权，不能查询。"
    EXPIRED = "expired", "企业的授权已经到期，不能查询。"
    REVOKED = "revoked", "企业已经撤回授权，不能查询。"
    REVOKED_MEANWHILE = "revoked_meanwhile", "企业在查询期间撤回了授权，本次查询结果作废。"
    NOT_COVERED = "not_covered", "企业的授权不包括这些信息或这个用途，不能查询。"
    NOT_A_MEMBER = "not_a_member", "您不是这家企业的登记人员，不能查看它的信用信息。"
    NOT_VERIFIED = "not_verified", "您还没有完成实名认证，认证后就能查看本企业的信用信息。"


ALL_CATEGORIES = frozenset(Category)
PURPOSES: dict[Kind, frozenset[DataPurpose]] = {
    Kind.CREDIT_DATA: frozenset({DataPurpose.MATCHING, DataPurpose.SCORING}),
    Kind.PASSING_ON: frozenset({DataPurpose.PRE_LOAN, DataPurpose.POST_LOAN}),
    Kind.FACE: frozenset({DataPurpose.IDENTITY}),
    Kind.LINKAGE: frozenset({DataPurpose.LINKAGE}),
}
WITHOUT_SCOPE = frozenset({Kind.FACE, Kind.LINKAGE})
"""Kinds that are not about credit data: there are no categories to choose."""
# The recipient of `credit_data`, stored; people read the operator's name.
PLATFORM = "platform"
# The recipient of `linkage`, in the words in which people read it.
LINKED = "跟进本企业的银行和投资机构"
