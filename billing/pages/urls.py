"""Pages of the ledger, in the namespace `finance`."""

from django.urls import path

from billing.pages import accounts, bank, documents, home, months, payers, rates

CITY = "cities/<slug:slug>/"
MONTH = "cities/<slug:slug>/<str:text>/"
urlpatterns = [
    path("", home.home, name="home"),
    path("payers/", payers.payers, name="payers"),
    path("payers/new/", payers.new_payer, name="new_payer"),
    path("payers/<int:pk>/", payers.payer, name="payer"),
    path("payers/<int:pk>/edit/", payers.edit_payer, name="edit_payer"),
    path("payers/<int:pk>/toggle/", payers.toggle_payer, name="toggle_payer"),
    path("payers/<int:pk>/grants/new/", payers.new_grant, name="new_grant"),
    path("grants/<int:pk>/received/", payers.new_tranche, name="new_tranche"),
    path("received/<int:pk>/reverse/", payers.reverse_tranche, name="reverse_tranche"),
    path("cities/", accounts.accounts, name="accounts"),
    path("cities/new/", accounts.new_account, name="new_account"),
    path(f"{CITY}", accounts.account, name="account"),
    path(f"{CITY}agreements/new/", accounts.new_agreement, name="new_agreement"),
    path("agreements/<int:pk>/end/", accounts.agreement_end, name="agreement_end"),
    path(f"{CITY}days/add/", accounts.fund, name="fund"),
    path(f"{CITY}days/switch/", accounts.switch, name="switch"),
    path(f"{CITY}days/pause/", accounts.pause, name="pause"),
    path(f"{CITY}days/end/", accounts.end_funding, name="end_funding"),
    path(f"{CITY}show/", accounts.toggle_costs, name="show_costs"),
    path(f"{MONTH}", months.month, name="month"),
    path(f"{MONTH}run/", months.run_month, name="run_month"),
    path(f"{MONTH}close/", months.close_month, name="close_month"),
    path(f"{MONTH}reopen/", months.reopen_month, name="reopen_month"),
    path(f"{MONTH}cost/", months.post_cost, name="post_cost"),
    path("costs/<int:pk>/reverse/", months.reverse_cost, name="reverse_cost"),
    path("acts/", documents.acts, name="acts"),
    path("acts/<int:pk>/", documents.act, name="act"),
    path("acts/<int:pk>/sign/", documents.sign_act, name="sign_act"),
    path("acts/<int:pk>/cancel/", documents.cancel_act, name="cancel_act"),
    path("invoices/", documents.invoices, name="invoices"),
    path("invoices/<int:pk>/", documents.invoice, name="invoice"),
    path("invoices/<int:pk>/void/", documents.void_invoice, name="void_invoice"),
    path("papers/<int:pk>/", documents.paper, name="paper"),
    path("bank/", bank.bank, name="bank"),
    path("bank/new/", bank.new_payment, name="new_payment"),
    path("bank/<int:pk>/", bank.payment, name="payment"),
    path("bank/<int:pk>/match/", bank.match_payment, name="match_payment"),
    path("bank/<int:pk>/back/", bank.send_back, name="send_back"),
    path("bank/<int:pk>/misdirected/", bank.misdirected, name="misdirected"),
    path("bank/matches/<int:pk>/undo/", bank.unmatch, name="unmatch"),
    path("rates/", rates.rates, name="rates"),
    path("rates/tariff/", rates.new_tariff, name="new_tariff"),
    path("rates/contribution/", rates.new_contribution, name="new_contribution"),
    path("rates/exchange/", rates.new_exchange_rate, name="new_exchange_rate"),
]
