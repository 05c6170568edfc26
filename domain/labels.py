"""The fixed labels of the data formats, each with the Chinese name that people see."""

from enum import StrEnum
from typing import Self


class Label(StrEnum):
    """An enumeration whose members carry the Chinese name shown to people as `label`."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member


class Purpose(Label):
    """What the money is for."""

    WORKING_CAPITAL = "working_capital", "日常周转"
    EQUIPMENT = "equipment", "购买设备"
    ORDER_PREFINANCE = "order_prefinance", "订单垫资"
    INVENTORY = "inventory", "备货囤货"
    RND = "rnd", "研发投入"
    PLANT = "plant", "厂房建设"
    RENT_DECORATION = "rent_decoration", "房租装修"
    REFINANCE = "refinance", "偿还其他贷款"
    EXPORT = "export", "出口订单"
    PAYROLL_TAX = "payroll_tax", "发工资缴税"
    OTHER = "other", "其他用途"


class Guarantee(Label):
    """How a loan is secured."""

    CREDIT = "credit", "纯信用"
    MORTGAGE = "mortgage", "抵押"
    PLEDGE = "pledge", "质押"
    GUARANTOR = "guarantor", "担保公司担保"
    GUARANTEE_FUND = "guarantee_fund", "信保基金"
    INSURANCE = "insurance", "保证保险"


class Collateral(Label):
    """What a company can offer as security."""

    REAL_ESTATE = "real_estate", "房产厂房"
    EQUIPMENT = "equipment", "机器设备"
    PATENT = "patent", "专利等知识产权"
    RECEIVABLES = "receivables", "应收账款"
    INVENTORY = "inventory", "存货"
    EQUITY = "equity", "股权"
    VEHICLE = "vehicle", "车辆"
    ORDER = "order", "订单合同"
    INVOICE = "invoice", "发票"
    LAND = "land", "土地"


class Qualification(Label):
    """Titles and properties of a company that products and policies ask for."""

    HIGH_TECH = "high_tech", "高新技术企业"
    SPECIALISED_NEW = "specialised_new", "专精特新企业"
    LITTLE_GIANT = "little_giant", "专精特新“小巨人”企业"
    GAZELLE = "gazelle", "瞪羚企业"
    TECH_SME = "tech_sme", "科技型中小企业"
    TALENT = "talent", "人才企业"
    IP_OWNER = "ip_owner", "自主知识产权企业"
    CULTURAL_CREATIVE = "cultural_creative", "文化创意企业"
    FIRST_SET = "first_set", "首台套企业"
    VC_BACKED = "vc_backed", "已引入创投的企业"
    NEEQ = "neeq", "新三板企业"
    IPO_CANDIDATE = "ipo_candidate", "上市或拟上市企业"
    AGRI = "agri", "涉农主体"


class TaxGrade(Label):
    """Tax credit grades of the State Taxation Administration."""

    A = "A", "A级"
    B = "B", "B级"
    M = "M", "M级"
    C = "C", "C级"
    D = "D", "D级"


class ProductKind(Label):
    """Kinds of financial product."""

    LOAN = "loan", "贷款"
    GUARANTEE = "guarantee", "担保"
    INSURANCE = "insurance", "保险"
    LEASE = "lease", "融资租赁"
    FACTORING = "factoring", "保理"
    EQUITY = "equity", "股权"


class PolicyLevel(Label):
    """Who issued a policy."""

    NATIONAL = "national", "国家级"
    PROVINCE = "province", "省级"
    CITY = "city", "市级"
    DISTRICT = "district", "区县级"


class PolicyKind(Label):
    """What a policy gives."""

    SUBSIDY = "subsidy", "贴息补助"
    RISK_COMPENSATION = "risk_compensation", "风险补偿"
    GUARANTEE_FUND = "guarantee_fund", "信保基金"
    BRIDGING = "bridging", "应急转贷"
    AWARD = "award", "奖励"
    FEE_RELIEF = "fee_relief", "费用减免"
    TAX_RELIEF = "tax_relief", "税收优惠"
    TALENT = "talent", "人才与资质奖励"


class Industry(Label):
    """Sections of GB/T 4754-2017."""

    A = "A", "农林牧渔"
    B = "B", "采矿"
    C = "C", "制造业"
    D = "D", "电力热力燃气和水"
    E = "E", "建筑业"
    F = "F", "批发零售"
    G = "G", "交通运输仓储"
    H = "H", "住宿餐饮"
    I = "I", "软件和信息技术"  # noqa: E741 - the letter is the standard's
    J = "J", "金融业"
    K = "K", "房地产"
    L = "L", "租赁和商务服务"
    M = "M", "科研和技术服务"
    N = "N", "水利环境公共设施"
    O = "O", "居民服务和修理"  # noqa: E741 - the letter is the standard's
    P = "P", "教育"
    Q = "Q", "卫生和社会工作"
    R = "R", "文化体育娱乐"
    S = "S", "公共管理和社会组织"
    T = "T", "国际组织"
