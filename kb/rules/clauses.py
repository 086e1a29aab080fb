"""The clauses the rules rest on: policy, article, what it says in our words, how sure we are.

Each stands here once. A test holds every anchor against the policies of the
starter content, and every grade against nothing below B-.
"""

from __future__ import annotations

from kb.types import Citation, Grade

A, B, ABSTRACT = Grade.FULL_TEXT, Grade.EXCERPT, Grade.ABSTRACT


def _clause(ref: str, says: str, grade: Grade = A) -> Citation:
    policy, _, article = ref.partition("#")
    return Citation(policy, article, says, grade)


# 党章
CONSTITUTION_PROBATION = _clause(
    "party-constitution#7", "预备期一年，从支部大会通过之日算；延长不能超过一年。"
)
CONSTITUTION_EXPEL = _clause(
    "party-constitution#9", "无正当理由连续六个月不交党费等视为自行脱党，由支部大会决定除名并报上级批准。"
)
CONSTITUTION_TERM = _clause(
    "party-constitution#31", "基层党组织每届三年至五年；书记、副书记选出后报上级批准。"
)
CONSTITUTION_PENALTY = _clause("party-constitution#41", "留党察看最长两年。")

# 任期与选举
TERM_YEARS = _clause("term-opinion#1", "基层委员会一般5年，总支、支部一般3年，村和社区都是5年。", B)
TERM_KEEP = _clause("term-opinion#2", "届满就换届；延期或提前须上级批准，一般不超过1年。", B)
ELECTION_KEEP = _clause("election-regulation#3", "届满按期换届，延期或提前须报批，一般不超过1年。", B)
ELECTION_MARGIN = _clause("election-regulation#13", "委员候选人至少比应选人数多20%。", B)
ELECTION_QUORUM = _clause("election-regulation#x1", "有选举权的到会者达到应到会者的五分之四，会议有效。", B)
BRANCH_REMINDER = _clause("branch-regulation#x2", "上级一般在届满前6个月提醒支部准备换届。", B)
ORGAN_COMMITTEE = _clause("organ-regulation#5", "机关基层委员会每届一般5年。")
ORGAN_GENERAL = _clause("organ-regulation#6", "机关总支部委员会每届一般3年。")
ORGAN_BRANCH = _clause("organ-regulation#7", "机关支部委员会，以及不设委员会的书记、副书记，每届一般3年。")
BRANCH_APPROVAL = _clause("branch-regulation#x1", "对成立支部的申请，基层党委一般在1个月内批复。", B)

# 支部会议
BRANCH_MEETING = _clause(
    "branch-regulation#11", "党员大会一般每季度1次；赞成票须超过应到会有表决权党员的半数。", B
)
BRANCH_COMMITTEE = _clause("branch-regulation#12", "支委会一般每月1次，半数以上委员到会方可进行。", B)
BRANCH_GROUP = _clause("branch-regulation#13", "党小组会一般每月1次。", B)
BRANCH_THEME_DAY = _clause("branch-regulation#16", "主题党日每月相对固定1天。", B)
BRANCH_LIFE = _clause("branch-regulation#17", "组织生活会一般安排在第四季度。", B)
BRANCH_TALK = _clause("branch-regulation#x3", "支委之间、支委与党员、党员之间每年谈心谈话一般不少于1次。", B)
EDUCATION_MEETINGS = _clause("member-education#16", "党员按期参加三会一课；每月1次主题党日；按期交纳党费。")
EDUCATION_LIFE = _clause("member-education#17", "组织生活会每年至少1次。")
EDUCATION_APPRAISAL = _clause("member-education#18", "民主评议党员一般每年1次。")
EDUCATION_HOURS = _clause("member-education#20", "党员每年集中学习培训一般不少于32学时。")
EDUCATION_FRAIL = _clause("member-education#23", "年老体弱、行动不便、重病失能的党员不作硬性要求，送学上门。")

# 党籍与组织关系
MEMBERSHIP = _clause(
    "member-education#24",
    "出国学习研究超过5年未归一般停止党籍；失联6个月以上停止党籍，再过2年仍失联按自行脱党除名。",
)
TRANSFER = _clause(
    "member-education#25",
    "单位、常住地变动，或外出6个月以上且地点较固定的应当转关系；转出未被接收前原组织继续管理。",
)
CRITICISE = _clause("member-education#29", "不按时交党费等情节较轻的，及时批评教育。")
RECTIFY = _clause("member-education#30", "限期改正不超过1年，期间要有帮助教育措施。")
EXPEL = _clause("member-education#31", "无正当理由连续6个月不交党费等，按自行脱党除名。")
MOBILE = _clause("member-education#32", "对外出6个月以上未转关系的流动党员保持经常联系。")
ABROAD = _clause(
    "member-education#34", "毕业生党员关系保留一般不超过2年；对出国学习研究党员每半年至少联系1次。"
)
MOBILE_2024 = _clause(
    "mobile-2024#x1", "据公开摘要：未转正式组织关系、连续6个月以上不能参加原支部活动的是流动党员。", ABSTRACT
)
DISPOSAL_TERM = _clause(
    "disposal-2024#x1", "据公开摘要：限期改正一般6个月，最长1年；劝退、除名后5年内不得重新入党。", ABSTRACT
)
DISPOSAL_START = _clause(
    "disposal-2024#x2", "据公开摘要：支委会提出启动意见，先报有审批权的基层党委备案，再调查核实。", ABSTRACT
)

