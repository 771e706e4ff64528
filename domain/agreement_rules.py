"""Why an offer is not taken up, or an agreement not signed: the rules of the room of agreements."""

from __future__ import annotations

from domain.model import Rule

OFFER_UNKNOWN = Rule(
    "agreement.offer_unknown",
    "No offer {offer} has been received; ReceiveOffer records it.",
    "DESIGN §2, Offer",
    remedy="Record the offer letter with ReceiveOffer first, or correct the id.",
)
DIFFERS = Rule(
    "agreement.differs",
    "{instrument} is recorded already, with other content; another instrument needs another id.",
    "DESIGN §5: nothing is rewritten",
    remedy="Give the other instrument an id of its own; if it replaces {instrument}, record it as a variation.",
)
CAPS_DISAGREE = Rule(
    "agreement.caps_disagree",
    "{instrument} states {stated_pence}, but its lines sum to {sum_pence}: what we sign now agrees with itself.",
    "DESIGN §7; invariant 2",
    remedy="Ask the funder for a corrected letter, or correct the lines; one that is signed already is recorded as it stands with RecordExecution.",
)
NOT_AUTHORISED = Rule(
    "agreement.not_authorised",
    "No decision authorises {instrument}.",
    "DESIGN §6; invariant 16",
    remedy="Take a paper that asks for {instrument} through its route, or record the decision that was made, with RecordDecision.",
)
BEYOND_APPROVED = Rule(
    "agreement.beyond_approved",
    "{instrument} pays {cap_pence} in {year}; {approved_pence} is approved.",
    "DESIGN §6; invariant 16",
    remedy="Have the higher sum approved by a paper of its own, or sign what was approved: {approved_pence}.",
)
