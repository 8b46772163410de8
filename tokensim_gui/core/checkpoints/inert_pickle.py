"""Read the structure of a PyTorch pickle without running, importing or building anything.

A pickle is a program for a stack machine, in which a stranger may call any function. Here its
opcodes, as ``pickletools.genops`` lists them, only arrange plain containers; a call becomes a
record of the call, and the few calls that describe tensors become `Tensor`. Every opcode takes
constant time and memory beyond what the pickle itself holds, so that capping the sum of their
costs caps both.
"""

import pickletools
import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any, NamedTuple, TypeAlias

# An opcode costs one step, and one that makes something which stays costs two. A tensor takes some
# 50: SDXL has 2,640, with the averages and the states of Adam that training keeps 4 × as many; a
# list of CLIP's 49,408 rows takes up to 2.5 million. The most that this allows takes 1.5 s.
MAX_STEPS = 2_600_000
TOO_LONG = (
    "its pickle is too long; save numbers as a tensor, and a model without its training state"
)
_MAX_SPARSE = 100_000
_MAX_KEY, _MAX_NUMBER = 500, 2**63
_MAX_DEPTH = 16
_MAX_DIMENSIONS = 8

_STORAGES = {
    "DoubleStorage": "F64",
    "FloatStorage": "F32",
    "HalfStorage": "F16",
    "BFloat16Storage": "BF16",
    "LongStorage": "I64",
    "IntStorage": "I32",
    "ShortStorage": "I16",
    "CharStorage": "I8",
    "ByteStorage": "U8",
    "BoolStorage": "BOOL",
    "UntypedStorage": "U8",
}
_DTYPES = {
    "float64": "F64",
    "float32": "F32",
    "float16": "F16",
    "bfloat16": "BF16",
    "float8_e4m3fn": "F8_E4M3",
    "float8_e5m2": "F8_E5M2",
    "uint8": "U8",
}


class Malformed(Exception):
    """The pickle is not one that PyTorch writes, or is too long."""


class Global(NamedTuple):
    """A class or function that the pickle names; it is never looked up."""

    name: str


class Storage(NamedTuple):
    """A block of numbers that lies outside the pickle.

    Attributes:
        dtype: Name as in safetensors.
        key: Names the block.
        numel: How many numbers it holds.
    """

    dtype: str
    key: str
    numel: int


class Tensor(NamedTuple):
    """A view of a storage. ``offset`` and ``strides`` count numbers of ``dtype``, not bytes."""

    storage: Storage
    dtype: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def is_row_major(self) -> bool:
        """Tell whether the numbers lie row after row, without gaps."""
        expected = 1
        for size, stride in zip(reversed(self.shape), reversed(self.strides), strict=True):
            if size != 1 and stride != expected:
                return False
            expected *= size
        return True


class _Object:
    """What a call would have made; only the state that it would have got is kept."""

    __slots__ = ("state",)

    def __init__(self) -> None:
        self.state: object = None


def load(stream: BytesIO, steps: int = MAX_STEPS) -> object:
    """Read one pickle from ``stream``, which is left right behind it.

    Returns:
        Plain containers, text and numbers, `Tensor` and `Storage`; sets are lists. The keys of
        dictionaries are texts: numbers are written out, and what is neither is left out.

    Raises:
        Malformed: The pickle is damaged, not from PyTorch, or costs more than ``steps``.
    """
    machine, left, steps_of = _Machine(), steps, _COSTS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of strange escapes in texts of Python 2
            for opcode, argument, _ in pickletools.genops(stream):
                step, cost = steps_of[opcode.name]
                left -= cost
                if left < 0:
                    raise Malformed(TOO_LONG)
                step(machine, argument)
        return machine.stack[-1]
    except (ValueError, IndexError, KeyError, TypeError, OverflowError) as error:
        raise Malformed("its pickle is damaged, or not from PyTorch") from error


def tensors(root: object) -> Iterator[tuple[str, Tensor]]:
    """Give the tensors in what `load` returned, by their names in the ``state_dict``."""
    if isinstance(root, dict) and isinstance(root.get("state_dict"), dict):
        root = root["state_dict"]
    yield from _tensors(root, "", set(), 0)


def row_list(root: object) -> tuple[str, list[Tensor]] | None:
    """Return the name and the vectors of a list of vectors, if `load` returned nothing else.

    Vectors have one dimension, or two of which the first is 1.

    Raises:
        Malformed: It is one, but its vectors do not have one length and format.
    """
    name = ""
    if isinstance(root, dict) and len(root) == 1:
        ((name, root),) = root.items()
    if not isinstance(root, list | tuple) or len(root) < 2:
        return None
    rows = [one for one in root if isinstance(one, Tensor)]
    if len(rows) < len(root) or not all(
        len(one.shape) == 1 or (len(one.shape) == 2 and one.shape[0] == 1) for one in rows
    ):
        return None
    usual = Counter((one.dtype, one.shape[-1]) for one in rows).most_common(1)[0][0]
    for number, one in enumerate(rows):
        if (one.dtype, one.shape[-1]) != usual:
            raise Malformed(
                f"row {number:,} of its list has {one.shape[-1]:,} numbers in {one.dtype}, "
                f"the others {usual[1]:,} in {usual[0]}; the rows of a table are alike"
            )
    return name, rows


