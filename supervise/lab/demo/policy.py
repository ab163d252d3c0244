"""The policy of the call centre in a box: a file to play with while it runs."""

from typing import Final

SCRIPTED: Final = "301"
"""The supervisor's phone that is played by a script."""

SOFTPHONE: Final = "302"
"""The account for a softphone of your own."""

PASSWORD: Final = "callcentre"  # noqa: S105 - of a board that only this machine reaches, for people made of paper
"""Everybody's password for the board."""

AGENTS: Final = {"201": "Anna Agent", "202": "Ben Agent", "203": "Cleo Agent"}
"""Their extensions, and what they are called."""

_TEXT: Final = f"""\
# Who may listen to whom, and how. What no rule allows is denied.
# Change it while the call centre runs: a good version counts at once, a bad one never does (the log says why).

people:
  hilda: {{name: Hilda Lead, role: lead, endpoint: "{SCRIPTED}"LOGIN}}
  sam: {{name: Sam Softphone, role: lead, endpoint: "{SOFTPHONE}"LOGIN}}
  anna: {{name: Anna Agent, role: agent, endpoint: "201"LOGIN}}
  ben: {{name: Ben Agent, role: agent, endpoint: "202"LOGIN}}
  cleo: {{name: Cleo Agent, role: agent, endpoint: "203"LOGIN}}

teams:
  support: {{leads: [hilda, sam], members: [anna, ben, cleo]}}

roles: {{lead: {{admin: yes}}, agent: }}     # admins see the board's pages Policy and Health

rules:
  # Try: take barge out, or say people: [anna] instead of own-teams.
  - name: leads supervise their teams
    who: lead
    may: [monitor, coach, barge, hold-agent, remove-agent, take-over, answer-hand, see-history, export]
    whom: own-teams
    how: choice              # or visible, or hidden

house:
  start: hidden              # how a session begins where the supervisor has the choice
  start_muted: yes           # coach and barge begin muted; key 1 unmutes
  visible_before: {{coach: required, barge: required}}   # or automatic, or not-required
  tell_agent: {{by: [tone, message, board]}}             # a tone in the agent's ear, a text on their display
"""


def policy(login: str = "") -> str:
    """Two leads, one of them with a softphone, and a team of three agents; with a `login` hash all may sign in."""
    return _TEXT.replace("LOGIN", f", login: '{login}'" if login else "")


POLICY: Final = policy()
"""The same without a board to sign in to."""
