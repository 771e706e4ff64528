"""One stored body of every event that was ever released, byte for byte. A sample that stands is never written again.

``python -m tests.domain.golden_samples`` adds the samples of new events, and leaves the others as they are.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import activities
import domain
from domain import evidence
from domain.model import EVENTS, Event
from domain.organisation import OrganisationAdopted
from domain.upcasts import event_of
from tests.lives import CASES, case_of, live, organisation_of

FOLDER = Path(__file__).parent / "golden"

BY_HAND: dict[str, str] = {
    "access.asked": '{"access":"access-1","person":"p-a","reason":"the auditor is here","subjects":["c-1"],"until":"2021-01-09T12:00:00Z"}',
    "access.confirmed": '{"access":"access-1","office":"legal","person":"p-a","until":"2021-01-09T12:00:00Z"}',
    "access.ended": '{"access":"access-1","reason":"the auditor has left"}',
    "access.lapsed": '{"access":"access-1","person":"p-a","until":"2021-01-09T12:00:00Z"}',
    "access.reported": '{"accesses":["access-1"],"month":"2021-01","office":"chief-executive"}',
    "commitment.recorded": (
        '{"cap_pence":100,"commitment":"host-contribution","first":"2021-04-01","last":null,"note":null,"party":"A host","per":"year","stated":"penny"}'
    ),
    "cap.forfeited": (
        '{"dated":"2020-11","entity":"A host","forfeit":"f-1","forfeited_pence":70,"period":"Q2 2020/21","stated_pence":100,'
        '"why":"the cut-off was missed","year":"2020/21"}'
    ),
    "clock.advanced": '{"to":"2020-07-02T08:00:00Z"}',
    "command.noted": '{"type":"ApplyVariation"}',
    "condition.waived": '{"condition":"c-1","documents":[],"reason":"nobody joins from outside"}',
    "delegation.used": '{"act":"CertifyReturn","delegation":"D 7: returns, delegated to finance until 2021-03-31"}',
    "deliverable.delivered": '{"count":3,"deliverable":"core","evidence":[],"most":10,"on":"2021-12"}',
    "deliverable.planned": '{"deliverable":"core","documents":[],"instrument":"base","most":10,"words":"Forces at the core level"}',
    "deliverables.traded": (
        '{"gains_count":5,"gains_deliverable":"full","gains_most":5,"gives_up_count":10,"gives_up_deliverable":"core","gives_up_most":0,"variation":"v1"}'
    ),
    "discrepancy.found": (
        '{"discrepancy":"total/offer-1","found_pence":50000000,"owner":"finance","stated_pence":62000000,"subject":"offer-1",'
        '"what":"stated total","why":"the lines say less"}'
    ),
    "discrepancy.resolved": '{"discrepancy":"total/offer-1","documents":[],"resolution":"the lines hold"}',
    "exit.triggered": '{"covers":"all staff","ends":"2021-03-31","plan":"back to existing posts"}',
    "exit.waived": '{"documents":[],"reason":"overtime only: nobody is left behind"}',
    "grant.linked": '{"external":true,"note":null,"pence":27270800,"reference":"DEC 956","relation":"predecessor","stated":"pound","year":"2021/22"}',
    "journal.handed_over": '{"digest":"' + "0" * 64 + '","file":"g/000007.journal","of":7,"postings":1,"total_pence":100}',
    "key.added": '{"first":"2027-01-04T09:00:00Z","key":"key-a","public":"' + "A" * 43 + '="}',
    "key.revoked": '{"at":"2027-01-04T09:00:00Z","key":"key-a","reason":"lost"}',
    "key.rotated": '{"at":"2027-01-05T09:00:00Z","first":"2027-01-04T09:00:00Z","key":"key-b","old":"key-a","public":"' + "B" * 43 + '="}',
    "ledger.reconciled": '{"differences":["g/000007.journal: missing"],"of":7,"verdict":"differs"}',
    "message.quarantined": '{"claims":null,"name":"OpenGrant","reason":"message.unsigned","sha256":"' + "0" * 64 + '","size":2}',
    "message.released": '{"reason":"sent by a scanner","replaced_by":null,"sha256":"' + "0" * 64 + '"}',
    "milestone.abandoned": '{"milestone":"live","on":null,"reason":"no longer wanted"}',
    "milestone.carried_forward": '{"due":"2022-03","milestone":"live","original_due":"2022-03","to":"2023-03-31","variation":"v1"}',
    "notice.failed": '{"attempts":1,"message":"<7.g@grants>","of":7,"reason":"refused for good (550)","to":"finance"}',
    "notice.sent": '{"attempts":2,"channel":"smtp","message":"<7.g@grants>","of":7,"to":"finance"}',
    "office.told": (
        '{"paper":"paper-1","stands":true,"to":"finance","words":"Paper paper-1 was edited (wording): a misprint. What finance said of it stands"}'
    ),
    "offer.accepted": (
        '{"accepted":"2020-06-02","authorised_by":"D-1","cap_pence":100,"delegation":"Scheme: para 1","documents":[],"offer":"offer-1","signed_by":null}'
    ),
    "offer.received": (
        '{"answer_by":null,"cap_pence":100,"caps_by_year":{"2020/21":100},"documents":[],"host_borne":[],'
        '"lines":[{"categories":["pay"],"line":"whole","pence":100,"window":null,"year":"2020/21"}],'
        '"offer":"offer-1","received":"2020-06","returns":null,"stated":"penny","stated_cap_pence":null}'
    ),
    "offer.ended": '{"delegation":null,"documents":[],"ended":"2020-06","how":"withdrawn","offer":"offer-1","reason":"the fund was closed"}',
    "records.disposed": '{"how":"the file is destroyed","retention_until":"2027-03-31"}',
    "report.waived": '{"documents":[],"on":null,"period":"2021-04","reason":"nothing was spent","report":"financial","to":"The unit"}',
    "payment.repaid": '{"entity":"A host","ledger_ref":"CB-1","on":"2021-06-01","period":"Q1 2020/21","repaid_pence":30,"repayment":"r-1"}',
    "variation.ended": '{"documents":[],"ended":"2021-02","reason":"the fund was closed","variation":"uplift"}',
    "authority.given": '{"conditions":["c-1"],"item":"1","paper":"paper-1"}',
    "interest.declared": '{"about":"paper-1","interest":"i-1","nature":"trustee of the payee"}',
    "interest.withdrawn": '{"interest":"i-1","reason":"no trustee any more"}',
    "paper.paused": '{"paper":"paper-1","reason":"the funder explains its letter","until":"2021-01-15"}',
    "paper.resumed": '{"paper":"paper-1","reason":"it has"}',
    "step.delegated": '{"office":"decider","paper":"paper-1","reason":"away from tomorrow","to":"chief-executive"}',
    "step.recused": '{"office":"decider","paper":"paper-1","person":"p-1","reason":"a brother works for the funder"}',
    "step.withdrawn": '{"content":"' + "0" * 64 + '","office":"finance","paper":"paper-1","reason":"the sum was misread","says":"advise"}',
    "urgency.invoked": (
        '{"advice":[],"assumed":true,"because":"what cannot wait","comment":null,"content":"' + "0" * 64 + '","edition":"2016-10",'
        '"office":"chief-executive","outcomes":[{"conditions":[],"item":"1","outcome":"approved","pence":null,"reason":null,"until":null}],'
        '"paper":"paper-1","passed_over":["finance"],"reason":"the funder answers tonight","rule":"urgent","source":"paragraph 9"}'
    ),
    "step.sent_back": '{"office":"finance","paper":"paper-1","reason":"the sums differ","says":"advise","voided":[]}',
}
"""Bodies of events that no case brings about."""


def registered() -> dict[tuple[str, int], type[Event]]:
    """Every event of every module."""
    for package in (domain, activities):
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{package.__name__}.{module.name}")
    return EVENTS


def path_of(wire: str, version: int) -> Path:
    """Where the sample of one released shape stands."""
    return FOLDER / f"{wire}@{version}.json"


def written(event: Event, *, as_stored: bool = False) -> str:
    """The body as the record stores it; ``as_stored``: without the fields that its stored body did not have yet."""
    return evidence.canonical(event.model_dump(mode="json", exclude_unset=as_stored)).decode()


def _lived() -> Iterator[Event]:
    for path in sorted(CASES.rglob("*.yaml")):
        case = case_of(str(path.relative_to(CASES).with_suffix("")))
        organisation = organisation_of(case.organisation)
        charter, digest = organisation.charter, organisation.digest
        if charter and digest:
            yield OrganisationAdopted(title=charter.title, charter=charter, digest=digest)
        for each in live(case, organisation):
            yield from (past.body for past in each.pasts)


def add_missing() -> list[str]:
    """Write the samples that are not there yet; their names."""
    FOLDER.mkdir(exist_ok=True)
    lived = {(event.wire, event.version): written(event) for event in reversed(list(_lived()))}
    added = []
    for wire, version in sorted(registered()):
        path = path_of(wire, version)
        if not path.exists():
            path.write_text(lived.get((wire, version)) or written(event_of(wire, version, BY_HAND[wire])))
            added.append(path.name)
    return added


if __name__ == "__main__":
    print("\n".join(add_missing()) or "nothing new")  # noqa: T201  (a command's answer)
