"""Why the ledger refuses something, in sentences for the person who asked."""


class LedgerRefused(ValueError):
    """`field` names the form's field that the sentence belongs to; blank: the whole form."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field
