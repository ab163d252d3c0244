"""People, teams, roles and hours that the tests of the language share."""

from supervise.domain.rights.policy import Policy
from supervise.policyfile.load import load_bytes

WORLD = """
people:
  anna: {role: lead, endpoint: "301", teams: [sales]}
  otto: {role: lead, endpoint: "302", teams: [help]}
  quinn: {role: qa, endpoint: ["303", "303-web"]}
  ben: {role: agent, endpoint: "0201", teams: sales}
  cleo: {role: agent, endpoint: "202"}
  dora: {role: agent, endpoint: "203", teams: [help], only_by: qa}
teams:
  sales: {leads: [anna], members: [cleo], queues: sales-in}
  help: {leads: [otto], queues: [help-in]}
  board: {only_by: [qa], queues: [board-in]}
roles:
  lead:
  qa:
  agent:
hours:
  office: {days: mon-fri, from: 08:00, to: 18:00}
"""


def policy(more: str) -> Policy:
    """Make a policy of the common world and some more of it."""
    return load_bytes([("policy.yaml", (WORLD + more).encode())]).policy
