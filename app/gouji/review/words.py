"""Every word of the review page, in Chinese and English."""

from __future__ import annotations

LANGUAGES = ("zh", "en")

_WORDS: dict[str, tuple[str, str]] = {
    # frame
    "title": ("勾稽复核", "gouji review"),
    "queue": ("待复核", "Queue"),
    "group": ("同字归组", "Same reading"),
    "tables": ("整表", "Tables"),
    "acceptance": ("抽检验收", "Acceptance"),
    "dashboard": ("进度", "Progress"),
    "people": ("人员", "People"),
    "audit": ("留痕", "Audit"),
    "sign_in": ("登录", "Sign in"),
    "sign_out": ("退出", "Sign out"),
    "name": ("姓名", "Name"),
    "password": ("口令", "Password"),
    "wrong_password": ("姓名或口令不对。", "Name or password is wrong."),
    "slow_down": ("失败次数过多，请过几分钟再试。", "Too many failures; try again in a few minutes."),
    "theme": ("明暗", "Theme"),
    "other_language": ("English", "中文"),
    "help": ("按键", "Keys"),
    "close": ("关闭", "Close"),
    "back_to_queue": ("回到队列", "Back to the queue"),
    # queue
    "left": ("还有 {n} 处待复核", "{n} left"),
    "mine_today": ("今日已核定 {n}", "{n} answered today"),
    "begin": ("开始复核", "Start"),
    "all": ("全部", "all"),
    "order": ("次序", "Order"),
    "order_settles": ("先答一个可定多个的", "what one answer settles"),
    "order_confidence": ("把握最小的在前", "least sure first"),
    "cause": ("疑因", "Cause"),
    "form": ("表式", "Form"),
    "organ": ("机关", "Organ"),
    "year": ("年度", "Year"),
    "rule": ("规则", "Rule"),
    "document": ("文件", "Document"),
    "only_disagreement": ("只看两家识别不一致的", "only where readers disagree"),
    "none": ("未知", "unknown"),
    "reading": ("读数", "Reading"),
    "place": ("所在栏目", "Place"),
    "confidence": ("把握", "Confidence"),
    "settles": ("可连带确定", "Settles"),
    "empty_queue": ("队列已空：没有待复核的数字。", "The queue is empty: no figure waits for review."),
    "empty_filter": ("此筛选下没有待复核的数字。", "Nothing waits under this filter."),
    "previous_rows": ("上一页", "Previous"),
    "more_rows": ("下一页", "Next"),
    "rows_of": ("第 {a}–{b} 处，共 {n} 处", "{a}–{b} of {n}"),
    "image": ("图像", "Picture"),
    # causes
    "cause_unreadable": ("辨认不出", "unreadable"),
    "cause_source": ("疑原文有误", "paper may be wrong"),
    "cause_rules": ("勾稽不平", "rules fail"),
    "cause_readers": ("识别不一致", "readers disagree"),
    "cause_marks": ("印章或边线", "seal or edge"),
    "cause_unsure": ("字形不清", "unsure"),
    "cause_": ("", ""),
    # states
    "state_accepted": ("采信", "accepted"),
    "state_confirmed": ("勾稽印证", "confirmed"),
    "state_corrected": ("已纠正", "corrected"),
    "state_doubtful": ("待复核", "doubtful"),
    "state_reviewed": ("人工核定", "reviewed"),
    "status_second": ("待二核", "second look"),
    "status_third": ("待三核", "third look"),
    "suspect": ("疑似原文错误", "paper may be wrong"),
    # card
    "page_of": ("第 {page} 页 表 {table}", "page {page}, table {table}"),
    "value": ("纸面所印", "Printed on the paper"),
    "crop_of": ("单元格图像：{where}", "Picture of the cell: {where}"),
    "page_picture": ("整页图像，所核单元格已框出", "Page with the cell outlined"),
    "candidates": ("候选", "Candidates"),
    "suggestion": ("规则推得", "Rules want"),
    "suggestion_warning": (
        "只有算术支持，图像并不支持；纸上印的可能不是它",
        "arithmetic alone says so, not the picture; the paper may say something else",
    ),
    "rules": ("勾稽关系", "Rules"),
    "no_rules": ("没有规则经过此格，只能看图。", "No rule binds this cell; the picture alone decides."),
    "rule_holds": ("成立", "holds"),
    "rule_fails": ("不成立", "fails"),
    "rule_unknown": ("无法计算", "cannot be computed"),
    "rule_difference": ("差 {n}", "off by {n}"),
    "rule_wants": ("此式要 {n}", "wants {n}"),
    "rule_slack": ("允差 {n}", "± {n}"),
    "zeros": ("另 {n} 项为 0", "{n} more are 0"),
    "source_form": ("表式", "form"),
    "source_printed": ("表内注明", "printed"),
    "source_headings": ("栏目推得", "headings"),
    "source_numbers": ("数字推得", "numbers"),
    "source_narrative": ("正文", "text"),
    "source_tables": ("表间", "tables"),
    "source_years": ("年度间", "years"),
    "reason": ("缘由", "Why"),
    "readers": ("各家读法", "Readers"),
    "read_as": ("原读", "read as"),
    "history": ("经过", "History"),
    "no_history": ("尚无人核定", "nobody has answered yet"),
    "note": ("备注", "Note"),
    "protection": ("规则保护", "Protection"),
    "protection_unchecked": ("无规则", "no rule"),
    "protection_detect_only": ("只能发现，不能定位", "detects only"),
    "protection_correctable": ("可发现并纠正", "corrects"),
    "mark_seal": ("有印章", "under a seal"),
    "mark_diagonal": ("斜线格", "diagonal"),
    "mark_guessed_edge": ("边线为推定", "edge guessed"),
    "second_look": (
        "二核：看不到第一人的答案，请独立判断。",
        "Second look: the first answer is hidden; judge for yourself.",
    ),
    "third_look": ("三核：两人答案不同，请裁定。", "Third look: two answers differ; decide."),
    # actions
    "save": ("确认", "Save"),
    "unreadable": ("无法辨认", "Unreadable"),
    "misprint": ("原文有误", "Misprinted"),
    "skip": ("跳过", "Skip"),
    "back": ("返回", "Back"),
    "undo": ("撤销", "Undo"),
    "show_page": ("换视野", "View"),
    "whole_table": ("整表", "Table"),
    "action_answer": ("核定", "answered"),
    "action_unreadable": ("判为无法辨认", "unreadable"),
    "action_skip": ("跳过", "skipped"),
    "action_undo": ("撤销", "undone"),
    "action_structure": ("改表格结构", "structure"),
    "action_structure_undo": ("撤销结构改动", "structure undone"),
    "stage_first": ("一核", "first"),
    "stage_second": ("二核", "second"),
    "stage_third": ("三核", "third"),
    "stage_only": ("", ""),
    "stage_": ("", ""),
    # what followed
    "settled_n": ("这一答使另外 {n} 个数字得到确定。", "This answer settled {n} more figures."),
    "settled_0": ("已保存。", "Saved."),
    "unsettled_n": ("另有 {n} 个数字变为待复核。", "{n} other figures became doubtful."),
    "kept_waiting": ("已保存，等待另一人复核。", "Saved; waits for another person."),
    "not_worked_in": (
        "答案已保存，但写不进文件：{why}。排除后重启服务即可补上。",
        "The answer is kept, but could not be worked in: {why}. Mend that and restart.",
    ),
    "undone": ("已撤销，请重新核对。", "Undone; look again."),
    "nothing_to_undo": ("没有可撤销的答案。", "Nothing to undo."),
    "undo_conflict": (
        "撤销不了：{who} 其后已改为 {text}。",
        "Cannot undo: {who} has changed it to {text} since.",
    ),
    "conflict": (
        "{who} 在 {at} 已核定为“{text}”。请对照后再定；再次确认将以你的答案为准。",
        "{who} answered “{text}” at {at}. Compare and decide; saving again makes yours count.",
    ),
    "conflict_undone": ("{who} 在 {at} 撤销了先前的答案。", "{who} took an earlier answer back at {at}."),
    "offline": (
        "服务没有应答。你的输入还在，恢复后再按回车即可。",
        "The server does not answer. What you typed is kept; press Enter again when it is back.",
    ),
    "bad_request": ("服务拒绝了这次请求：{why}", "The server refused: {why}"),
    "picture_gone": (
        "看不到图像：原扫描件不在原处，请用 --scans 指明所在文件夹。",
        "No picture: the scan has moved; start with --scans FOLDER.",
    ),
    # help
    "help_digits": ("直接输入数字", "type the figure"),
    "help_candidates": ("选第 1–9 个候选", "take candidate 1–9"),
    "help_suggestion": ("填入规则推得的数", "take what the rules want"),
    "help_pan": ("移动图像", "move the picture"),
    "help_zoom": ("放大、缩小", "zoom in, out"),
    "help_letters": (
        "数字格内可省去 Alt；文字格须按 Alt。",
        "Alt may be left out in figures, not in text.",
    ),
    "help_note": ("写备注", "write a note"),
    "help_next_rule": ("逐条点亮规则", "light up one rule after another"),
}


def say(language: str, key: str, **values: object) -> str:
    """A word in a language, with values filled in.

    Raises:
        KeyError: there is no such word.
    """
    word = _WORDS[key][LANGUAGES.index(language)]
    return word.format(**values) if values else word


def has_word(key: str) -> bool:
    """Whether there is such a word."""
    return key in _WORDS
