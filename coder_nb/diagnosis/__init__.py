"""What is wrong with a workspace and why: facts in, ranked causes out, each with evidence and what to type next.

Pure: asks no server. The rules are one table, `rules.RULES`; who gathers the facts is `client.agent_diagnosis`.
"""

from __future__ import annotations

from coder_nb.diagnosis.cause import Cause, Evidence
from coder_nb.diagnosis.diagnosis import Diagnosis
from coder_nb.diagnosis.facts import AgentFacts, Facts
from coder_nb.diagnosis.rules import RULES, Rule, diagnose

__all__ = ["RULES", "AgentFacts", "Cause", "Diagnosis", "Evidence", "Facts", "Rule", "diagnose"]
