# SPDX-License-Identifier: GPL-3.0-or-later
"""Results as tables, for the terminal and for the documents. Pure."""

from collections.abc import Iterable, Sequence

from tests.bench.figures import Row, Value

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
"""Between these lines of a document stand the tables of `document`."""
_KNOWN = (
    "n",
    "seconds",
    "p99",
    "down_bytes",
    "up_bytes",
    "turns",
    "turns_of_one",
    "turns_of_fetch",
    "commands",
    "screen_bytes",
)
_PLACE = ("server", "client", "scenario", "what", "messages", "rtt_ms")


def figures(rows: Sequence[Row]) -> list[list[str]]:
    """The header and one line for each row."""
    head = ["scenario", "messages", "client", "server", "median", "p99", "n", "down / up", "turns", "to the terminal", "also"]
    lines = [head]
    for row in sorted(rows, key=lambda row: (str(row["server"]), str(row["scenario"]), int(row["messages"]), str(row["what"]))):
        more = ", ".join(
            f"{name.replace('_', ' ')} {_number(value)}" for name, value in row.items() if name not in (*_KNOWN, *_PLACE)
        )
        lines.append(
            [
                f"{row['scenario']}: {row['what']}",
                f"{row['messages']:,}",
                str(row["client"]),
                str(row["server"]),
                _time(row.get("seconds")),
                _time(row.get("p99")),
                str(row.get("n", "")),
                f"{row['down_bytes']:,} / {row.get('up_bytes', 0):,}" if "down_bytes" in row else "",
                _turns(row),
                _number(row.get("screen_bytes", "")),
                more,
            ]
        )
    return lines


def verdicts(judged: Iterable[dict[str, Value | None]]) -> list[list[str]]:
    """The marks, each with its verdict."""
    lines = [["mark", "at most", "measured", "verdict"]]
    for each in judged:
        value = each["value"]
        unit = f" {each['unit']}" if each["unit"] else ""
        note = f" ({each['note']})" if each["note"] else ""
        measured = "not measured" if value is None else f"{_number(value)}{unit}{note}"
        lines.append([str(each["mark"]), f"{_number(each['limit'])}{unit}", measured, str(each["verdict"] or "–")])
    return lines


def plain(lines: Sequence[Sequence[str]]) -> str:
    """A table in columns."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines)


def markdown(lines: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    head, *body = (f"| {' | '.join(line)} |" for line in lines)
    return "\n".join([head, "|" + "---|" * len(lines[0]), *body])


def document(text: str, conditions: str, rows: Sequence[Row], judged: Iterable[dict[str, Value | None]]) -> str:
    """A document with the tables between its marks replaced. Raises ValueError where it has no such marks."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"There is no {BEGIN} … {END} in the document.")
    tables = "\n\n".join([conditions, markdown(verdicts(judged)), markdown(figures(rows))])
    return f"{before}{BEGIN}\n\n{tables}\n\n{END}{after}"


def _time(value: Value | None) -> str:
    if value is None:
        return ""
    return f"{float(value):.2f} s" if float(value) >= 1 else f"{float(value) * 1000:.1f} ms"


def _turns(row: Row) -> str:
    if "turns" not in row:
        return ""
    turns, one = row["turns"], row["turns_of_one"]
    return _number(turns) if turns == one else f"{_number(turns)} ({_number(one)})"


def _number(value: Value | None) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if value >= 1000 or value == int(value) else f"{value:,.3g}"
    return f"{value:,}" if isinstance(value, int) else str(value or "")
