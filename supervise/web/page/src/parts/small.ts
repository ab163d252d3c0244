// The small things that every page uses: avatars, durations, tags, and pages with nothing on them.

import type { VNode } from "preact";
import { second } from "../live/clock.ts";
import { type Children, classes, html } from "../html.ts";
import { age, duration, initials } from "../text.ts";
import { Icon, type IconName } from "./icons.ts";

const HUES = 8;

/** Letters in a circle; the same person always has the same colour. */
export function Avatar({ name, mode = "" }: { name: string; mode?: string }): VNode {
  const hue = [...name].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0) % HUES;
  return html`<span class=${classes("avatar", mode && `avatar-${mode}`)} data-hue=${hue} aria-hidden="true">${initials(name)}</span>`;
}

/** How long it has been so, counting; from `long` seconds on it draws the eye. */
export function Duration({ since, long = Number.POSITIVE_INFINITY }: { since: string | null; long?: number }): VNode {
  const now = second.value;
  const late = age(since, now) >= long;
  return html`<span class=${classes("duration", late && "late")}>${duration(since, now)}</span>`;
}

/** A word or two in a frame. */
export function Tag({ tone = "", icon, children }: { tone?: string; icon?: IconName; children?: Children }): VNode {
  return html`<span class=${classes("tag", tone && `tag-${tone}`)}>${icon && html`<${Icon} name=${icon} size=${14} />`}${children}</span>`;
}

/** What stands where there is nothing to show: what it means, and what one can do. */
export function Nothing({ icon, title, children }: { icon: IconName; title: string; children?: Children }): VNode {
  return html`<div class="nothing"><${Icon} name=${icon} size=${30} /><h2>${title}</h2><p>${children}</p></div>`;
}

/** Something did not work, and what to do about it. */
export function Trouble({ says, again }: { says: string; again?: () => void }): VNode {
  return html`<div class="trouble" role="alert">
    <${Icon} name="warning" /><p>${says}</p>
    ${again && html`<button type="button" class="button" onClick=${again}>Try again</button>`}
  </div>`;
}

/** Grey bars of the size of what is on its way, so that nothing jumps when it comes. */
export function Waiting({ lines, says }: { lines: number; says: string }): VNode {
  return html`<div class="waiting" role="status"><span class="visually-hidden">${says}</span>
    ${Array.from({ length: lines }, () => html`<span class="bar" aria-hidden="true"></span>`)}
  </div>`;
}
