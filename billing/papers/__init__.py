"""The papers of the money: values in, bytes out; no models, no database, no clock.

`sheet.Sheet` is what acts, invoices, corrections, memoranda and budget requests are made of; it
becomes a PDF by `templates/sheet.typ` and an editable file by `word.py`. The evidence for a council
and the cost report have layouts of their own. All wording here is Ukrainian and stays so: these are
legal papers of Ukrainian bodies, so nothing of it is translated.
"""
