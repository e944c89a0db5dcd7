"""Assembling the World that the rules read from city, catalogue, calendar and policies."""

import math

import numpy as np

from scenarios.applications import stacked
from scenarios.mechanisms import EmergencySettings, MechanismSettings, ReportingSettings
from scenarios.policy import Policy
from sim.calendar import Calendar, CalendarNames
from sim.catalogue import Catalogue
from sim.city import City
from sim.codes import DESK_GROUPS, N_STAGES, SELF_CHECK, SENSOR, TIERS, WEEKEND, WORKDAY
from sim.durations import EXPONENTIAL, QuantileTable
from sim.errors import InputError
from sim.layout import Layout
from sim.levers import MECHANISMS
from sim.situation import at_first
from sim.units import DAY, HOUR, MINUTE, NEVER
from sim.world import World

_DAYS_OF_YEAR = 365.25

_RATE_RESIDENTS = 100_000  # residents by which thresholds are stated


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
    weight: float = 1.0,
) -> World:
    """The world of one policy, in force everywhere.

    seats : i4[desks, shifts]; restrict : ticks that the time accounts count of an incident at
    most; given : i8[n, stages], works that a trace gives [ticks]; weight :
    residents that each one of the city stands for.
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
        change_from=np.zeros(0, np.int64),
        outage_from=np.zeros(0, np.int64),
        outage_to=np.zeros(0, np.int64),
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
        growth_mean=catalogue.growth_mean,
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
        township_district=layout.city.township_district.astype(np.int32),
        neighbour=layout.neighbour,
        emergency=_emergencies(catalogue, settings.emergency.board),
        alarm_on=_alarm_thresholds(layout.city, weight, settings.emergency),
        about=_about(settings.reporting),
        exponential=exponential,
        quantile=table.array(),
        given=np.zeros((0, N_STAGES), np.int64) if given is None else given,
        situation=at_first(
            layout.n_desks,
            len(catalogue.kinds),
            layout.city.n_townships,
            layout.city.n_districts,
            layout.city.n_grids,
        ),
    )


def _about(settings: ReportingSettings) -> np.ndarray:
    """Rate at which residents report by kind of day and hour, f8[day types, 24]; its mean over the
    hours of a week is 1, at any strength. Raises InputError."""
    hours = np.array(settings.about)
    if hours.shape != (24,) or not hours.sum() > 0:
        raise InputError(
            f"mechanism.reporting.about: {settings.about}; allowed: 24 numbers, of which one is "
            "above 0"
        )
    by_day = np.array([1.0, settings.days_off, settings.days_off])  # a holiday is a day off
    week = 5 * by_day[WORKDAY] + 2 * by_day[WEEKEND]
    rate = np.outer(by_day * 7.0 / week, hours / hours.mean())
    return 1.0 + settings.waking * (rate - 1.0)


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


def _emergencies(catalogue: Catalogue, board: str) -> np.ndarray:
    """Kinds that are emergencies: those of one of the eight boards; none without that board."""
    if board not in catalogue.boards8:
        return np.zeros(len(catalogue.kinds), bool)
    return catalogue.board8 == catalogue.boards8.index(board)


def _alarm_thresholds(city: City, weight: float, settings: EmergencySettings) -> np.ndarray:
    """Open emergencies that call for the mode, i8[1 + D], in proportion to residents; 1 or more."""
    residents = city.district_population * weight / _RATE_RESIDENTS
    on = [settings.city_on * residents.sum(), *(settings.district_on * residents)]
    return np.maximum(1, np.ceil(on)).astype(np.int64)


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
        "growth_rate": settings.growth.rate,
        "growth_work": settings.growth.work,
        "growth_tier": settings.growth.tier,
        "withdrawal": settings.withdrawal.share,
        "withdrawal_delay": settings.withdrawal.hours * HOUR,
        "false_merge": settings.false_merge.q,
        "satisfaction": settings.satisfaction.base,
        "late_dislike": settings.satisfaction.late,
        "return_dislike": settings.satisfaction.reopened,
        "wait_dislike": settings.satisfaction.wait,
        "reminder_lead": settings.reminder.lead,
        "reminder_work": settings.reminder.work,
        "criticism_delay": round(settings.criticism.delay_hours * HOUR),
        "criticism_work": settings.criticism.work,
        "answer_work": settings.criticism.answer,
        "extension_length": settings.extension.length,
        "whistle_stay": settings.whistle.stay,
        "whistle_travel": settings.whistle.travel_minutes * MINUTE,
        "hurry_window": settings.assessment.window,
        "hurry_work": settings.assessment.hurry,
        "hurry_failure": settings.assessment.hurry_failure,
        "asked_extension": settings.assessment.extension,
        "procedure_clarity": settings.automation.clarity,
        "exception_logit": settings.automation.exception,
        "outage_rate": settings.outage.a_year / _DAYS_OF_YEAR,
        "outage_time": settings.outage.hours * HOUR,
        "re_entry": settings.outage.re_entry_minutes * MINUTE,
        "silence": 1.0 - settings.reporting.base,
        "ease_gain": settings.reporting.gain,
        "waking": settings.reporting.waking,
        **_of_adaptive_centres(settings),
    }
    return np.array([values[name] for name in MECHANISMS], np.float64)


def _of_adaptive_centres(settings: MechanismSettings) -> dict[str, float]:
    """Mechanism numbers of patrol, flexible staff, emergency mode, load sharing and learning."""
    emergency, learning = settings.emergency, settings.learning
    since = math.inf if learning.since_days is None else learning.since_days * DAY
    return {
        "patrol_weight": settings.patrol.weight,
        "patrol_least": settings.patrol.least,
        "switching": round(settings.flexible.switching_minutes * MINUTE),
        "review": round(emergency.review_minutes * MINUTE),
        "emergency_off": emergency.end_share,
        "emergency_least": emergency.least_hours * HOUR,
        "emergency_switch": round(emergency.switch_minutes * MINUTE),
        "night_share": emergency.night_share,
        "emergency_coordination": emergency.coordination,
        "sharing_queue": settings.sharing.queue,
        "sharing_travel": settings.sharing.travel_minutes * MINUTE,
        "learning_since": since,
        "dip_logit": learning.dip_logit,
        "dip_work": learning.dip_work,
        "dip_time": learning.dip_days * DAY,
        "use_logit": learning.use_logit,
        "uses": learning.uses,
        "training_logit": learning.training_logit,
        "training_period": learning.training_days * DAY,
        "forgetting": learning.forgetting_days * DAY,
    }
