"""A grammar in JSGF's notation as a minimal automaton: the recogniser's time grows with its states."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

_TOKEN: Final = re.compile(r"<\w+>|[\w']+|[()\[\]|*]")


@dataclass(frozen=True)
class Automaton:
    """A deterministic automaton over words; the start state is 0."""

    arcs: tuple[Mapping[str, int], ...]
    """Word to next state, for each state."""
    final: frozenset[int]

    @property
    def words(self) -> frozenset[str]:
        """All words."""
        return frozenset(word for arcs in self.arcs for word in arcs)

    def longest_sentence(self, words: Sequence[str]) -> Sequence[str]:
        """The longest beginning of some words that is a whole sentence of the grammar; empty when there is none."""
        state: int | None = 0
        length = 0
        for count, word in enumerate(words, 1):
            state = self.arcs[state].get(word) if state is not None else None
            if state in self.final:
                length = count
        return words[:length]


@dataclass
class _Nfa:
    """A non-deterministic automaton while it is built."""

    words: list[dict[str, set[int]]] = field(default_factory=list)
    empty: list[set[int]] = field(default_factory=list)

    def state(self) -> int:
        self.words.append({})
        self.empty.append(set())
        return len(self.words) - 1

    def closure(self, states: Iterable[int]) -> frozenset[int]:
        seen = set(states)
        queue = list(seen)
        while queue:
            new = self.empty[queue.pop()] - seen
            seen |= new
            queue += new
        return frozenset(seen)


class _Builder:
    """Parses the notation by recursive descent, straight into the automaton. Rules must not refer to themselves."""

    def __init__(self, rules: Mapping[str, str], classes: Collection[str]) -> None:
        self.nfa = _Nfa()
        self._rules = rules
        self._classes = classes

    def rule(self, name: str, start: int) -> int:
        """Adds a rule's graph after a state; its end."""
        tokens = _TOKEN.findall(self._rules[name])
        end, position = self._choice(tokens, 0, start)
        if position != len(tokens):
            raise ValueError(f"rule <{name}>: unexpected {tokens[position]!r}")
        return end

    def _choice(self, tokens: list[str], position: int, start: int) -> tuple[int, int]:
        end = self.nfa.state()
        while True:
            last, position = self._sequence(tokens, position, start)
            self.nfa.empty[last].add(end)
            if position >= len(tokens) or tokens[position] != "|":
                return end, position
            position += 1

    def _sequence(self, tokens: list[str], position: int, start: int) -> tuple[int, int]:
        state = start
        while position < len(tokens) and tokens[position] not in ("|", ")", "]"):
            before = self.nfa.state()
            self.nfa.empty[state].add(before)
            state, position = self._item(tokens, position, before)
            if position < len(tokens) and tokens[position] == "*":
                self.nfa.empty[state].add(before)
                self.nfa.empty[before].add(state)
                position += 1
        return state, position

    def _item(self, tokens: list[str], position: int, start: int) -> tuple[int, int]:
        symbol = tokens[position]
        if symbol in ("(", "["):
            end, position = self._choice(tokens, position + 1, start)
            if symbol == "[":
                self.nfa.empty[start].add(end)
            return end, position + 1
        if symbol.startswith("<") and symbol[1:-1] not in self._classes:
            return self.rule(symbol[1:-1], start), position + 1
        end = self.nfa.state()
        self.nfa.words[start].setdefault(symbol, set()).add(end)
        return end, position + 1


def compile_grammar(rules: Mapping[str, str], start: str, classes: Mapping[str, Iterable[str]]) -> Automaton:
    """The automaton of a rule. `classes` are long lists of phrases that rules refer to by `<name>` as well; they are
    put in after the rest is minimal, which takes seconds less.

    Raises KeyError for a rule that is not defined and ValueError for a syntax error.
    """
    builder = _Builder(rules, classes.keys())
    first = builder.nfa.state()
    last = builder.rule(start, first)
    minimal = _minimised(*_determinised(builder.nfa, first, {last}))
    expanded = _expanded(minimal, {f"<{name}>": list(phrases) for name, phrases in classes.items()})
    arcs, final = _determinised(expanded, 0, minimal.final)
    return Automaton(tuple(arcs), frozenset(final))


def _expanded(automaton: Automaton, classes: Mapping[str, list[str]]) -> _Nfa:
    """The automaton with every class replaced by its phrases; equal ends of phrases share their states."""
    nfa = _Nfa()
    for _ in automaton.arcs:
        nfa.state()
    tails: dict[tuple[int, tuple[str, ...]], int] = {}

    def tail(target: int, words: tuple[str, ...]) -> int:
        """The state from which these words lead to the target."""
        if not words:
            return target
        if (target, words) not in tails:
            tails[target, words] = state = nfa.state()
            nfa.words[state][words[0]] = {tail(target, words[1:])}
        return tails[target, words]

    for state, arcs in enumerate(automaton.arcs):
        for word, target in arcs.items():
            for phrase in classes.get(word, [word]):
                first, *rest = phrase.split()
                nfa.words[state].setdefault(first, set()).add(tail(target, tuple(rest)))
    return nfa


def _determinised(nfa: _Nfa, first: int, last: Collection[int]) -> tuple[list[dict[str, int]], set[int]]:
    start = nfa.closure({first})
    numbers = {start: 0}
    arcs: list[dict[str, int]] = [{}]
    queue = [start]
    for subset in queue:
        targets: dict[str, set[int]] = defaultdict(set)
        for state in subset:
            for word, ends in nfa.words[state].items():
                targets[word] |= ends
        for word, ends in targets.items():
            target = nfa.closure(ends)
            if target not in numbers:
                numbers[target] = len(arcs)
                arcs.append({})
                queue.append(target)
            arcs[numbers[subset]][word] = numbers[target]
    return arcs, {number for subset, number in numbers.items() if not subset.isdisjoint(last)}


def _minimised(arcs: list[dict[str, int]], final: set[int]) -> Automaton:
    """Moore's algorithm: splits classes of states until all in a class have the same arcs."""
    classes = [int(state in final) for state in range(len(arcs))]
    while True:
        signatures = [
            (classes[state], frozenset((word, classes[target]) for word, target in arcs[state].items()))
            for state in range(len(arcs))
        ]
        numbers: dict[object, int] = {}
        split = [numbers.setdefault(signature, len(numbers)) for signature in signatures]
        if len(numbers) == len(set(classes)):
            break
        classes = split
    # State 0 comes first, so its class is number 0.
    merged: dict[int, dict[str, int]] = {}
    for state, number in enumerate(split):
        merged.setdefault(number, {word: split[target] for word, target in arcs[state].items()})
    return Automaton(tuple(merged[n] for n in range(len(merged))), frozenset(split[state] for state in final))
