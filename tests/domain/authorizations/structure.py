"""Reading the source: which functions read tables with credit data, and whether they take an `Access`."""

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.sections import PROJECT

ROOMS = ("bot", "handlers", "notify", "matching", "domain")
_QUERIES = {
    "select",
    "exists",
    "aliased",
    "get",
    "get_one",
    "refresh",
    "join",
    "outerjoin",
    "select_from",
    "scalars",
    "scalar",
}
_WRITES = {"insert", "update", "delete"}
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Reading:
    """A function that reads; `name` is dotted, «<module>» where it happens outside of any."""

    name: str
    line: int
    takes_access: bool


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for room in ROOMS:
        for path in sorted((PROJECT / room).rglob("*.py")):
            yield path.relative_to(PROJECT), ast.parse(path.read_text("utf-8"))


def readings(tree: ast.Module, classes: Collection[str]) -> list[Reading]:
    """Every place in the module that queries one of the classes, by whatever name it has there."""
    finder = _Finder({*classes, *_aliases(tree, classes)})
    finder.visit(tree)
    return finder.found


def calls_of(tree: ast.Module, name: str) -> list[ast.Call]:
    """Calls of that name, plain or as an attribute."""
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _called(node) == name]


def mentions(node: ast.AST, names: Collection[str]) -> bool:
    return any(_name(part) in names for part in ast.walk(node))


def _aliases(tree: ast.Module, classes: Collection[str]) -> set[str]:
    """Names under which a class was imported, and those that stand for its table."""
    found = set()
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            found |= {item.asname for item in node.names if item.asname and item.name in classes}
        if isinstance(node, ast.Assign) and mentions(node.value, classes):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return found


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def _called(call: ast.Call) -> str:
    return _name(call.func)


def _chain(call: ast.Call) -> list[str]:
    """The calls of `update(X).where(…).values(…)`, the last one first."""
    names = []
    found: ast.expr | None = call
    while isinstance(found, ast.Call):
        names.append(_called(found))
        found = found.func.value if isinstance(found.func, ast.Attribute) else None
    return names


class _Finder(ast.NodeVisitor):
    def __init__(self, names: Collection[str]) -> None:
        self._names = names
        self._functions: list[_Function] = []
        self.found: list[Reading] = []

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._inside(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._inside(node)

    def _inside(self, node: _Function) -> None:
        self._functions.append(node)
        self.generic_visit(node)
        self._functions.pop()

    def visit_Call(self, node: ast.Call) -> None:
        chain = _chain(node)
        if chain[-1] in _WRITES and "returning" not in chain:
            return
        asked = [*node.args, *(keyword.value for keyword in node.keywords)]
        if _called(node) in _QUERIES | {"returning"} and any(mentions(item, self._names) for item in asked):
            self._note(node)
        self.generic_visit(node)

    def _note(self, node: ast.Call) -> None:
        name = ".".join(function.name for function in self._functions) or "<module>"
        takes = any(_takes_access(function) for function in self._functions)
        self.found.append(Reading(name, node.lineno, takes))


def _takes_access(function: _Function) -> bool:
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return any(item.annotation and _name(item.annotation) == "Access" for item in arguments)
