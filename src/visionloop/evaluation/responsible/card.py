"""The model card: a report as one page that needs nothing else, to be mailed or filed.

Sections after Mitchell et al. (2019), "Model Cards for Model Reporting".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from visionloop.evaluation.entities import Measure
from visionloop.evaluation.responsible.entities import (
    CohortReport,
    DataBias,
    Explanation,
    FoundSlice,
    Gap,
    ResponsibleReport,
    RobustnessRow,
    TreeNode,
)
from visionloop.evaluation.responsible.pictures import draw_overlay

_MAX_COHORTS = 12
_METHODS = {"grad_cam": "Grad-CAM", "eigen_cam": "EigenCAM", "masking": "Masking (RISE)"}


@dataclass(frozen=True)
class CardFacts:
    """What stands at the head of a card.

    Attributes:
        facts: name -> text: run, data set version, when.
        thumbnails: image id -> data address.
    """

    title: str
    facts: Mapping[str, str] = field(default_factory=dict)
    thumbnails: Mapping[str, str] = field(default_factory=dict)


def render_card(report: ResponsibleReport, about: CardFacts) -> str:
    """Return the card as one HTML page without any outside reference."""
    sections = [
        _summary(report),
        _cohorts(report, about),
        _slices(report.slices, about),
        _tree(report.tree),
        _robustness(report.robustness),
        _explanations(report, about),
        _doubts(report, about),
        _bias(report.bias),
    ]
    facts = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in about.facts.items()
    )
    body = "\n".join(section for section in sections if section)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(about.title)}</title><style>{_STYLE}</style></head><body><main>"
        f"<h1>{escape(about.title)}</h1><dl>{facts}</dl>{body}</main></body></html>\n"
    )


def _summary(report: ResponsibleReport) -> str:
    weak = [item for item in report.cohorts if item.gap.is_weak]
    confirmed = [item for item in report.slices if item.confirmed.is_weak]
    lines = [
        f"<b>{escape(report.quality_name)} {_measure(report.quality)}</b> on "
        f"{report.num_images} images that the model has not learned from.",
        _count(len(weak), "cohort is", "cohorts are")
        + f" worse than the rest, of {len(report.cohorts)} tested.",
        _count(len(confirmed), "combination", "combinations")
        + " of conditions confirmed as weak on images they were not found on.",
    ]
    damaged = [row for row in report.robustness if row.severity == 2]
    if damaged:
        worst = max(damaged, key=lambda row: row.drop)
        lines.append(
            f"Under medium damage it loses most from {escape(_words(worst.corruption))}: "
            f"{_points(worst.drop)} points."
            if worst.drop > 0
            else "Medium damage costs it nothing."
        )
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in report.notes)
    return "<ul>" + "".join(f"<li>{line}</li>" for line in lines) + "</ul>" + notes


def _cohorts(report: ResponsibleReport, about: CardFacts) -> str:
    shown: Sequence[CohortReport] = report.cohorts[:_MAX_COHORTS]
    if not shown:
        return _section("Cohorts", "<p>Too few images to compare cohorts.</p>")
    rows = "".join(
        f"<tr><td>{escape(item.attribute)} <b>{escape(item.value)}</b></td>{_gap_cells(item.gap)}"
        f"<td>{_pictures(item.examples, about) if item.gap.is_weak else ''}</td></tr>"
        for item in shown
    )
    lead = (
        "Images that share a value, a third of a statistic, or a look, against all others. "
        "Weak: worse, and not by chance at a false discovery rate of 5 %."
    )
    return _section("Cohorts", f"<p>{lead}</p>{_gap_table(rows, 'worst images')}")


def _slices(slices: Sequence[FoundSlice], about: CardFacts) -> str:
    if not slices:
        return _section("Worst slices", "<p>Too few images to search for slices.</p>")
    rows = "".join(
        f"<tr><td>{'<br>'.join(escape(text) for text in item.conditions)}</td>"
        f"{_gap_cells(item.confirmed)}"
        f"<td>{_pictures(item.examples, about) if item.confirmed.is_weak else ''}</td></tr>"
        for item in slices
    )
    lead = (
        "Combinations of conditions, searched for on one half of the images; the figures are those "
        "of the other half."
    )
    return _section("Worst slices", f"<p>{lead}</p>{_gap_table(rows, 'worst images')}")


def _gap_table(rows: str, last: str) -> str:
    return (
        "<table><thead><tr><th>images</th><th>number</th><th>quality</th><th>gap to the rest</th>"
        f"<th>q</th><th></th><th>{last}</th></tr></thead><tbody>{rows}</tbody></table>"
    )


def _gap_cells(gap: Gap) -> str:
    mark = '<b class="weak">weak</b>' if gap.is_weak else ""
    return (
        f"<td>{gap.support}</td><td>{_measure(gap.quality)}{_bar(gap.quality)}</td>"
        f"<td>{_points(gap.gap.value, sign=True)} ({_points(gap.gap.low, sign=True)} to "
        f"{_points(gap.gap.high, sign=True)})</td><td>{gap.q_value:.3f}</td><td>{mark}</td>"
    )


def _tree(tree: Sequence[TreeNode]) -> str:
    if len(tree) < 2:
        text = "No condition that holds for unseen images tells where errors are."
        return _section("Error tree", f"<p>{text}</p>")
    lead = "Each branch narrows the images down; the share says how many of all errors lie there."
    return _section("Error tree", f"<p>{lead}</p>{_branch(tree, 0)}")


def _branch(tree: Sequence[TreeNode], position: int) -> str:
    node = tree[position]
    children = [index for index, item in enumerate(tree) if item.parent == position]
    inner = "".join(f"<li>{_branch(tree, child)}</li>" for child in children)
    told = (
        f"<span><b>{escape(node.rule)}</b> · {node.support} images · {_measure(node.quality)} · "
        f"{node.share_of_errors:.0%} of the errors</span>"
    )
    return told + (f'<ul class="tree">{inner}</ul>' if inner else "")


def _robustness(rows: Sequence[RobustnessRow]) -> str:
    if not rows:
        return ""
    clean = next(row for row in rows if row.severity == 0)
    names = list(dict.fromkeys(row.corruption for row in rows if row.severity))
    cells = {(row.corruption, row.severity): row for row in rows}
    body = "".join(
        f"<tr><td>{escape(_words(name))}</td>"
        + "".join(_heat(cells[name, severity], clean.quality.value) for severity in (1, 2, 3))
        + "</tr>"
        for name in names
    )
    table = (
        "<table><thead><tr><th>damage</th><th>light</th><th>medium</th><th>strong</th></tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )
    lead = f"The same images, damaged; undamaged the quality is {_measure(clean.quality)}."
    return _section("Robustness", f"<p>{lead}</p>{table}")


def _heat(row: RobustnessRow, clean: float) -> str:
    lost = min(1.0, max(0.0, row.drop / clean)) if clean else 0.0
    return (
        f'<td style="background:rgba(214,69,65,{0.75 * lost:.2f})">{row.quality.value:.1%} '
        f"({_points(-row.drop, sign=True)})</td>"
    )


def _explanations(report: ResponsibleReport, about: CardFacts) -> str:
    if not report.explanations:
        return ""
    checks = "".join(
        f"<tr><td>{_METHODS.get(item.method, item.method)}</td><td>{item.faithfulness:+.2f}</td>"
        f"<td>{item.random_faithfulness:+.2f}</td>"
        f"<td>{'not tested' if item.sanity is None else f'{item.sanity:.2f}'}</td>"
        f"<td>{'holds' if item.is_trusted else 'does not hold here'}</td></tr>"
        for item in report.methods
    )
    table = (
        "<table><thead><tr><th>method</th><th>insertion minus deletion</th>"
        "<th>of a random order</th><th>likeness under shuffled weights</th><th></th></tr></thead>"
        f"<tbody>{checks}</tbody></table>"
    )
    image_ids = dict.fromkeys(item.image_id for item in report.explanations)
    figures = "".join(
        _figure([item for item in report.explanations if item.image_id == image_id], about)
        for image_id in image_ids
    )
    lead = (
        "What the model looked at for what it said, on its surest errors and its surest hits. A "
        "method holds when it beats a random order and changes with the weights."
    )
    return _section("Explanations", f'<p>{lead}</p>{table}<div class="row">{figures}</div>')


def _figure(items: Sequence[Explanation], about: CardFacts) -> str:
    """Show one image with the map of each method beside it."""
    picture = about.thumbnails.get(items[0].image_id)
    if picture is None:
        return ""
    maps = "".join(
        f'<span><img src="{draw_overlay(picture, item.saliency)}" alt="">'
        f"<small>{_METHODS.get(item.method, item.method)}</small></span>"
        for item in items
    )
    told = f"said {items[0].target}, {items[0].score:.0%} sure"
    return (
        f'<figure class="maps"><span><img src="{picture}" alt=""><small>photo</small></span>{maps}'
        f"<figcaption>{escape(told)}</figcaption></figure>"
    )


def _doubts(report: ResponsibleReport, about: CardFacts) -> str:
    if report.task != "classification":
        return ""
    if not report.doubts:
        return _section("Labels in doubt", "<p>The model doubts no label.</p>")
    figures = "".join(
        f'<figure><img src="{about.thumbnails[item.image_id]}" alt="">'
        f"<figcaption>{escape(item.label)} → {escape(item.suggested)}?</figcaption></figure>"
        for item in report.doubts
        if item.image_id in about.thumbnails
    )
    lead = f"{len(report.doubts)} labels that the model finds unlikely, the least likely first."
    return _section("Labels in doubt", f'<p>{lead}</p><div class="row">{figures}</div>')


def _bias(bias: DataBias | None) -> str:
    if bias is None:
        return ""
    balances = "".join(
        f"<tr><td>{escape(item.attribute)}</td><td>{len(item.shares)}</td>"
        f"<td>{escape(_largest(item.shares))}</td><td>{item.imbalance:.1f} : 1</td>"
        f"<td>{item.evenness:.2f}</td></tr>"
        for item in bias.balances
    )
    ties = "".join(
        f"<tr><td>{escape(item.attribute)}</td><td>{item.strength:.2f}</td>"
        f"<td>{item.q_value:.3f}</td><td>{escape(' with '.join(item.cell))}, {item.lift:.1f} times "
        "as often as by chance</td></tr>"
        for item in bias.associations
    )
    tables = (
        "<table><thead><tr><th>attribute</th><th>values</th><th>largest</th><th>imbalance</th>"
        f"<th>evenness</th></tr></thead><tbody>{balances}</tbody></table>"
    )
    if ties:
        tables += (
            "<table><thead><tr><th>tied to the label</th><th>strength</th><th>q</th>"
            f"<th>stands out</th></tr></thead><tbody>{ties}</tbody></table>"
        )
    lead = f"{bias.num_images} images that the model learned from."
    return _section("What the data favour", f"<p>{lead}</p>{tables}")


def _largest(shares: Mapping[str, float]) -> str:
    name, share = next(iter(shares.items()))
    return f"{name} {share:.0%}"


def _pictures(image_ids: Sequence[str], about: CardFacts) -> str:
    return "".join(
        f'<img class="small" src="{about.thumbnails[image_id]}" alt="">'
        for image_id in image_ids
        if image_id in about.thumbnails
    )


def _section(title: str, body: str) -> str:
    return f"<section><h2>{title}</h2>{body}</section>"


def _measure(measure: Measure) -> str:
    return f"{measure.value:.1%} ({measure.low:.1%} to {measure.high:.1%})"


def _bar(measure: Measure) -> str:
    left, right = measure.low * 100, (1 - measure.high) * 100
    return (
        f'<span class="bar"><i style="left:{left:.1f}%;right:{right:.1f}%"></i>'
        f'<u style="left:{measure.value * 100:.1f}%"></u></span>'
    )


def _points(value: float, *, sign: bool = False) -> str:
    points = round(value * 100, 1) + 0.0  # no negative zero
    return f"{points:+.1f}" if sign else f"{points:.1f}"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _words(name: str) -> str:
    return name.replace("_", " ")


_STYLE = """
:root{color-scheme:light dark;--ink:#1d2430;--dim:#5b6676;--line:#d9dee6;--ground:#fff;--bar:#3b6fd4}
@media(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--dim:#9aa6b6;--line:#333c49;--ground:#14181f}}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:68rem;margin:0 auto;padding:2rem 1.5rem 4rem}
h1{font-size:1.6rem;margin:0 0 .5rem}h2{font-size:1.15rem;margin:2.2rem 0 .4rem}
p{color:var(--dim);max-width:46rem;margin:.3rem 0 .8rem}.note{border-left:3px solid var(--line);padding-left:.8rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:0 0 1rem}dt{color:var(--dim)}dd{margin:0}
table{border-collapse:collapse;width:100%;margin:.4rem 0 1rem;font-variant-numeric:tabular-nums}
th{font-weight:500;color:var(--dim)}th,td{text-align:left;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}
.weak{color:#c2372f}.small{width:40px;height:40px;object-fit:cover;border-radius:4px;margin-right:3px}
.row{display:flex;flex-wrap:wrap;gap:.8rem}figure{margin:0}figure img{height:96px;border-radius:6px;margin-right:4px}
figcaption{font-size:.8rem;color:var(--dim);max-width:14rem}.tree{border-left:1px solid var(--line);list-style:none;padding-left:1rem;margin:.3rem 0 .3rem .4rem}
.maps{display:flex;flex-wrap:wrap;gap:4px}.maps span{display:grid}.maps small{color:var(--dim);font-size:.7rem}
.maps figcaption{flex-basis:100%}
.bar{display:block;position:relative;height:6px;width:9rem;background:var(--line);border-radius:3px;margin-top:3px}
.bar i{position:absolute;top:0;bottom:0;background:var(--bar);opacity:.45;border-radius:3px}
.bar u{position:absolute;top:-2px;bottom:-2px;width:2px;background:var(--bar)}
"""  # noqa: E501 - a style sheet reads better by rule than by width
