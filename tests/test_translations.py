"""Every text of the sources is in the catalogue of every language, whole and as it is compiled."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import polib
import pytest
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = settings.BASE_DIR
LANGUAGES = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
# What each call says: which of its arguments are texts, and which is their context.
PLAIN, PLURAL, IN_CONTEXT = ("text",), ("text", "plural"), ("context", "text")
CALLS = {
    "_": PLAIN,
    **dict.fromkeys(("gettext", "gettext_lazy", "gettext_noop"), PLAIN),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), PLURAL),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), IN_CONTEXT),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ("context", *PLURAL)),
}
LITERAL = r"""\s*u?((?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'))\s*"""
# templatize() leaves calls among dots and letters that stand for all else.
IN_TEMPLATE = re.compile(rf"\b({'|'.join(CALLS)})\({LITERAL}(?:,{LITERAL})?(?:,{LITERAL})?", re.S)
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd%]|\{\w*\}|</?\w+>")


class Text(NamedTuple):
    context: str | None
    text: str


def called(name: str, arguments: list[str]) -> Text:
    said = dict(zip(CALLS[name], arguments, strict=False))
    return Text(said.get("context"), said["text"])


def texts_of_code(path: Path) -> Iterator[Text]:
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", "")
        values = [one.value for one in node.args if isinstance(one, ast.Constant)]
        if name in CALLS and values:
            yield called(name, [str(value) for value in values])


def texts_of_template(path: Path) -> Iterator[Text]:
    for name, *literals in IN_TEMPLATE.findall(templatize(path.read_text())):
        yield called(name, [ast.literal_eval(literal) for literal in literals if literal])


def texts_of_sources() -> set[Text]:
    apps = ("gallery", "search", "retrieval_site")
    code = [path for app in apps for path in ROOT.glob(f"{app}/**/*.py")]
    templates = [path for path in ROOT.glob("templates/**/*") if path.suffix in {".html", ".txt"}]
    found = {text for path in code for text in texts_of_code(path)}
    return found | {text for path in templates for text in texts_of_template(path)}


def catalogue(language: str, suffix: str) -> Path:
    return Path(ROOT / "locale" / language / "LC_MESSAGES" / f"django.{suffix}")


def translated(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def placeholders(text: str) -> list[str]:
    return sorted(set(PLACEHOLDER.findall(text)))


@pytest.fixture(params=LANGUAGES)
def entries(request: pytest.FixtureRequest) -> list[polib.POEntry]:
    return list(polib.pofile(str(catalogue(request.param, "po"))))


def test_catalogue_has_the_texts_of_the_sources_and_no_others(entries: list[polib.POEntry]) -> None:
    known = {Text(entry.msgctxt, entry.msgid) for entry in entries if not entry.obsolete}

    assert known == texts_of_sources(), "run `manage.py makemessages`, then translate what is new"


def test_every_text_is_translated_and_none_is_a_guess(entries: list[polib.POEntry]) -> None:
    assert [one.msgid for one in entries if one.fuzzy or not all(translated(one))] == []


def test_translations_keep_the_placeholders(entries: list[polib.POEntry]) -> None:
    for entry in entries:
        for text in translated(entry):
            # A singular may say "one" instead of its number.
            originals = [placeholders(entry.msgid), placeholders(entry.msgid_plural)]
            assert placeholders(text) in originals[: 2 if entry.msgid_plural else 1], entry.msgid


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_translated(language: str) -> None:
    written = polib.pofile(str(catalogue(language, "po"))).translated_entries()
    compiled = polib.mofile(str(catalogue(language, "mo")))

    assert {(one.msgctxt, one.msgid): translated(one) for one in compiled} == {
        (one.msgctxt, one.msgid): translated(one) for one in written
    }, "run `manage.py compilemessages`"
