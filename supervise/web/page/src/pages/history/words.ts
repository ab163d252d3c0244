// One record of the journal in words. What it says by itself is a code; who reads a time line wants a sentence.

import type { Step } from "../../contract_pages.ts";
import { MODE_LABEL, sentence } from "../../text.ts";

const NOTICES: Record<string, string> = {
  entered: "The agent was told that somebody entered",
  changed: "The agent was told of the change",
  left: "The agent was told that somebody left",
};

const DEEDS: Record<string, string> = {
  "hold-agent": "Put the agent on hold, or brought them back",
  "remove-agent": "Removed the agent from the call",
  "take-over": "Took the call over, or handed it back",
  consult: "Talked with the agent alone, who called them",
  "handed-over": "Was handed the call over by the agent",
  target: "Went on to another call or agent",
  private: "Heard nothing from here on: the call was private",
  "private-over": "The call was private no longer",
  inaudible: "May have been inaudible, or was audible again",
};

/** What was done. */
export function inWords(step: Step): string {
  const { deed, mode, muted, visibility, says } = step;
  const how = mode === null ? "" : MODE_LABEL[mode] + (mode === "monitor" ? "" : muted ? ", muted" : ", microphone open");
  switch (deed) {
    case "opened":
      return `Began: ${[how, visibility].filter(Boolean).join(", ")}`;
    case "mode":
      return `Changed to ${how}`;
    case "mute":
      return muted ? "Closed the microphone" : "Opened the microphone";
    case "visibility":
      return visibility === "visible" ? "Became visible" : "Became hidden";
    case "notice":
      return NOTICES[says] ?? (says.includes(" ") ? `The agent was told: ${says}` : "The agent was told");
    case "closed":
      return says ? `Ended: ${says}` : "Ended";
    case "refused":
      return `Refused: ${says}`;
    default:
      return [DEEDS[deed] ?? sentence(deed.replaceAll("-", " ")), says].filter(Boolean).join(": ");
  }
}
