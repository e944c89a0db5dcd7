"""Every random number of the simulator: a pure function of its names, with no state.

A draw is named by (seed, entity class, entity key, purpose, attempt, report, branch). The
names fill the 128-bit counter of Philox 4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel
random numbers: as easy as 1, 2, 3", SC 2011), the seed its 64-bit key:

    word 0   entity key, low 32 bits
    word 1   entity key, high 32 bits
    word 2   purpose (8 bits) | entity class (4) | unused (4) | branch (16)
    word 3   attempt (16 bits) | report (16 bits)

So no draw depends on the order of events, the policy, the chunk size or the thread.
"Attempt" counts the earlier uses of that purpose by that task.
"""

import math

import numpy as np
from numba import uint64

from sim.jit import jit

# Entity classes.
OF_WORLD, OF_INCIDENT, OF_FALSE_ALARM, OF_BACKGROUND, OF_CONSULTATION = range(5)
OF_TRIVIAL = 5  # self-reported for the ranking

# Purposes: the world's own.
CITY_DAY, DISTRICT_DAY, COUNT = range(3)
# What an incident is: drawn by the stream, alike under every policy.
MOMENT, PLACE, SEVERITY, CHANNEL, TIER, PARTNER, DUPLICATES = range(10, 17)
# What happens to it.
(
    BY_SENSOR,
    SENSOR_DELAY,
    NOTICE_DELAY,
    DUPLICATE_GAP,
    JUDGED_RIGHT,
    JUDGED_HOW,
    JUDGED_TIER,
    DIRECTLY,
    RETURNED,
    RECEIVED,
    POOLED,
    JOINTLY,
    COORDINATION,
    FAILED,
    VERIFIED,
    DETECTED,
    DORMANCY,
    MERGED,
    SUPERVISED,
    RETYPING,
    PATIENCE,
    REDIALS,
    REDIAL_DELAY,
) = range(30, 53)
# Work: WORK + stage code.
WORK = 60
# Growth, withdrawal, false merges, satisfaction.
(
    GROWTH,
    GROWN_TIER,
    RETRACTED,
    RETRACTED_AFTER,
    MISMERGED,
    MISMERGED_FOR,
    SATISFIED,
) = range(80, 87)
# Supervision and ways of working.
REMINDED, CRITICISED, EXTENDED, DUALLY, WHISTLED, AUTOMATED, RANKED = range(90, 97)
# The world's own, and how residents reach it.
(
    STORMS,
    STORM_START,
    STORM_LENGTH,
    STORM_CENTRE,
    STORM_REACH,
    OUTAGES,
    OUTAGE_START,
    OUTAGE_LENGTH,
    REPORTS,
    OWN_LINE,
) = range(70, 80)
# Adaptive centres.
SHARED = 100
# Applications.
APPLIED = 110
# Decisions of a user's own (docs/extending.md): from here to 255.
OWN = 200

_MASK = uint64(0xFFFFFFFF)
_M0, _M1 = uint64(0xD2511F53), uint64(0xCD9E8D57)
_W0, _W1 = uint64(0x9E3779B9), uint64(0xBB67AE85)
_S32, _S12 = uint64(32), uint64(12)


@jit(inline="always")
def _round(c0, c1, c2, c3, k0, k1):
    p0, p1 = _M0 * c0, _M1 * c2
    return (p1 >> _S32) ^ c1 ^ k0, p1 & _MASK, (p0 >> _S32) ^ c3 ^ k1, p0 & _MASK


@jit
def philox(c0, c1, c2, c3, k0, k1):
    """Philox 4x32-10: four words from a counter of four words and a key of two (all uint64
    holding 32 bits)."""
    for _ in range(10):
        c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
        k0, k1 = (k0 + _W0) & _MASK, (k1 + _W1) & _MASK
    return c0, c1, c2, c3


