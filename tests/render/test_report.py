"""The report: a page that needs nothing else, with everything in it, whose text is text."""

import re
from html.parser import HTMLParser

import pytest

from symgd.collect import collect
from symgd.render import find_figures
from symgd.render.mathml import mathml, prose
from symgd.render.pdf import has_latex
from symgd.render.report import entries, page, write
from symgd.render.report_document import breakable
from symgd.render.report_graph import acyclic, columns, ordered
from symgd.render.words import to_html, to_latex, verbatim
from symgd.settle import settle

CLAIMS = '''
from symgd import claim, forall, real
from symgd.derivations import Derivation, Step
from symgd.figures import figure

x = real("x")


@claim("small.wrong", expect="refuted")
def wrong():
    """A square is <script>alert(1)</script> more than one & "so on"."""
    return forall(x, then=x**2 > 1)


@claim("small.right", corrects="small.wrong", uses=["small.plain"])
def right():
    """A square is at least zero."""
    return forall(x, then=x**2 >= POINT)


@claim("small.plain")
def plain():
    """A square plus one is positive, like small.right."""
    return forall(x, then=x**2 + 1 > 0)


@figure("small.parabola", of=["small.right", "small.plain"])
def parabola(picture):
    """A square is at least <zero>."""
    picture.subplots().plot([-1, 0, 1], [1, 0, 1])


doubled = Derivation(id="small.plain.proof", title="Doubling", let={"x": "real"}, goal=("x + x = 2*x",),
    steps=(Step("x + x = 2*x", "count"),))
'''

VOID = {"meta", "link", "br", "img", "hr", "input"}


class Reader(HTMLParser):
    """Checks that every element is closed in order, and collects ids, links and tags."""

    def __init__(self, text):
        super().__init__()
        self.stack, self.ids, self.links, self.tags, self.outside = [], [], [], set(), []
        self.feed(text)
        assert self.stack == []

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        for key, value in attributes:
            if key == "id":
                self.ids.append(value)
            if key == "href":
                self.links.append(value)
            inside = value and value.startswith(("#",) if key == "href" else ("data:image/svg+xml;base64,",))
            if key in ("src", "data", "srcset", "href") and not inside:
                self.outside.append(value)
        if tag not in VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("claims")
    (place / "small_claims.py").write_text(CLAIMS.replace("POINT", "0"), encoding="utf-8")
    for item in collect(place):
        settle(item)
    return place


@pytest.fixture(scope="module")
def text(folder):
    return page(entries(collect(folder)), list(find_figures(folder).values()))


def test_the_page_is_well_formed_and_needs_nothing_from_outside(text):
    reader = Reader(text)
    assert reader.outside == []
    assert "url(http" not in text
    assert "@import" not in text
    assert "script" not in reader.tags
    assert len(reader.ids) == len(set(reader.ids))


def test_links_lead_somewhere(text):
    reader = Reader(text)
    assert {link[1:] for link in reader.links} <= set(reader.ids)


def test_every_claim_and_derivation_has_its_section(folder, text):
    ids = Reader(text).ids
    assert {f"s-{item.claim.id}" for item in collect(folder)} <= set(ids)
    assert "s-small.plain.proof" in ids


def test_a_refuted_claim_shows_its_witness_and_its_correction(text):
    section = re.search(r'<article id="s-small.wrong">.*?</article>', text, re.DOTALL)[0]
    assert "Counterexample:" in section
    assert "<i>x</i> = " in section
    assert 'Corrected by <a href="#s-small.right">' in section


def test_ids_in_sentences_are_links(text):
    plain = re.search(r'<article id="s-small.plain">.*?</article>', text, re.DOTALL)[0]
    assert 'like <a href="#s-small.right">small.right</a>.' in plain


def test_hostile_words_are_shown_as_words(text):
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert "<img" not in prose("a <img src=x> $<img src=y>$ b")
    assert "<b>" not in mathml(r"\text{<b>} \operatorname{<b>} \mathbb{<b>} <b>")


