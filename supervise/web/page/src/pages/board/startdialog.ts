// What there is to choose before a session begins.

import { useState } from "preact/hooks";
import type { VNode } from "preact";
import type { Visibility } from "../../contract.ts";
import { html } from "../../html.ts";
import { hello } from "../../live/state.ts";
import { Dialog } from "../../parts/dialog.ts";
import { Icon } from "../../parts/icons.ts";
import { MODE_LABEL, MODE_MEANS } from "../../text.ts";
import { asking, mayStart, send, type Start } from "./starting.ts";

const CHOICES: Record<Visibility, { label: string; hint: (name: string) => string }> = {
  visible: { label: "Yes, make me visible", hint: (name) => `${name} is told that you are there, and sees your name.` },
  hidden: { label: "No, keep me hidden", hint: (name) => `${name} is told nothing. You can become visible at any time.` },
};

/** The dialog, while something is to be chosen. */
export function StartDialog(): VNode | null {
  const start = asking.value;
  return start && html`<${Choice} key=${start.key} start=${start} />`;
}

function Choice({ start }: { start: Start }): VNode {
  const { row, mode, wait } = start;
  const may = mayStart(row, mode);
  const title = wait ? `Wait for the next call of ${row.name}` : `${MODE_LABEL[mode]} ${row.name}`;
  const ways = may?.visibilities ?? [];
  const reasons = may?.asks.includes("reason") ? (hello.value?.reasons ?? []) : [];
  const [visibility, choose] = useState<Visibility>(ways.includes("visible") ? "visible" : "hidden");
  const [reason, give] = useState("");
  const [busy, setBusy] = useState(false);
  const close = () => {
    asking.value = null;
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const done = await send(start, visibility, reason || undefined);
    setBusy(false);
    if (done) close();
  };
  return html`<${Dialog} title=${title} close=${close}>
    <form onSubmit=${submit}>
      <p class=${`means means-${mode}`}><${Icon} name=${mode} />${MODE_MEANS[mode]}</p>
      ${ways.length > 1 && html`<fieldset class="cards"><legend>Should ${row.name} know that you are there?</legend>
        ${ways.map((way) => html`<label class="card"><input type="radio" name="visibility" checked=${way === visibility} onChange=${() => choose(way)} />
          <span><${Icon} name=${way} /><b>${CHOICES[way].label}</b><small>${CHOICES[way].hint(row.name)}</small></span></label>`)}
      </fieldset>`}
      ${reasons.length > 0 && html`<label class="field"><span>Reason</span>
        <select required value=${reason} onChange=${(event: Event) => give((event.target as HTMLSelectElement).value)}>
          <option value="">Choose a reason</option>
          ${reasons.map(({ code, name }) => html`<option value=${code}>${name}</option>`)}
        </select></label>`}
      <p class="hint">Your phone${hello.value?.me.extension && ` ${hello.value.me.extension}`} rings; pick it up ${wait ? "and stay on it" : "to join"}.
        ${may?.asks.includes("pin") && " It asks for your PIN."}</p>
      <footer><button type="button" class="button" onClick=${close}>Cancel</button>
        <button type="submit" class=${`button primary mode-${mode}`} disabled=${busy}>${wait ? "Wait" : MODE_LABEL[mode]}</button></footer>
    </form>
  <//>`;
}
