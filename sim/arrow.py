"""Tables as users get them: Arrow, with names in place of codes and nulls in place of "never".

Arrays are made from their memory. `pyarrow.array` would do it, too, but imports pandas to see
whether it is given something of pandas: a third of a second of a command that takes two.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.codes import CHANNELS, INCIDENT_STATES, OUTCOMES, SEVERITIES, STAGES, TIERS
from sim.records import Columns
from sim.units import NEVER

if TYPE_CHECKING:
    import pyarrow as pa

_TEXTS = {
    "state": INCIDENT_STATES,
    "severity": SEVERITIES,
    "grade": SEVERITIES,
    "tier": TIERS,
    "channel": CHANNELS,
    "stage": STAGES,
    "outcome": OUTCOMES,
}


def to_arrow(table: Columns, texts: Mapping[str, tuple[str, ...]] = {}) -> "pa.Table":
    """Columns as an Arrow table: codes become dictionary-encoded names, NEVER and NONE null.

    texts : names of further coded columns, such as {"kind": kind names}.
    """
    import pyarrow as pa

    names = {**_TEXTS, **texts}
    arrays = {}
    for name, values in table.items():
        if name in names:
            codes = numbers(values.astype(np.int32), values < 0)
            arrays[name] = pa.DictionaryArray.from_arrays(codes, words(names[name]))
        elif values.dtype.kind in "OU":
            arrays[name] = words(values.tolist())
        elif name == "satisfied":
            arrays[name] = numbers(values, values < 0)
        elif values.dtype == np.int64 and name != "incident":  # a key is no tick
            arrays[name] = numbers(values, values >= NEVER)
        else:
            arrays[name] = numbers(values)
    return pa.table(arrays)


def numbers(values: np.ndarray, missing: np.ndarray | None = None) -> "pa.Array":
    """An array of numbers or truth values; `missing`, bool[n], says which are null."""
    import pyarrow as pa

    kind = pa.from_numpy_dtype(values.dtype)
    known = None
    if missing is not None and missing.any():
        known = pa.py_buffer(np.packbits(~missing, bitorder="little"))
    packed = np.packbits(values, bitorder="little") if values.dtype == bool else values
    memory = pa.py_buffer(np.ascontiguousarray(packed))
    return pa.Array.from_buffers(kind, len(values), [known, memory])


def words(values: Sequence[str]) -> "pa.Array":
    """An array of texts."""
    import pyarrow as pa

    texts = [value.encode() for value in values]
    ends = np.cumsum([0, *map(len, texts)], dtype=np.int32)
    return pa.StringArray.from_buffers(
        len(texts), pa.py_buffer(ends), pa.py_buffer(b"".join(texts))
    )
