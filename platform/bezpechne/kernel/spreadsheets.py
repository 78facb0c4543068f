"""Text that spreadsheets open."""

# A spreadsheet would run what begins so.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def guarded(text: str) -> str:
    """With an apostrophe before what would be a formula; the program does not show it."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def unguarded(text: str) -> str:
    """What `guarded` was given, when its file is read again."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text