@jit
def uniform(seed, entity, key, purpose, attempt=0, report=0, branch=0):
    """Uniform number in the open interval (0, 1), 52 random bits, named by its arguments.

    seed : uint64; entity : class code; key : int64; purpose, attempt, report, branch : ints
    """
    name = uint64(key)
    c2 = (uint64(purpose) << uint64(24)) | (uint64(entity) << uint64(20)) | uint64(branch)
    c3 = (uint64(attempt) << uint64(16)) | uint64(report)
    k = uint64(seed)
    w0, w1, _, _ = philox(name & _MASK, name >> _S32, c2, c3, k & _MASK, k >> _S32)
    bits = ((w0 << _S32) | w1) >> _S12
    return (np.float64(bits) + 0.5) * 2.0**-52


@jit
def index_of(u, shares):
    """Index drawn from `shares` (f8[n], sum 1) by the uniform u: inversion."""
    total = 0.0
    last = 0
    for i in range(shares.shape[0]):
        if shares[i] > 0.0:
            total += shares[i]
            last = i
            if u < total:
                return i
    return last


@jit
def poisson(u, mean):
    """Poisson count by inversion of one uniform; monotone in u and in the mean.

    The sum begins ten standard deviations below the mean, where less than 1e-20 is left out.
    """
    if mean <= 0.0:
        return 0
    k = max(0, int(mean - 10.0 * math.sqrt(mean)))
    p = math.exp(k * math.log(mean) - mean - math.lgamma(k + 1.0))
    total = p
    top = mean + 40.0 * math.sqrt(mean) + 40.0
    while u > total and k < top:
        k += 1
        p *= mean / k
        if k > mean and total + p == total:  # what is left rounds to nothing
            break
        total += p
    return k


@jit
def normal_score(u):
    """Inverse of the standard normal distribution function (Wichura 1988, algorithm AS 241,
    relative accuracy about 1e-16)."""
    q = u - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        a = 2509.0809287301226727
        for c in _A:
            a = a * r + c
        b = 5226.495278852854561
        for c in _B:
            b = b * r + c
        return q * a / b
    r = math.sqrt(-math.log(min(u, 1.0 - u)))
    if r <= 5.0:
        r -= 1.6
        a, b = 7.74545014278341407640e-4, 1.05075007164441684324e-9
        for c in _C:
            a = a * r + c
        for c in _D:
            b = b * r + c
    else:
        r -= 5.0
        a, b = 2.01033439929228813265e-7, 2.04426310338993978564e-15
        for c in _E:
            a = a * r + c
        for c in _F:
            b = b * r + c
    return a / b if q > 0.0 else -a / b


# Coefficients of AS 241 (PPND16), after the leading one of each polynomial.
_A = (
    33430.575583588128105,
    67265.770927008700853,
    45921.953931549871457,
    13731.693765509461125,
    1971.5909503065514427,
    133.14166789178437745,
    3.387132872796366608,
)
_B = (
    28729.085735721942674,
    39307.89580009271061,
    21213.794301586595867,
    5394.1960214247511077,
    687.1870074920579083,
    42.313330701600911252,
    1.0,
)
_C = (
    0.0227238449892691845833,
    0.24178072517745061177,
    1.27045825245236838258,
    3.64784832476320460504,
    5.7694972214606914055,
    4.6303378461565452959,
    1.42343711074968357734,
)
_D = (
    5.475938084995344946e-4,
    0.0151986665636164571966,
    0.14810397642748007459,
    0.68976733498510000455,
    1.6763848301838038494,
    2.05319162663775882187,
    1.0,
)
_E = (
    2.71155556874348757815e-5,
    0.0012426609473880784386,
    0.026532189526576123093,
    0.29656057182850489123,
    1.7848265399172913358,
    5.4637849111641143699,
    6.6579046435011037772,
)
_F = (
    1.4215117583164458887e-7,
    1.8463183175100546818e-5,
    7.868691311456132591e-4,
    0.0148753612908506148525,
    0.13692988092273580531,
    0.59983220655588793769,
    1.0,
)