def _tensors(value: object, name: str, seen: set[int], depth: int) -> Iterator[tuple[str, Tensor]]:
    if isinstance(value, Tensor):
        yield name, value
        return
    if id(value) in seen or depth > _MAX_DEPTH:
        return
    seen.add(id(value))
    if isinstance(value, _Object):
        yield from _tensors(value.state, name, seen, depth + 1)
    elif isinstance(value, dict):
        for key, part in value.items():
            # Modules keep their tensors and parts in these.
            inner = name if key in ("_parameters", "_modules") else _joined(name, key)
            yield from _tensors(part, inner, seen, depth + 1)
    elif isinstance(value, list | tuple):
        for number, part in enumerate(value):
            inner = _joined(name, str(number)) if len(value) > 1 else name
            yield from _tensors(part, inner, seen, depth + 1)


def _joined(name: str, key: str) -> str:
    return f"{name}.{key}" if name else key


class _Machine:
    """The stack machine of the opcodes in ``pickletools``, with calls recorded and not made."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.outer: list[list[Any]] = []
        self._memo: list[Any] = []
        self._sparse: dict[int, Any] = {}

    def items(self) -> list[Any]:
        """Take what lies above the topmost mark."""
        items = self.stack
        self.stack = self.outer.pop()
        return items

    def take(self, count: int) -> list[Any]:
        """Take the topmost ``count`` values."""
        if len(self.stack) < count:
            raise IndexError
        items = self.stack[-count:]
        del self.stack[-count:]
        return items

    def push(self, value: object) -> None:
        """Put a value on top."""
        self.stack.append(value)

    def push_group(self, make: Callable[[list[Any]], object]) -> None:
        """Put what ``make`` makes of the values above the topmost mark in their place."""
        items = self.items()
        self.stack.append(make(items))

    def keep(self, index: int) -> None:
        """Remember the topmost value by a number; they are mostly counted up."""
        if index == len(self._memo):
            self._memo.append(self.stack[-1])
        elif 0 <= index < len(self._memo):
            self._memo[index] = self.stack[-1]
        elif len(self._sparse) < _MAX_SPARSE:
            self._sparse[index] = self.stack[-1]
        else:
            raise Malformed(TOO_LONG)

    def keep_next(self) -> None:
        """Remember the topmost value by the number of those that are remembered."""
        self.keep(len(self._memo) + len(self._sparse))

    def recall(self, index: int) -> None:
        """Put what is remembered on top."""
        if index in self._sparse:
            self.stack.append(self._sparse[index])
        else:
            self.stack.append(self._memo[index])

    def mark(self) -> None:
        """Begin a group of values."""
        self.outer.append(self.stack)
        self.stack = []

    def pop(self) -> None:
        """Drop the topmost value, or the topmost mark if nothing is above it."""
        if self.stack:
            self.stack.pop()
        else:
            self.items()

    def set_items(self, items: list[Any]) -> None:
        """Put keys and values, in turn, into the dictionary on top."""
        target = self.stack[-1]
        if isinstance(target, dict):
            target.update(_pairs(items))

    def drop_group(self) -> None:
        """Drop the topmost mark and the values above it."""
        self.items()

    def extend(self, items: list[Any]) -> None:
        """Put values into the list on top."""
        target = self.stack[-1]
        if isinstance(target, list):
            target.extend(items)

    def build(self) -> None:
        """Give its state to the object below."""
        (state,) = self.take(1)
        target = self.stack[-1]
        if isinstance(target, _Object):
            target.state = state


def _pairs(items: list[Any]) -> dict[str, Any]:
    # Hashing or comparing anything but a short text or number can take endless time.
    return {
        str(key): value
        for key, value in zip(items[::2], items[1::2], strict=True)
        if (type(key) is str and len(key) <= _MAX_KEY)
        or (type(key) is int and abs(key) < _MAX_NUMBER)
    }


def _called(function: object, arguments: tuple[Any, ...]) -> object:
    """Return what stands for ``function(*arguments)``."""
    if not isinstance(arguments, tuple):
        raise TypeError
    name = function.name if isinstance(function, Global) else ""
    if name == "torch._tensor._rebuild_from_type_v2":
        function, _, arguments, _ = arguments
        name = function.name if isinstance(function, Global) else ""
    if name in ("collections.OrderedDict", "collections.defaultdict"):
        # Python 2 gives a list of pairs here; now the items follow.
        pairs = arguments[0] if arguments and isinstance(arguments[0], list) else []
        return _pairs([value for pair in pairs for value in pair])
    if name.startswith("torch._utils._rebuild_parameter"):
        return arguments[0]
    if name.startswith("torch._utils._rebuild_tensor"):
        return _tensor(name, arguments)
    return _Object()


def _tensor(name: str, arguments: tuple[Any, ...]) -> Tensor:
    storage, offset, shape, strides = arguments[:4]
    if not isinstance(storage, Storage):
        raise Malformed("a tensor of its pickle has no storage")
    if not (
        isinstance(shape, tuple)
        and isinstance(strides, tuple)
        and len(shape) == len(strides) <= _MAX_DIMENSIONS
        and all(type(size) is int and 0 <= size < 2**63 for size in (offset, *shape, *strides))
    ):
        raise Malformed("a tensor of its pickle has an impossible shape")
    dtype = storage.dtype
    if name.endswith("_v3"):
        named = arguments[6].name if isinstance(arguments[6], Global) else ""
        dtype = _DTYPES.get(named.rpartition(".")[2], named)
    return Tensor(storage, dtype, offset, shape, strides)


def _storage(identity: object) -> object:
    """Return the storage that a persistent id describes."""
    match identity:
        case ("storage", Global(name), str(key), _, int(count), *_) if 0 <= count < 2**63:
            kind = name.rpartition(".")[2]
            return Storage(_STORAGES.get(kind, kind), key, count)
    return _Object()


_Step: TypeAlias = Callable[[_Machine, Any], None]


def _pushes(make: Callable[[], object]) -> _Step:
    return lambda machine, _: machine.push(make())


def _calls(count: int, make: Callable[..., object]) -> _Step:
    return lambda machine, _: machine.push(make(*machine.take(count)))


_STEPS: dict[str, _Step] = {
    **dict.fromkeys(
        (
            "INT BININT BININT1 BININT2 LONG LONG1 LONG4 FLOAT BINFLOAT STRING BINSTRING "
            "SHORT_BINSTRING BINBYTES SHORT_BINBYTES BINBYTES8 UNICODE BINUNICODE "
            "SHORT_BINUNICODE BINUNICODE8"
        ).split(),
        _Machine.push,
    ),
    **dict.fromkeys(("PROTO", "FRAME", "STOP"), lambda machine, _: None),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), _Machine.recall),
    **dict.fromkeys(
        ("PUT", "BINPUT", "LONG_BINPUT"),
        _Machine.keep,
    ),
    "MEMOIZE": lambda machine, _: machine.keep_next(),
    "NONE": _pushes(lambda: None),
    "NEWTRUE": _pushes(lambda: True),
    "NEWFALSE": _pushes(lambda: False),
    "EMPTY_TUPLE": _pushes(tuple),
    "EMPTY_LIST": _pushes(list),
    "EMPTY_DICT": _pushes(dict),
    "EMPTY_SET": _pushes(list),
    "TUPLE1": _calls(1, lambda *values: values),
    "TUPLE2": _calls(2, lambda *values: values),
    "TUPLE3": _calls(3, lambda *values: values),
    "TUPLE": lambda machine, _: machine.push_group(tuple),
    "LIST": lambda machine, _: machine.push_group(list),
    "FROZENSET": lambda machine, _: machine.push_group(list),
    "DICT": lambda machine, _: machine.push_group(_pairs),
    "OBJ": lambda machine, _: machine.push_group(lambda _: _Object()),
    "INST": lambda machine, _: machine.push_group(lambda _: _Object()),
    "APPEND": lambda machine, _: machine.extend(machine.take(1)),
    "APPENDS": lambda machine, _: machine.extend(machine.items()),
    "ADDITEMS": lambda machine, _: machine.extend(machine.items()),
    "SETITEM": lambda machine, _: machine.set_items(machine.take(2)),
    "SETITEMS": lambda machine, _: machine.set_items(machine.items()),
    "MARK": lambda machine, _: machine.mark(),
    "POP": lambda machine, _: machine.pop(),
    "POP_MARK": lambda machine, _: machine.drop_group(),
    "DUP": lambda machine, _: machine.push(machine.stack[-1]),
    "GLOBAL": lambda machine, name: machine.push(Global(name.replace(" ", "."))),
    "STACK_GLOBAL": _calls(2, lambda module, name: Global(f"{module}.{name}"[:_MAX_KEY])),
    "NEWOBJ": _calls(2, lambda *_: _Object()),
    "NEWOBJ_EX": _calls(3, lambda *_: _Object()),
    "REDUCE": _calls(2, _called),
    "BUILD": lambda machine, _: machine.build(),
    "BINPERSID": _calls(1, _storage),
}
"""What each opcode does; one that is not here makes the pickle malformed."""

_CHEAP = re.compile(
    r"PROTO|FRAME|STOP|NONE|NEWTRUE|NEWFALSE|POP|DUP|EMPTY_TUPLE|APPENDS?|MEMOIZE"
    r"|.*(INT\d?|FLOAT|GET|PUT)"
)
_COSTS = {name: (step, 1 if _CHEAP.fullmatch(name) else 2) for name, step in _STEPS.items()}
_COSTS |= {name: (_STEPS[name], 12) for name in ("GLOBAL", "STACK_GLOBAL", "INST")}
