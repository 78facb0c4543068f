#!/usr/bin/env python
"""Runs Bezpechne's commands; `manage.py help` lists them."""

import os
import sys
from pathlib import Path

# `platform/` is a source root without `__init__.py`: a package of that name would shadow the
# standard library's `platform` (see platform/README.md).
sys.path.insert(0, str(Path(__file__).resolve().parent / "platform"))

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bezpechne.settings")
    execute_from_command_line(sys.argv)
