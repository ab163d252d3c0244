// Answering a raised hand: the agent and the other leads see who is coming.

import { change, RefusedError } from "../../live/request.ts";
import type { Person } from "../../contract.ts";
import { tell } from "../../parts/toasts.ts";

/** Say that I am coming. */
export async function answer(agent: Person): Promise<void> {
  try {
    await change("POST", `/api/hands/${encodeURIComponent(agent.id)}/answer`);
    tell({ kind: "answered", says: `${agent.name} sees that you are coming.` });
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    tell({ kind: "refused", says: error.message });
  }
}