# 党费
DUES_BASE = _clause("dues-regulation#1", "以税后工资中相对固定、经常性的部分为基数。", B)
DUES_RATES = _clause("dues-regulation#2", "3000元及以下0.5%；至5000元1%；至10000元1.5%；以上2%。", B)
DUES_ANNUAL = _clause("dues-regulation#3", "年薪制以当月实际领取的薪酬为基数。", B)
DUES_SELF_EMPLOYED = _clause("dues-regulation#4", "不按月取得收入的，以上季度月平均纯收入为基数。", B)
DUES_RETIRED = _clause("dues-regulation#5", "离退休费或养老金5000元及以下0.5%，以上1%。", B)
DUES_FIXED = _clause(
    "dues-regulation#6", "农民每月0.2元至1元；学生、下岗失业、靠抚恤救济或低保生活的每月0.2元。", B
)
DUES_RELIEF = _clause("dues-regulation#7", "确有困难的，支部研究、上一级党委批准后可以少交或免交。", B)
DUES_START = _clause("dues-regulation#8", "预备党员从支部大会通过之日起交党费。", B)
DUES_CHANGE = _clause("dues-regulation#10", "从领新工资的当月起换新基数。", B)
DUES_MONTHLY = _clause(
    "dues-regulation#12", "按月交；经支部同意可按季交、代交或补交，补交一般不超过6个月。", B
)
DUES_CORRECT = _clause(
    "dues-regulation#13", "不按规定交的批评教育、限期改正；无正当理由连续6个月不交按自行脱党处理。", B
)
DUES_NO_ADVANCE = _clause("dues-regulation#14", "党组织不得垫交或扣缴党费。", B)


# 发展党员工作细则（2026）
def _dev(article: int, says: str) -> Citation:
    return _clause(f"development-2026#{article}", says)


DEV_AGE = _dev(5, "年满十八岁可以申请入党。")
DEV_TALK = _dev(7, "收到申请书后一个月内派人谈话。")
DEV_ACTIVIST = _dev(8, "推荐产生人选，支委会研究决定，报上级党委备案。")
DEV_REVIEW = _dev(11, "支部每半年考察一次入党积极分子。")
DEV_CONTINUE = _dev(12, "单位或住地变动的，培养教育时间可以连续计算。")
DEV_CANDIDATE = _dev(13, "培养考察一年以上，报上级党委同意，公示不少于五个工作日后列为发展对象。")
DEV_POLITICAL = _dev(16, "必须政治审查，形成结论性材料。")
DEV_TRAINING = _dev(17, "短期集中培训一般不少于三天或二十四学时。")
DEV_PREREVIEW = _dev(18, "支委会审查后报有审批权的基层党委预审；未来三个月内将离开的一般不办。")
DEV_MEETING = _dev(19, "预审合格后一个月内提交支部大会讨论；实到有表决权的党员须过应到半数。")
DEV_VOTE = _dev(20, "无记名投票，赞成须超过应到会有表决权党员的半数。")
DEV_REPORT = _dev(21, "决议及时写入志愿书，连同材料报上级党委审批。")
DEV_APPROVE = _dev(25, "党委三个月内审批，特殊情况不超过六个月，并报上级组织部门备案。")
DEV_OATH = _dev(29, "一般在批复同意后一个月内举行入党宣誓。")
DEV_PROBATION = _dev(31, "预备期一年，从支部大会通过之日算；可延长一次，半年以上、一年以内。")
DEV_CONVERT = _dev(32, "书面申请、征求意见、支委会审查、党员大会表决、报党委审批。")
DEV_CONVERT_APPROVE = _dev(33, "党委三个月内审批转正决议；党龄从期满转正之日算。")
DEV_POSTPONE = _dev(35, "转入的预备党员可推迟讨论转正，不超过六个月，转正时间仍自期满之日算。")
DEV_ARCHIVE = _dev(36, "转正后材料及时存入人事档案，没有的建立党员档案。")
