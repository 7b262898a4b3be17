# SPDX-License-Identifier: GPL-3.0-or-later
"""HTML as newsletters write it: nested tables, inline styles, buttons that are links."""


def button_page(brand: str, colour: str, title: str, teaser: str, button: str, link: str) -> str:
    """A newsletter: a coloured head, a story, a button, a table of further stories, a foot with small print."""
    return f"""<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>{brand}</title>
<style>@media (max-width:600px) {{ .wide {{ width:100% !important }} }}</style></head>
<body style="margin:0;background:#eef2f4">
<div style="display:none;max-height:0;overflow:hidden">{teaser}</div>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center">
<table class="wide" role="presentation" width="600" cellpadding="0" cellspacing="0" style="background:#ffffff">
<tr><td style="background:{colour};color:#ffffff;padding:24px;font:bold 28px Georgia,serif">{brand}</td></tr>
<tr><td style="padding:24px;font:16px Georgia,serif;color:#222222">
<h1 style="font-size:24px">{title}</h1>
<p>{teaser}</p>
<p>There is a longer version with pictures and a small film. It takes about six minutes to read, less if you skip the
part about the <em>rope</em>, which you should not.</p>
<table role="presentation" cellpadding="0" cellspacing="0"><tr><td style="background:{colour};border-radius:4px">
<a href="{link}?utm_source=letter&amp;utm_medium=email" style="display:inline-block;padding:12px;color:#fff">{button}</a>
</td></tr></table>
<h2 style="font-size:18px">Also this week</h2>
<table width="100%" cellpadding="6" border="0">
<tr><td width="50%" valign="top"><strong>Tides</strong><br>High water comes 50 minutes later each day. Plan breakfast.</td>
<td width="50%" valign="top"><strong>Letters</strong><br>Why gulls stand on one leg. Three readers answer.</td></tr>
</table>
<ul><li>Exhibition: <a href="{link}/ropes">Ropes of the north</a></li><li>Radio: the shipping forecast, sung</li></ul>
</td></tr>
<tr><td style="padding:16px 24px;font:12px sans-serif;color:#667788">You get this because you asked for it.
<a href="{link}/settings">Change how often</a> or <a href="{link}/leave">leave</a>. {brand}, 1 Quay Street, Havenport</td></tr>
</table></td></tr></table>
</body></html>
"""


def ticket_page(origin: str, target: str, number: str) -> str:
    """A railway ticket with a real data table."""
    return f"""<!DOCTYPE html>
<html><body style="font-family:sans-serif">
<h1>{origin} → {target}</h1>
<p>Thank you for travelling with us. Your booking <b>{number}</b> is confirmed.</p>
<table border="1" cellpadding="4">
<tr><th>Stop</th><th>Time</th><th>Platform</th></tr>
<tr><td>{origin}</td><td align="right">06:48</td><td align="right">4</td></tr>
<tr><td>{target}</td><td align="right">09:12</td><td align="right">11</td></tr>
</table>
<p>Coach <b>23</b>, seat <b>61</b> (window, table)</p>
<p><a href="https://nimbusrail.example/booking/{number}">Show, change or cancel this booking</a></p>
<hr><p><small>Carry this message and a smile. Either is valid as a ticket.</small></p>
</body></html>
"""
