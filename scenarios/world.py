"""Assembling the World that the rules read from city, catalogue, calendar and policies."""

import numpy as np

from scenarios.applications import stacked
from scenarios.policy import Policy
from scenarios.schema import MechanismSettings
from sim.calendar import Calendar, CalendarNames
from sim.catalogue import Catalogue
from sim.codes import DESK_GROUPS, N_STAGES, SELF_CHECK, SENSOR, TIERS
from sim.durations import EXPONENTIAL, QuantileTable
from sim.errors import InputError
from sim.layout import Layout
from sim.levers import MECHANISMS
from sim.situation import at_first
from sim.units import HOUR, MINUTE, NEVER
from sim.world import World


def build_world(
    policy: Policy,
    layout: Layout,
    catalogue: Catalogue,
    cal: Calendar,
    names: CalendarNames,
    settings: MechanismSettings,
    seats: np.ndarray,
    restrict: int,
    given: np.ndarray | None = None,
) -> World:
    """The world of one policy, in force everywhere.

    seats : i4[desks, shifts]; restrict : ticks that the time accounts count of an incident at
    most; given : i8[n, stages], works that a trace gives [ticks].
    """
    table = QuantileTable()
    exponential = table.row(EXPONENTIAL, 1.0)
    dispose_row = _rows(table, catalogue.dispose_family, catalogue.dispose_cv)
    paper_row = _rows(table, catalogue.paperwork_family, catalogue.paperwork_cv)
    detection = np.zeros(len(DESK_GROUPS) + 1)
    for group, name in enumerate(DESK_GROUPS):
        detection[group] = getattr(settings.detection, name)
    detection[SELF_CHECK] = settings.detection.own
    return World(
        seed=np.uint64(0),
        cal=cal,
        restrict=restrict,
        office=_opening(names, "office"),
        patrol=_opening(names, "grid"),
        tier_base=layout.tier_base,
        tier_width=layout.tier_width,
        group_offset=layout.group_offset,
        desk_tier=layout.tier,
        desk_group=layout.group.astype(np.int8),
        desk_regime=np.zeros(layout.n_desks, np.int32),
        desk_opening=policy.opening,
        seats=seats,
        later_from=np.zeros(0, np.int64),
        later_regime=np.zeros((0, layout.n_desks), np.int32),
        later_opening=np.zeros((0, layout.n_desks), np.int32),
        later_seats=np.zeros((0, *seats.shape), np.int32),
        regime=np.zeros(layout.city.n_districts, np.int32),
        later=np.zeros(layout.city.n_districts, np.int32),
        switch=np.full(layout.city.n_districts, NEVER),
        lever=policy.lever[None, :],
        choice=policy.choice[None, :],
        relay=policy.relay[None],
        dispose=policy.dispose[None],
        **stacked((policy,), len(catalogue.kinds)),
        lead=catalogue.lead.astype(np.int32),
        board141=catalogue.board141.astype(np.int32),
        board8=catalogue.board8.astype(np.int32),
        sensor_share=catalogue.channel[:, SENSOR].copy(),
        sensor_mean=catalogue.sensor_mean,
        resident_mean=catalogue.resident_mean,
        patrol_mean=catalogue.patrol_mean,
        duplicate_gap=catalogue.duplicate_gap,
        clarity=catalogue.clarity,
        locality=catalogue.locality,
        failure=catalogue.failure,
        limit_value=catalogue.limit_value.astype(np.int64),
        limit_unit=catalogue.limit_unit.astype(np.int32),
        dispose_mean=catalogue.dispose_mean,
        dispose_row=dispose_row,
        paper_mean=catalogue.paperwork_mean,
        paper_row=paper_row,
        mechanism=_mechanisms(settings),
        availability=np.array([getattr(settings.availability, tier) for tier in TIERS]),
        detection=detection,
        duty=catalogue.department_duty,
        exponential=exponential,
        quantile=table.array(),
        given=np.zeros((0, N_STAGES), np.int64) if given is None else given,
        situation=at_first(layout.n_desks, len(catalogue.kinds), layout.city.n_townships),
    )


def _rows(table: QuantileTable, family: np.ndarray, cv: np.ndarray) -> np.ndarray:
    pairs = zip(family.tolist(), cv.tolist(), strict=True)
    return np.array([table.row(f, c) for f, c in pairs], np.int32)


def _opening(names: CalendarNames, name: str) -> int:
    if name not in names.openings:
        raise InputError(
            f"calendar.openings.{name}: missing; it gives the hours of "
            + ("limits in working time" if name == "office" else "patrols")
        )
    return names.openings.index(name)


def _mechanisms(settings: MechanismSettings) -> np.ndarray:
    values = {
        "shared_logit": settings.judgement.shared_logit,
        "centre_logit": settings.judgement.centre_logit,
        "distance_logit": settings.judgement.distance_logit,
        "wrong_tier": settings.judgement.wrong_tier,
        "wrong_desk_work": settings.work.wrong_desk,
        "joint_work": settings.work.joint,
        "partner_work": settings.work.partner,
        "generalist_work": settings.work.generalist,
        "coordination": settings.coordination_hours * HOUR,
        "dormancy": settings.dormancy_hours * HOUR,
        "session": round(settings.session_hours * HOUR),
        "background_work": settings.background_minutes * MINUTE,
        "patience": settings.hotline.patience_minutes * MINUTE,
        "redial": settings.hotline.redial,
        "redial_delay": settings.hotline.redial_minutes * MINUTE,
        "lines": settings.hotline.lines,
    }
    return np.array([values[name] for name in MECHANISMS], np.float64)
