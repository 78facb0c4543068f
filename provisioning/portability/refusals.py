"""Why a city cannot be exported or brought back; the texts are shown to the operator."""


class PortabilityRefused(ValueError):
    """The text says what is wrong and what to do."""


class ExportRefused(PortabilityRefused):
    """No file was left behind."""


class ArchiveRefused(PortabilityRefused):
    """The file is not a whole, unchanged archive that this release can read."""


class RestoreRefused(PortabilityRefused):
    """The archive is sound, but cannot become a city here; nothing was changed."""
