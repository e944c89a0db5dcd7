"""What the columns, activities and values of a log mean: from a file of the user's, or by their
usual names, English and Chinese."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sim.codes import CHANNELS, SEVERITIES, STAGES, TIERS
from sim.errors import InputError

ROLES = {  # role: usual names of its column, the first found counts
    "case": ("case_id", "case:concept:name", "case", "incident", "number", "工单编号", "工单号",
             "案件编号", "案件号", "事件编号", "编号"),
    "activity": ("activity", "concept:name", "stage", "incident_state", "环节", "活动", "处理环节",
                 "流程环节", "操作"),
    "complete": ("complete", "time:timestamp", "timestamp", "ended", "end", "sys_updated_at",
                 "完成时间", "结束时间", "办理时间", "处理时间", "时间"),
    "start": ("start", "start_timestamp", "started", "开始时间", "签收时间"),
    "resource": ("resource", "org:resource", "assigned_to", "处理人", "经办人", "办理人", "资源"),
    "joined": ("joined", "派单时间"),
    "noticed": ("noticed", "受理时间", "上报时间"),
    "instance": ("concept:instance",),
    "class": ("class",),
    "lifecycle": ("lifecycle:transition", "lifecycle"),
    "occurred": ("occurred", "发生时间"),
    "kind": ("kind", "incident_kind", "category", "类型", "事项类型", "案件类型", "事件类型"),
    "channel": ("channel", "contact_type", "来源", "渠道", "来源渠道"),
    "severity": ("severity", "grade", "等级", "紧急程度"),
    "tier": ("tier", "层级"),
    "department": ("department", "承办单位", "责任单位", "部门"),
    "township": ("township", "镇街", "街道"),
    "grid": ("grid", "网格"),
    "limit": ("limit", "deadline", "due", "时限", "截止时间", "办理期限"),
    "outcome": ("outcome", "结果", "处理结果"),
    "report": ("report",),
    "branch": ("branch",),
    "worked": ("worked_s", "worked"),
    "retyping": ("retyping_s", "retyping"),
    "reopened": ("reopen_count",),
    "reassigned": ("reassignment_count",),
    "on_time": ("made_sla",),
}  # fmt: skip
NEEDED = ("case", "activity", "complete")
STAMPS = ("complete", "start", "joined", "noticed", "occurred", "limit")
NUMBERS = ("worked", "retyping", "reopened", "reassigned", "report", "branch")

MODEL_STAGES = STAGES[1:8]
"""Stages that have a desk: register to supervise."""

_USUAL_STAGES = {
    "register": ("受理", "登记", "接单", "立案"),
    "judge": ("研判", "分析研判"),
    "dispatch": ("派单", "派遣", "交办", "转办"),
    "sign": ("签收", "接收"),
    "dispose": ("处置", "办理", "处理"),
    "verify": ("核查", "核实", "回访", "结案审核"),
    "supervise": ("督办",),
}
_USUAL_CHANNELS = {
    "hotline": ("phone", "call", "电话", "热线", "12345"),
    "patrol": ("巡查", "网格上报"),
    "sensor": ("感知", "传感器", "监控"),
    "assigned": ("交办", "email", "self service", "领导交办"),
}
_USUAL_SEVERITIES = {
    "I": ("1", "一级", "特急"),
    "II": ("2", "二级", "紧急"),
    "III": ("3", "三级"),
    "IV": ("4", "四级", "一般"),
}
_VALUES = {  # section of the mapping: (what its values may be, their usual names)
    "stages": (MODEL_STAGES, _USUAL_STAGES),
    "channels": (CHANNELS, _USUAL_CHANNELS),
    "severities": (SEVERITIES, _USUAL_SEVERITIES),
    "tiers": (TIERS, {}),
}


@dataclass(frozen=True)
class Mapping:
    """How a log is to be read. Empty where the usual names are to do.

    columns : {role: column}; stamps : format of the times, as strftime has it; zone : name of the
    time zone whose wall clock counts; closing : activities that end a case; kinds, stages,
    channels, severities, tiers : {value in the log: name in the model}; object : type of the OCEL
    object that is the case.
    """

    columns: dict[str, str] = field(default_factory=dict)
    stamps: str | None = None
    zone: str | None = None
    closing: list[str] = field(default_factory=list)
    object: str | None = None
    stages: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    channels: dict[str, str] = field(default_factory=dict)
    severities: dict[str, str] = field(default_factory=dict)
    tiers: dict[str, str] = field(default_factory=dict)

    def found(self, header: Sequence[str]) -> dict[str, str]:
        """{role: column} of a header. Raises InputError for a column that is not there and for
        one that is needed and not found."""
        for role, column in self.columns.items():
            if column not in header:
                raise InputError(
                    f"columns.{role}: '{column}' is no column; allowed: {', '.join(header)}"
                )
        folded = {_folded(name): name for name in reversed(header)}
        roles = {}
        for role, usual in ROLES.items():
            names = (folded[name] for name in usual if name in folded)
            column = self.columns.get(role) or next(names, None)
            if column is not None and (role in self.columns or column not in self.columns.values()):
                roles[role] = column
        for role in NEEDED:
            if role not in roles:
                raise InputError(
                    f"columns.{role}: no value is given, and no column has a usual name for it; "
                    f"allowed: {', '.join(header)}"
                )
        return roles

    def named(self, section: str, value: str) -> str | None:
        """What a value of the log is called in the model; None for one that has no name there."""
        own: dict[str, str] = getattr(self, section)
        if own:
            return own.get(value)
        names, usual = _VALUES[section]
        folded = value.strip().casefold()
        if folded in {name.casefold() for name in names}:
            return next(name for name in names if name.casefold() == folded)
        return next((name for name, known in usual.items() if folded in known), None)


def _folded(name: str) -> str:
    """A column's name in small letters; the attribute of a trace as that of its events."""
    folded = name.strip().casefold()
    return folded if folded.startswith("case:concept") else folded.removeprefix("case:")


