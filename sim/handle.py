"""Handing many arrays to compiled code as one pointer.

A NamedTuple of fifty arrays is taken apart, and the owner of each array counted, at every
compiled call: measured, the loop ran thirty times slower and took two minutes to compile. A
handle holds the same fields behind one reference, and its arrays are *borrowed*: they name no
owner, so there is nothing to count. Compiled code reads `handle.field` as Python reads the
tuple's. Whoever makes a handle keeps the tuple alive as long as the handle is used.

Each tuple has its handle class beside it, made of a compiled type, a proxy and `define_proxy`,
and a compiled function that is `Proxy(*borrowed(fields))`.
"""

from numba import types
from numba.core import cgutils
from numba.extending import intrinsic


@intrinsic
def borrowed(typing, fields):
    """The same tuple with arrays that name no owner."""

    def generate(context, builder, signature, args):
        values = []
        for i, kind in enumerate(fields):
            value = builder.extract_value(args[0], i)
            if isinstance(kind, types.Array):
                array = context.make_array(kind)(context, builder, value)
                array.meminfo = cgutils.get_null_value(array.meminfo.type)
                array.parent = cgutils.get_null_value(array.parent.type)
                value = array._getvalue()
            elif context.enable_nrt:
                context.nrt.incref(builder, kind, value)
            values.append(value)
        return context.make_tuple(builder, fields, values)

    return fields(fields), generate
