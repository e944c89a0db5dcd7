"""The schema of the settings `mechanism`: how the city works, whatever the policy."""

from dataclasses import dataclass, field

from omegaconf import MISSING

from scenarios.fields import number


@dataclass
class AvailabilitySettings:
    city: float = number(0.001, 1)
    district: float = number(0.001, 1)
    township: float = number(0.001, 1)
    grid: float = number(0.001, 1)


@dataclass
class DetectionSettings:
    own: float = number(0, 1)
    hotline: float = number(0, 1)
    dispatch: float = number(0, 1)
    callback: float = number(0, 1)
    command: float = number(0, 1)
    board: float = number(0, 1)
    department: float = number(0, 1)
    pool: float = number(0, 1)
    grid: float = number(0, 1)


@dataclass
class JudgementSettings:
    shared_logit: float = number(-10, 10)
    centre_logit: float = number(-10, 10)
    distance_logit: float = number(-10, 10)
    wrong_tier: float = number(0, 1)


@dataclass
class WorkSettings:
    wrong_desk: float = number(0, 100)
    joint: float = number(0, 10)
    partner: float = number(0, 10)
    generalist: float = number(0, 10)


@dataclass
class HotlineSettings:
    patience_minutes: float = number(0, 1e6)
    redial: float = number(0, 1)
    redial_minutes: float = number(0, 1e6)
    lines: int = number(0, 10**6)


@dataclass
class GrowthSettings:
    rate: float = number(0, 1000)
    work: float = number(0, 100)
    tier: float = number(0, 1)


@dataclass
class WithdrawalSettings:
    share: float = number(0, 1)
    hours: float = number(0, 1e5)


@dataclass
class FalseMergeSettings:
    q: float = number(0, 1)


@dataclass
class SatisfactionSettings:
    base: float = number(-100, 100)
    late: float = number(-100, 100)
    reopened: float = number(-100, 100)
    wait: float = number(-100, 100)


@dataclass
class ReminderSettings:
    lead: float = number(0, 1)
    work: float = number(0, 100)


@dataclass
class CriticismSettings:
    delay_hours: float = number(0, 1e4)
    work: float = number(0, 100)
    answer: float = number(0, 100)


@dataclass
class ExtensionSettings:
    length: float = number(0, 100)


@dataclass
class WhistleSettings:
    stay: float = number(0, 100)
    travel_minutes: float = number(0, 1e4)


@dataclass
class AssessmentSettings:
    window: float = number(0, 1)
    hurry: float = number(0, 1)
    hurry_failure: float = number(0, 1)
    extension: float = number(0, 1)
    trivial: float = number(0, 100)


@dataclass
class AutomationSettings:
    clarity: float = number(-10, 10)
    exception: float = number(-10, 10)


@dataclass
class OutageSettings:
    a_year: float = number(0, 10000)
    hours: float = number(0.001, 1000)
    re_entry_minutes: float = number(0, 10000)


@dataclass
class ReportingSettings:
    base: float = number(0, 1)
    gain: float = number(0, 1)
    waking: float = number(0, 1)
    about: list[float] = field(default=MISSING, metadata={"low": 0, "high": 1e6})
    days_off: float = number(0, 100)


@dataclass
class PatrolSettings:
    weight: float = number(0, 1000)
    least: float = number(0, 1)


@dataclass
class FlexibleSettings:
    switching_minutes: float = number(0, 1e5)


@dataclass
class EmergencySettings:
    board: str = MISSING
    district_on: float = number(0, 1e9)
    city_on: float = number(0, 1e9)
    end_share: float = number(0, 1)
    least_hours: float = number(0, 1e5)
    switch_minutes: float = number(0, 1e5)
    review_minutes: float = number(1, 1e5)
    night_share: float = number(0, 1)
    coordination: float = number(0, 100)


@dataclass
class SharingSettings:
    queue: float = number(0, 1e6)
    travel_minutes: float = number(0, 1e5)


@dataclass
class LearningSettings:
    since_days: float | None = field(default=None, metadata={"low": -1e5, "high": 1e5})
    dip_logit: float = number(0, 10)
    dip_work: float = number(0, 100)
    dip_days: float = number(0.01, 1e5)
    use_logit: float = number(0, 10)
    uses: float = number(1, 1e9)
    training_logit: float = number(0, 10)
    training_days: float = number(0.01, 1e5)
    forgetting_days: float = number(0.01, 1e5)


@dataclass
class MechanismSettings:
    availability: AvailabilitySettings = field(default_factory=AvailabilitySettings)
    detection: DetectionSettings = field(default_factory=DetectionSettings)
    judgement: JudgementSettings = field(default_factory=JudgementSettings)
    work: WorkSettings = field(default_factory=WorkSettings)
    hotline: HotlineSettings = field(default_factory=HotlineSettings)
    growth: GrowthSettings = field(default_factory=GrowthSettings)
    withdrawal: WithdrawalSettings = field(default_factory=WithdrawalSettings)
    false_merge: FalseMergeSettings = field(default_factory=FalseMergeSettings)
    satisfaction: SatisfactionSettings = field(default_factory=SatisfactionSettings)
    outage: OutageSettings = field(default_factory=OutageSettings)
    reporting: ReportingSettings = field(default_factory=ReportingSettings)
    patrol: PatrolSettings = field(default_factory=PatrolSettings)
    flexible: FlexibleSettings = field(default_factory=FlexibleSettings)
    emergency: EmergencySettings = field(default_factory=EmergencySettings)
    sharing: SharingSettings = field(default_factory=SharingSettings)
    learning: LearningSettings = field(default_factory=LearningSettings)
    coordination_hours: float = number(0, 1e4)
    dormancy_hours: float = number(0, 1e5)
    session_hours: float = number(0.01, 1e6)
    background_minutes: float = number(0, 1e4)
    reminder: ReminderSettings = field(default_factory=ReminderSettings)
    criticism: CriticismSettings = field(default_factory=CriticismSettings)
    extension: ExtensionSettings = field(default_factory=ExtensionSettings)
    whistle: WhistleSettings = field(default_factory=WhistleSettings)
    assessment: AssessmentSettings = field(default_factory=AssessmentSettings)
    automation: AutomationSettings = field(default_factory=AutomationSettings)
