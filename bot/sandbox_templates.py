"""The sandbox account's templates: one a notice, as the configuration maps their fields."""

from bot.sandbox.template_messages import MessageTemplate
from bot.sections import Templates

_TITLES = {
    "request_progress": "融资需求进度通知",
    "recommendation": "融资产品推荐通知",
    "follow_up": "融资顾问回访提醒",
    "policy_notice": "惠企政策通知",
    "institution_request": "新融资需求通知",
    "institution_place_free": "融资需求名额释放通知",
    "institution_deadline": "融资需求办理时限提醒",
    "risk_warning": "贷后风险预警",
    "repayment_due": "还款到期提醒",
    "renewal_window": "续贷窗口提醒",
    "registration_result": "企业注册审核结果",
    "identity_result": "身份认证结果",
    "authorization_result": "数据授权结果",
}

_LABELS = {
    "request_id": "需求编号",
    "title": "事项",
    "amount": "金额",
    "status": "当前状态",
    "time": "时间",
    "product": "产品",
    "institution": "机构",
    "adviser": "融资顾问",
    "issuer": "发布单位",
    "deadline": "截止时间",
    "company": "企业名称",
    "severity": "风险等级",
    "due_on": "到期日",
    "result": "结果",
    "reason": "说明",
    "scope": "授权范围",
}


def sandbox_templates(templates: Templates) -> list[MessageTemplate]:
    return [
        MessageTemplate(
            template.id,
            _TITLES[notice],
            {field: _LABELS.get(value, value) for field, value in template.fields.items()},
        )
        for notice, template in templates.by_notice().items()
    ]
