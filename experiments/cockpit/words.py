"""What the page says, in English and in Chinese; terms of governance as in docs/model.md."""

from typing import Any

LANGUAGES = {"en": "English", "zh": "中文"}

WORDS = {
    "title": ("Guantong cockpit", "贯通驾驶舱"),
    "city": ("Whole city", "全市"),
    "incident": ("Incident", "事件"),
    "scenario": ("Scenario", "情景"),
    "left": ("Left", "左侧"),
    "right": ("Right", "右侧"),
    "nobody": ("nobody", "无"),
    "open_play": ("Start anew", "重新开始"),
    "play": ("Play", "播放"),
    "pause": ("Pause", "暂停"),
    "step": ("+1 h", "+1 小时"),
    "speed": ("Speed", "速度"),
    "an_hour": ("{} h/s", "{} 时/秒"),
    "storm": ("Storm", "暴雨"),
    "export": ("Export", "导出"),
    "loading": ("Building the city…", "正在构建城市…"),
    "warming": ("Warming up…", "预热中…"),
    "playing": ("Playing", "播放中"),
    "paused": ("Paused", "已暂停"),
    "over": ("Over", "已结束"),
    # What is counted.
    "sensed": ("Sensed", "感知"),
    "judged": ("Judged", "研判"),
    "dispatched": ("Dispatched", "派单"),
    "closed": ("Closed", "办结"),
    "on_time": ("On time", "按时"),
    "open": ("Open", "在办"),
    "overdue": ("Overdue", "超期"),
    "urgent": ("Grades I–II", "Ⅰ、Ⅱ级"),
    "register": ("Register", "受理"),
    "judge": ("Judge", "研判"),
    "dispatch": ("Dispatch", "派单"),
    "sign": ("Sign", "签收"),
    "dispose": ("Dispose", "处置"),
    "verify": ("Verify", "核查"),
    "supervise": ("Supervise", "督办"),
    "waiting": ("waiting", "等待"),
    "at_work": ("at work", "办理"),
    "on_way": ("on the way", "流转"),
    "lately": ("visits in 24 h", "24 小时办理"),
    # Maps, lists and curves.
    "backlog": ("Backlog", "积压"),
    "latency": ("Latency", "时长"),
    "backlog_unit": ("open per 10,000 residents", "每万人在办件"),
    "latency_unit": ("mean closure latency of 3 days, h", "近三日平均解决时长（小时）"),
    "alarms": ("Alarms", "告警"),
    "listed": ("Open incidents: {}", "在办事件：{}"),
    "path": ("Path so far", "办理路径"),
    "none": ("None", "无"),
    "late_by": ("{} h late", "超期 {} 小时"),
    "left_hours": ("{} h left", "剩余 {} 小时"),
    "age": ("{} h old", "已 {} 小时"),
    "grade": ("grade {}", "{} 级"),
    "unknown": (
        "Not here under this policy: it left before anyone watched it, or has not come yet.",
        "在此政策下不在办：跟踪之前已办结，或尚未发生。",
    ),
    "curve": ("Open incidents, whole city", "全市在办事件"),
    # A path.
    "occurred": ("occurred", "发生"),
    "sensor": ("seen by a sensor", "传感器发现"),
    "patrol": ("found on patrol", "网格巡查发现"),
    "hotline": ("reported by hotline", "热线反映"),
    "assigned": ("assigned from above", "上级交办"),
    "unseen": ("not noticed yet", "尚未发现"),
    "waited": ("waited {}", "等待 {}"),
    "worked": ("worked {}", "办理 {}"),
    "waits_since": ("has waited for {}", "已等待 {}"),
    "works_since": ("at work for {}", "已办理 {}"),
    "on_the_way": ("on the way", "流转中"),
    "limit": ("limit {}", "时限 {}"),
    "solved": ("solved after {}", "{} 后解决"),
    "minutes": ("{} min", "{} 分钟"),
    "hours": ("{} h", "{} 小时"),
    "days": ("{} d", "{} 天"),
    "returned": ("returned", "退单"),
    "failed": ("failed", "返工"),
    "false_closed": ("closed falsely", "虚假办结"),
    "merged": ("merged", "合并"),
    "void": ("void", "作废"),
    "further": ("beside", "并行"),
    # Sliders.
    "levers": ("Levers", "杠杆"),
    "staff": ("Staff (× planned)", "人员（计划的倍数）"),
    "applies_to": ("acts on", "作用于"),
    "both": ("both", "两侧"),
    "township": ("Townships", "乡镇街道"),
    "district": ("Districts", "区县"),
    "of_city": ("City centre", "市级中心"),
    "grid": ("Grids", "网格"),
    "shared_data": ("Shared data", "数据共享"),
    "sensing": ("Sensing", "智能感知"),
    "direct": ("Direct dispatch", "直接派单"),
    "first_receiver": ("First receiver keeps it", "首接负责"),
    "refusal": ("Refusal", "推诿"),
    "return_limit": ("Limit of returns", "退单上限"),
    "pooling": ("Pooling", "综合岗"),
    "joint": ("Joint work", "联合处置"),
    "verification": ("Verification", "核查"),
    "supervision": ("Notices", "督办"),
    "merging": ("Merging of reports", "重复合并"),
    "intake": ("One hotline", "统一受理"),
    "dual": ("Dual dispatch", "双派单"),
    "whistle": ("Whistle", "吹哨报到"),
    "reminder": ("Reminders", "催办"),
    "criticism": ("Criticism", "通报"),
    "extension": ("Extensions", "延期"),
    "load_sharing": ("Load sharing", "邻镇分担"),
    "flexible": ("Flexible staff", "弹性调岗"),
    "emergency": ("Emergency mode", "平急转换"),
    "assessment": ("Ranking", "考核"),
    "automation": ("Automation", "自动研判"),
    "applied": (
        "{what} of {policy}: in force from {moment}",
        "{policy} 的“{what}”自 {moment} 起生效",
    ),
    # Dialogs.
    "storm_title": ("A storm begins now", "暴雨现在开始"),
    "storm_hours": ("Hours", "持续小时"),
    "storm_factor": ("Times the ordinary rate", "平时的倍数"),
    "storm_where": ("Where", "地点"),
    "storm_go": ("Let it begin", "开始"),
    "stormed": ("Storm from {} on, alike on both sides", "暴雨自 {} 起，两侧相同"),
    "cancel": ("Cancel", "取消"),
    "exported": ("Written to {}", "已写入 {}"),
    "export_about": (
        "These commands run both policies from the beginning, exactly as played:",
        "以下命令从头运行两种政策，与播放完全一致：",
    ),
    "download": ("Download", "下载"),
    # Policies and scenarios; others go by their file's name.
    "siloed": ("Siloed", "条块分立"),
    "integrated": ("Integrated", "贯通"),
    "paper": ("Paper", "纸面流转"),
    "scenario_none": ("Ordinary times", "平时"),
    "scenario_flood_season": ("Flood season", "汛期"),
    "scenario_heat_wave": ("Heat wave", "高温"),
    "scenario_cold_snap": ("Cold snap", "寒潮"),
    "scenario_mass_event": ("Mass event", "大型活动"),
    "scenario_false_alarm_flood": ("False alarms", "误报激增"),
    "scenario_platform_outage": ("Platform outages", "平台故障"),
    "scenario_staff_shortage": ("Staff shortage", "人手不足"),
}
"""{what: (English, Chinese)}."""


def say(what: str, lang: str, /, *values: Any, **named: Any) -> str:
    """A word in a language; what has no word is said as it is called."""
    pair = WORDS.get(what)
    text = what if pair is None else pair[lang == "zh"]
    return text.format(*values, **named) if values or named else text


def span(ticks: float, lang: str) -> str:
    """A length of time as people say it."""
    if ticks < 3600:
        return say("minutes", lang, f"{ticks / 60:.0f}")
    if ticks < 2 * 86400:
        return say("hours", lang, f"{ticks / 3600:.1f}")
    return say("days", lang, f"{ticks / 86400:.1f}")
