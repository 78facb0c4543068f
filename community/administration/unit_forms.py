"""The form that takes a table of units."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.answers.unit_files import MAX_BYTES


class UnitFileForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        help_text=gettext_lazy(
            "Parted by “;”, “,” or tabs; UTF-8, UTF-16 or windows-1251; up to 50,000 lines."
        ),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
    )

    def clean_file(self) -> object:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(_("The file is larger than 20 MB."))
        return file