def test_a_changed_statement_is_stale(folder, tmp_path):
    (tmp_path / "small_claims.py").write_text(CLAIMS.replace("POINT", "-1"), encoding="utf-8")
    (tmp_path / "certificates").mkdir()
    for file in (folder / "certificates").iterdir():
        (tmp_path / "certificates" / file.name).write_bytes(file.read_bytes())
    words = {e.id: e.word for e in entries(collect(tmp_path))}
    assert words == {"small.wrong": "refuted", "small.right": "stale", "small.plain": "proved", "small.plain.proof": "proved"}


def test_without_certificates_nothing_is_settled(tmp_path):
    (tmp_path / "small_claims.py").write_text(CLAIMS.replace("POINT", "0"), encoding="utf-8")
    assert {e.word for e in entries(collect(tmp_path)) if not e.id.endswith(".proof")} == {"open"}


def test_without_latex_a_sentence_says_so(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    said = write(entries(collect(folder)), tmp_path)
    assert (tmp_path / "index.html").exists()
    assert (tmp_path / "report.tex").exists()
    assert "pdflatex" in said[-1]


def test_mathml_nests_scripts_fractions_and_roots():
    assert mathml(r"x_{1}^{2}") == ('<math aria-label="x_{1}^{2}"><mrow><msubsup><mi>x</mi><mrow><mrow><mn>1</mn></mrow></mrow>'
                                    "<mrow><mrow><mn>2</mn></mrow></mrow></msubsup></mrow></math>")
    assert "<mfrac><mrow><mn>1</mn></mrow><mrow><msqrt>" in mathml(r"\frac{1}{\sqrt{y}}")


def test_a_figure_stands_once_beside_its_first_statement_and_is_linked_from_the_others(text):
    right = re.search(r'<article id="s-small.right">.*?</article>', text, re.DOTALL)[0]
    plain = re.search(r'<article id="s-small.plain">.*?</article>', text, re.DOTALL)[0]
    assert text.count('<figure id="f-small.parabola">') == 1
    assert "<img alt=" in right
    assert "<img" not in plain
    assert '<a href="#f-small.parabola">' in plain
    assert "symgd figure small.parabola" in right


def test_the_graph_shows_verdict_and_trust_of_each_statement(text):
    graph = re.search(r'<section id="graph">.*?</section>', text, re.DOTALL)[0]
    assert re.search(r'href="#s-small.wrong" class="node refuted kernel"', graph)
    assert re.search(r'href="#s-small.right" class="node proved kernel"', graph)
    assert "edge corrects" in graph


def test_the_document_has_what_the_page_has(folder, tmp_path):
    said = write(entries(collect(folder)), tmp_path, list(find_figures(folder).values()))
    source = (tmp_path / "report.tex").read_text(encoding="utf-8")
    assert (tmp_path / "figures" / "small.parabola.pdf").read_bytes().startswith(b"%PDF")
    for wanted in ("longtable", "tikzpicture", "Counterexample", "SHA-256", "figures/small.parabola.pdf", "symgd show", "symgd derive",
                   r"\begin{proof}", "Corrects", "small.plain.json", "Corrected by"):  # fmt: skip
        assert wanted in source.replace(r"\allowbreak{}", "")
    if has_latex():
        assert said[-1] == f"wrote {tmp_path / 'report.pdf'}"  # without warnings
        assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


def test_a_figure_that_cannot_be_drawn_is_said_and_left_out(folder, tmp_path):
    (tmp_path / "broken.py").write_text(CLAIMS.replace("POINT", "0").replace("plot([-1, 0, 1], [1, 0, 1])", "nothing()"), encoding="utf-8")
    said = write(entries(collect(tmp_path)), tmp_path / "out", list(find_figures(tmp_path).values()))
    assert said[0].startswith("the figure small.parabola is not drawn: AttributeError")
    assert "<img" not in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")


def test_columns_follow_the_arrows_and_circles_are_opened():
    arrows = [("a", "b", False), ("b", "c", False), ("c", "a", False), ("d", "c", False)]
    kept = acyclic("abcd", arrows)
    assert kept == [arrows[0], arrows[1], arrows[3]]
    assert columns("abcd", kept) == {"a": 0, "b": 1, "c": 2, "d": 0}
    assert [set(c) for c in ordered("abcd", kept)] == [{"a", "d"}, {"b"}, {"c"}]
    assert max(columns("abcd", arrows).values()) < 4


@pytest.mark.parametrize(("sentence", "latex", "html"), [
    ("w^(L-1) <= lambda", r"$w^{L-1}$ $\le $ $\lambda $", "<i>w</i><sup><i>L</i>−1</sup> ≤ <i>λ</i>"),
    ("a minimum, the paper's bound at f''(x_0)", "a minimum, the paper's bound at $f''$($x_{0}$)",
     "a minimum, the paper&#x27;s bound at <i>f</i>′′(<i>x</i><sub>0</sub>)"),
    ("2 x 2 matrices A = M^T M", r"2 $\times $ 2 matrices $A$ = $M^{T}$ $M$",
     "2 × 2 matrices <i>A</i> = <i>M</i><sup><i>T</i></sup> <i>M</i>"),
    ("5 % & #1 {x} <b>", r"5 \% \& \#1 \{$x$\} $< $$b$$> $", "5 % &amp; #1 {<i>x</i>} &lt;<i>b</i>&gt;"),
    ("(a t)^(2(L - 1)/L)", "($a$ $t$$)^{2(L-1)/L}$", "(<i>a</i> <i>t</i>)<sup>2(<i>L</i> − 1)/<i>L</i></sup>"),
    ("x = -1 and -s", "$x$ = $-$1 and $-s$", "<i>x</i> = −1 and −<i>s</i>"),
    ("x1 = 2, y1_2 = 3", "$x_{1}$ = 2, $y_{1,2}$ = 3", "<i>x</i><sub>1</sub> = 2, <i>y</i><sub>1,2</sub> = 3"),
    ("-1 at d = sqrt(5) - 1", "$-$1 at $d$ = $\\surd $5 $-$ 1", "−1 at <i>d</i> = √5 − 1"),
    ("sqrt(2 m)", "$\\surd $(2 $m$)", "√(2 <i>m</i>)"),
    ("Lindelöf, e.g. here", "Lindelöf, e.g. here", "Lindelöf, e.g. here"), ("open ^( bracket_", None, None)])
def test_formulas_in_plain_sentences(sentence, latex, html):
    if latex is not None:
        assert to_latex(sentence).replace("$$", "") == latex.replace("$$", "")
        assert to_html(sentence) == html
    assert to_latex(sentence).count("$") % 2 == 0
    assert to_latex(sentence).count("{") == to_latex(sentence).count("}")


def test_ids_and_paths_are_printed_as_they_are():
    assert verbatim("a_1/b.json").replace(r"\allowbreak{}", "") == r"a\_1/b.json"


def test_dashes_are_dashes():
    assert prose("Cauchy--Schwarz") == "Cauchy–Schwarz"


def test_mathml_reads_arguments_without_braces_and_signs_by_their_place():
    assert "<mfrac><mn>1</mn><mn>4</mn></mfrac>" in mathml(r"\frac14")
    assert '<mo form="prefix">−</mo>' in mathml("x = -1")
    assert "<mo>−</mo>" in mathml("x - 1")


def test_wide_formulas_can_be_broken_inside_their_brackets(tmp_path):
    from symgd import forall, real
    from symgd.render import latex, to_pdf

    x, y = real("x"), real("y")
    wide = (x + y / 2) * (x + y / 3)
    for k in range(4):
        wide = (wide + x / (k + 2)) * (y - x / 2 + 1)
    wide = (wide + 1) / 2
    source = breakable(latex(forall(x, y, then=(wide + 1) ** 2 >= 0)))
    assert r"\bigl(" in source
    assert r"\left" not in source
    assert r"\\" not in source
    assert breakable(r"$\left(\frac{x}{2}\right)$") == r"$\left(\frac{x}{2}\right)$"
    if has_latex():
        assert to_pdf(r"\sloppy " + source, tmp_path / "wide.pdf") == []
