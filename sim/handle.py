"""Lending many arrays to compiled code as one pointer.

A NamedTuple of fifty arrays is taken apart, and the owner of each array counted, at every
compiled call: measured, the loop ran thirty times slower and took two minutes to compile. So
the tuple is laid down in memory once, and compiled code gets its address and reads
`handle.field` from there, just as Python reads the tuple's. The arrays inside are *borrowed*:
they name no owner, and nothing is counted. A Handle keeps the tuple alive.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import typeof, types
from numba.core import cgutils
from numba.core.datamodel import models
from numba.core.typing.templates import AttributeTemplate
from numba.extending import (
    NativeValue,
    infer_getattr,
    intrinsic,
    lower_getattr_generic,
    register_model,
    typeof_impl,
    unbox,
)

from sim.jit import jit


class Lent(types.Type):
    """Compiled type of a Handle: a pointer to the fields of a NamedTuple type."""

    def __init__(self, of: types.NamedTuple):
        self.of = of
        super().__init__(name=f"Lent({of.name})")

    @property
    def key(self) -> Any:
        return self.name  # a text is hashed once; a tuple type is at every call


class Handle:
    """A NamedTuple of arrays and numbers as compiled code takes it; Python reads `fields`."""

    __slots__ = ("address", "fields", "kind", "memory")

    def __getattr__(self, name: str) -> Any:
        """A field, so that a rule reads alike as Python and compiled."""
        if name in Handle.__slots__:  # not yet set
            raise AttributeError(name)
        return getattr(self.fields, name)

    def __init__(self, fields: Any):
        """fields : a NamedTuple of arrays, numbers and other handles."""
        self.fields = fields
        self.kind = Lent(typeof(fields))
        package = __name__.partition(".")[0]
        ours = type(fields).__module__.partition(".")[0] == package
        size, lay_down = _CACHED if ours else _UNCACHED
        self.memory = np.zeros(size(fields) // 8 + 1, np.int64)
        self.address = self.memory.ctypes.data
        lay_down(fields, self.address)


@register_model(Lent)
class _LentModel(models.PrimitiveModel):
    def __init__(self, manager, kind):
        super().__init__(manager, kind, ir.IntType(8).as_pointer())


@typeof_impl.register(Handle)
def _typeof_handle(value, _):
    return value.kind


@unbox(Lent)
def _unbox_handle(kind, value, c):
    number = c.pyapi.object_getattr_string(value, "address")
    address = c.unbox(types.uintp, number)
    c.pyapi.decref(number)
    pointer = c.builder.inttoptr(address.value, ir.IntType(8).as_pointer())
    return NativeValue(pointer, is_error=address.is_error)


@infer_getattr
class _LentFields(AttributeTemplate):
    key = Lent

    def generic_resolve(self, kind, name):
        fields = kind.of.fields
        return kind.of.types[fields.index(name)] if name in fields else None


@lower_getattr_generic(Lent)
def _read_field(context, builder, kind, value, name):
    layout = context.get_value_type(kind.of)
    place = builder.bitcast(value, layout.as_pointer())
    field = cgutils.gep_inbounds(builder, place, 0, kind.of.fields.index(name))
    return builder.load(field)


def _without_owners(context, builder, fields, value):
    """The value of a NamedTuple with arrays that name no owner."""
    for i, kind in enumerate(fields):
        if isinstance(kind, types.Array):
            part = builder.extract_value(value, i)
            array = context.make_array(kind)(context, builder, part)
            array.meminfo = cgutils.get_null_value(array.meminfo.type)
            array.parent = cgutils.get_null_value(array.parent.type)
            value = builder.insert_value(value, array._getvalue(), i)
    return value


@intrinsic
def _size_of(typing, fields):
    def generate(context, builder, signature, args):
        size = context.get_abi_sizeof(context.get_value_type(fields))
        return context.get_constant(types.intp, size)

    return types.intp(fields), generate


@intrinsic
def _store(typing, fields, address):
    def generate(context, builder, signature, args):
        value = _without_owners(context, builder, fields, args[0])
        layout = context.get_value_type(fields)
        builder.store(value, builder.inttoptr(args[1], layout.as_pointer()))
        return context.get_dummy_value()

    return types.void(fields, address), generate


def _size(fields):
    return _size_of(fields)


def _lay_down(fields, address):
    _store(fields, address)


_CACHED = jit(_size), jit(_lay_down)
# A cache that names a type of somebody else's module could not be read again without it.
_UNCACHED = jit(_size, cache=False), jit(_lay_down, cache=False)
