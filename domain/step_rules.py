"""What can stand against a step of a paper: whose it is, whether it is open, and who may not for what they did before."""

from __future__ import annotations

from domain.model import Rule

NOT_SUBMITTED = Rule("approval.not_submitted", "Paper {paper} is with its drafter, not submitted.", "DESIGN §6", remedy="Ask the drafting office to submit it.")
NO_STEP = Rule(
    "approval.no_step",
    "The route of {paper} has no step in which {office} could {says}.",
    "Scheme of delegation in force; R-72",
    remedy="Look at the route of {paper}, which says why each office stands in it, and ask one of those.",
)
NOT_YOUR_STEP = Rule(
    "approval.not_your_step",
    "{actor} does not hold {office}, whose step it is to {says} the paper {paper}.",
    "Scheme of delegation in force; R-72",
    remedy="Ask whoever holds {office}, or act for them while cover is in force, naming them with --for.",
)
ABOVE_LIMIT = Rule(
    "approval.above_limit",
    "{office} may decide up to {limit_pence}; with {paper} the grant comes to {cumulative_pence}.",
    "Scheme of delegation in force; DESIGN §6",
    remedy="Ask one of the offices named to decide; dividing the sum over several papers does not bring it below the limit.",
)
DIFFER = "DESIGN §6: drafter, adviser and decider differ; invariant 19"
OWN_PAPER = Rule(
    "duty.own_paper",
    "{people} drafted the paper {paper}, so may not {act} it.",
    DIFFER,
    remedy="Ask somebody who did not draft it: another holder of the office, or another person who covers it.",
)
OWN_ADVICE = Rule(
    "duty.own_advice",
    "{people} advised on the paper {paper}, so may not {act} it.",
    DIFFER,
    remedy="Ask somebody who neither drafted nor advised on it; a second holder of the office can, and cover by another person too.",
)
OWN_DECISION = Rule(
    "duty.own_decision",
    "{people} sat in decision on the paper {paper}, so may not {act} it.",
    DIFFER,
    remedy="Leave it to somebody who has not sat in decision on it.",
)
OWN_QUORUM = Rule(
    "duty.own_quorum",
    "{people} spoke in the group {group} of {paper} already; a quorum is of different people.",
    DIFFER,
    remedy="Ask another person whose step in the group {group} is still open.",
)
OWN_OTHER_DECISION = Rule(
    "duty.own_other_decision",
    "{people} decided another step of {paper} already; where several offices decide, of which {office} is one, several people do.",
    DIFFER,
    remedy="Ask {office}: another person who holds it, or who covers it.",
)
ALREADY_DECIDED = Rule(
    "approval.already_decided",
    "{paper} has been decided by {office}; another decision needs another paper.",
    "DESIGN §6",
    remedy="Read the decision with `grants decision`; to decide otherwise, draft a new paper.",
)
ALREADY_TAKEN = Rule(
    "approval.already_taken",
    "{office} has decided its step of {paper} already, which waits for {waiting}.",
    "DESIGN §6",
    remedy="Wait for {waiting}; as long as no office has gone on from it, `grants withdraw-step` takes it back.",
)
ALREADY_ADVISED = Rule(
    "approval.already_advised",
    "{office} has advised on {paper} already.",
    "DESIGN §6",
    remedy="Leave it; to say something else, take it back with `grants withdraw-step` as long as no office has gone on from it, "
    "else have the paper sent back, which asks for all advice anew.",
)
ALREADY_SUPPORTED = Rule(
    "approval.already_supported",
    "{board} has supported {paper} already.",
    "DESIGN §6; R-79",
    remedy="Leave it; a board reconsiders a paper only after it was sent back and submitted again.",
)
STOOD_DOWN = Rule(
    "approval.stood_down",
    "{office} is not needed for {paper} any more: {quorum} of the group {group} were enough.",
    "Scheme of delegation in force; DESIGN §6",
    remedy="Leave it; enough of the group {group} have spoken on {paper}.",
)
NOT_YET = Rule(
    "approval.not_yet",
    "{paper} waits for {offices} first.",
    "DESIGN §6: steps run in order",
    remedy="Wait for {offices}; ask them, for theirs is the next step.",
)
