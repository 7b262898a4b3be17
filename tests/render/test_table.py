# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of data stay side by side, tables of layout are unrolled."""

from tuimail.model.rendered import Style
from tuimail.model.width import cell_len
from tuimail.render.html import render_html
from tuimail.render.table import column_widths

PROSE = "Words of an article that goes on for a while. " * 6


def show(html: str, width: int = 80) -> list[str]:
    return [line.text for line in render_html(html, width=width).lines]


def test_receipt_is_a_grid_with_numbers_to_the_right() -> None:
    html = "<table><tr><th>Item<th>Price<tr><td>Tea<td>$4.00<tr><td>Cake and cream<td>$12.50</table>"
    assert show(html) == [
        "Item             Price",
        "─" * 22,
        "Tea              $4.00",
        "Cake and cream  $12.50",
    ]


def test_grid_is_laid_out_for_the_width() -> None:
    html = f"<table><tr><td>{'word ' * 20}<td>10</table>"
    rendered = render_html(html, width=40)
    assert rendered.width == 40
    assert len(rendered.lines) > 1
    assert all(line.preformatted and cell_len(line.text) <= 40 for line in rendered.lines)
    assert rendered.lines[0].text.endswith(" 10")


def test_wide_characters_keep_columns_straight() -> None:
    lines = show("<table><tr><td>字字<td>x<tr><td>ab<td>y</table>")
    assert [cell_len(line[: line.index(last)]) for line, last in zip(lines, "xy", strict=True)] == [6, 6]


def test_layout_table_is_unrolled() -> None:
    rendered = render_html(f"<table><tr><td><table><tr><td>{PROSE}</table><td><p>{PROSE}</p></table>", width=80)
    assert [line.text for line in rendered.lines if line.text] == [PROSE.strip(), PROSE.strip()]
    assert rendered.width is None


def test_cells_that_do_not_fit_are_stacked() -> None:
    html = "<table><tr>" + "".join(f"<td>{'x' * 20}{number}" for number in range(6)) + "</table>"
    assert show(html, width=60) == [f"{'x' * 20}{number}" for number in range(6)]


def test_row_across_all_columns_does_not_widen_them() -> None:
    html = f"<table><tr><td>a<td>1<tr><td colspan=2>{'across ' * 8}<tr><td>b<td>2</table>"
    assert show(html) == ["a  1", ("across " * 8).strip(), "b  2"]


def test_spans_stay_on_their_words() -> None:
    rendered = render_html("<table><tr><td>one<td><a href='https://x.example/'>two</a><td><b>three</b></table>", width=80)
    (line,) = rendered.lines
    assert {line.text[span.start : span.end]: span.style for span in line.spans} == {"two": Style.LINK, "three": Style.STRONG}


def test_short_inline_blocks_stand_in_one_row() -> None:
    def column(share: int, text: str) -> str:
        return (
            f"<div class='mj-column-per-{share}' style='display:inline-block;width:100%;font-size:0'><table><tr>"
            f"<td style='font-size:0;padding:10px'><div style='font-size:13px'>{text}</div></table></div>"
        )

    rows = [
        column(20, "x1") + column(50, "Tea") + column(30, "4.00"),
        column(20, "x12") + column(50, "Cake") + column(30, "12.00"),
    ]
    lines = show("".join(f"<div><!-- section -->{row}</div>" for row in rows))
    assert [line.split() for line in lines] == [["x1", "Tea", "4.00"], ["x12", "Cake", "12.00"]]
    assert lines[0].index("Tea") == lines[1].index("Cake")
    assert len(lines[0]) == len(lines[1])


def test_long_inline_blocks_are_stacked() -> None:
    column = f"<div style='display:inline-block'>{PROSE}</div>"
    assert show(f"<div>{column}{column}</div>") == [PROSE.strip(), PROSE.strip()]


def test_column_widths() -> None:
    assert column_widths([(5, 3), (10, 4)], 80) == [5, 10]
    assert column_widths([(5, 3), (100, 8)], 40) == [5, 33]
    assert column_widths([(100, 8), (100, 8)], 42) == [20, 20]
    assert column_widths([(30, 30), (30, 30)], 42) is None


def test_a_cell_over_several_rows_keeps_its_column() -> None:
    html = (
        "<table><tr><th>Article<th>Qty<th>Price<tr><td rowspan=2>Nails<td>100<td>2.00<tr><td>50<td>1.50"
        "<tr><td>Hammer<td rowspan=9>1<td>9.00<tr><td colspan=1>Saw<td>5.00</table>"
    )
    assert show(html)[2:] == [
        "Nails    100   2.00",
        "          50   1.50",
        "Hammer     1   9.00",
        "Saw            5.00",
    ]


def test_cells_that_reach_down_for_ever_cost_little() -> None:
    first = "<tr>" + "<td rowspan=999999 colspan=9>x" * 500
    assert show(f"<table>{first}{'<tr><td>y' * 2000}</table>").count("y") == 2000
