"""Asking the processor for memory that will be needed soon, while it does something else."""

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

_READ, _KEEP, _DATA = 0, 3, 1


@intrinsic
def prefetch(typing, array, row, column):
    """Fetch the line of the cache that holds `array[row, column]`; changes nothing.

    array : C-contiguous, of two dimensions. In compiled code only.
    """

    def generate(context, builder, signature, args):
        kind = signature.args[0]
        matrix = context.make_array(kind)(context, builder, args[0])
        shape = cgutils.unpack_tuple(builder, matrix.shape, 2)
        strides = cgutils.unpack_tuple(builder, matrix.strides, 2)
        place = cgutils.get_item_pointer2(
            context, builder, matrix.data, shape, strides, kind.layout, args[1:]
        )
        byte = ir.IntType(8).as_pointer()
        number = ir.IntType(32)
        form = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        fetch = builder.module.declare_intrinsic("llvm.prefetch", [byte], form)
        how = [number(value) for value in (_READ, _KEEP, _DATA)]
        builder.call(fetch, [builder.bitcast(place, byte), *how])
        return context.get_dummy_value()

    return types.void(array, types.intp, types.intp), generate
