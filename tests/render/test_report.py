"""The report: a page that needs nothing else, with everything in it, whose text is text."""

import re
from html.parser import HTMLParser

import pytest

from symgd.collect import collect
from symgd.render.mathml import mathml, prose
from symgd.render.report import entries, page, write
from symgd.settle import settle

CLAIMS = '''
from symgd import claim, forall, real
from symgd.derivations import Derivation, Step

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
    """A square plus one is positive."""
    return forall(x, then=x**2 + 1 > 0)


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
            if key in ("src", "data", "srcset") or (key == "href" and not value.startswith("#")):
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
    return page(entries(collect(folder)))


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
    assert "x = " in section
    assert 'Corrected by <a href="#s-small.right">' in section


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