def read_mapping(path: str | None) -> Mapping:
    """The mapping in a YAML file, or the empty one. Raises InputError naming key and value."""
    if path is None:
        return Mapping()
    try:
        found = yaml.safe_load(Path(path).read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = str(error).replace("\n", " ")
        raise InputError(f"columns: '{path}' cannot be read: {reason}") from None
    return mapping_of({} if found is None else found)


def mapping_of(found: Any) -> Mapping:
    """The mapping of plain values. Raises InputError."""
    known = Mapping.__dataclass_fields__
    if not isinstance(found, dict):
        raise InputError(f"columns: {found!r}; allowed: keys {', '.join(known)}")
    for key, value in found.items():
        if key not in known:
            raise InputError(f"columns: '{key}'; allowed: {', '.join(known)}")
        blank = getattr(Mapping(), key)
        if not isinstance(value, type(blank) if blank is not None else str):
            raise InputError(f"columns: {key}: {value!r}; allowed: {_form(blank)}")
    texts = {key: _texts(key, value) for key, value in found.items()}
    mapping = Mapping(**texts)
    _check_names("columns", dict.fromkeys(mapping.columns, ""), ROLES, of_keys=True)
    for section, (allowed, _) in _VALUES.items():
        _check_names(section, getattr(mapping, section), allowed)
    return mapping


def _form(blank: Any) -> str:
    return {dict: "a table NAME: NAME", list: "a list of names"}.get(type(blank), "a text")


def _texts(key: str, value: Any) -> Any:
    """Values as texts: YAML reads 4 as a number and `no` as false."""
    if isinstance(value, dict):
        return {str(name): str(item) for name, item in value.items()}
    return [str(item) for item in value] if isinstance(value, list) else str(value)


def _check_names(section: str, given: dict[str, str], allowed: Any, *, of_keys: bool = False):
    for name, value in given.items():
        tested = name if of_keys else value
        if tested not in allowed:
            raise InputError(f"{section}.{name}: '{tested}'; allowed: {', '.join(allowed)}")
