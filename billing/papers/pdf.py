"""Typst templates of this package to PDF: no network, no fonts of the machine, no file written."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import typst

from billing.papers.text import all_tidy

TEMPLATES = Path(__file__).parent / "templates"


def typeset(template: str, data: Mapping[str, Any]) -> bytes:
    """The PDF of `templates/<template>` over `data`, which holds what JSON can.

    Texts reach the template as values, so nothing in them is read as markup. The same data gives
    the same bytes: templates take their date from it.
    """
    made = compiler(template, data).compile(format="pdf")
    if not isinstance(made, bytes):
        raise TypeError("A PDF is one file.")
    return made


def compiler(template: str, data: Mapping[str, Any]) -> typst.Compiler:
    """The template with its data, for another format than PDF."""
    return typst.Compiler(
        TEMPLATES / template,
        root=TEMPLATES,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(all_tidy(data))},
    )


@cache
def _fonts() -> typst.Fonts:
    """Only those inside the compiler, so that a paper looks the same on every machine."""
    return typst.Fonts(include_system_fonts=False)
