// The line under the top bar that says when what one sees may not be true now.

import type { VNode } from "preact";
import { html } from "../html.ts";
import { second } from "../live/clock.ts";
import { link, probe } from "../live/link.ts";
import { lamp } from "../live/state.ts";
import { timeOfDay } from "../text.ts";
import { Icon } from "./icons.ts";

/** Nothing while all is well. */
export function Strip(): VNode {
  const { value } = link;
  return html`<div class="strips" role="status">
    ${value.state === "lost" && html`<${Lost} since=${value.since} again=${value.again} />`}
    ${value.state === "live" && lamp.value && !lamp.value.ok && html`<p class="strip strip-bad"><${Icon} name="warning" />${lamp.value.says}</p>`}
  </div>`;
}

function Lost({ since, again }: { since: number; again: number }): VNode {
  void second.value;
  const seconds = Math.max(0, Math.ceil((again - Date.now()) / 1000));
  return html`<p class="strip strip-bad">
    <${Icon} name="warning" />
    <span><b>Connection lost.</b> What you see is from ${timeOfDay(new Date(since).toISOString())}.
      <span aria-hidden="true"> ${seconds > 0 ? `Trying again in ${seconds} s.` : "Trying again now."}</span></span>
    <button type="button" class="button small" onClick=${probe}>Try now</button>
  </p>`;
}
