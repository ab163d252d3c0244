// The menu behind one's own name: how the page looks and sounds, and signing out.

import { useEffect, useRef } from "preact/hooks";
import type { Signal } from "@preact/signals";
import type { VNode } from "preact";
import type { Me } from "../contract.ts";
import { html } from "../html.ts";
import { disconnect } from "../live/link.ts";
import { shortcuts, sounds, theme, type Theme } from "../live/preferences.ts";
import { change, RefusedError } from "../live/request.ts";
import { Icon, type IconName } from "./icons.ts";
import { openHelp } from "./keys.ts";
import { Avatar } from "./small.ts";
import { tell } from "./toasts.ts";

const THEMES: readonly [Theme, string, IconName][] = [
  ["system", "As the system", "system"],
  ["light", "Light", "sun"],
  ["dark", "Dark", "moon"],
];

/** One's own name; a click opens the menu, Escape and a click elsewhere close it. */
export function Menu({ me }: { me: Me }): VNode {
  const frame = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = (event: Event) => {
      const inside = event.target instanceof Node && frame.current?.contains(event.target);
      if (frame.current && (!inside || (event as KeyboardEvent).key === "Escape")) frame.current.open = false;
    };
    const escape = (event: KeyboardEvent) => {
      if (event.key === "Escape" && frame.current?.open) {
        close(event);
        frame.current.querySelector("summary")?.focus();
      }
    };
    document.addEventListener("click", close);
    document.addEventListener("keydown", escape);
    return () => {
      document.removeEventListener("click", close);
      document.removeEventListener("keydown", escape);
    };
  }, []);
  return html`<details class="menu" ref=${frame}>
    <summary class="button quiet"><${Avatar} name=${me.name} /><span class="menu-name">${me.name}</span></summary>
    <div class="menu-inside">
      <p class="menu-who"><b>${me.name}</b><span>${me.role}${me.extension && ` · phone ${me.extension}`}</span></p>
      <p class="menu-label" id="look">Look</p><div class="choice" role="radiogroup" aria-labelledby="look">
        ${THEMES.map(([value, label, icon]) => html`<label><input type="radio" name="theme" checked=${theme.value === value}
          onChange=${() => { theme.value = value; }} /><span><${Icon} name=${icon} />${label}</span></label>`)}
      </div>
      <${Switch} of=${sounds} label="Sounds" hint="When somebody enters, changes or leaves, or raises a hand" />
      <${Switch} of=${shortcuts} label="Single-key shortcuts" hint="Switch them off when you speak to your computer" />
      <button type="button" class="button quiet wide" onClick=${openHelp}><${Icon} name="keys" />Keys and codes</button>
      ${me.sign_in !== "proxy" && html`<hr />
        <button type="button" class="button quiet wide" onClick=${() => signOut(false)}><${Icon} name="leave" />Sign out</button>
        <button type="button" class="button quiet wide" onClick=${() => signOut(true)}><${Icon} name="leave" />Sign out everywhere</button>`}
    </div>
  </details>`;
}

function Switch({ of, label, hint }: { of: Signal<"on" | "off">; label: string; hint: string }): VNode {
  const flip = () => {
    of.value = of.value === "on" ? "off" : "on";
  };
  return html`<label class="switch"><input type="checkbox" role="switch" checked=${of.value === "on"} onChange=${flip} />
    <span><b>${label}</b><small>${hint}</small></span></label>`;
}

async function signOut(everywhere: boolean): Promise<void> {
  try {
    await change("POST", "/api/signout", { everywhere });
    disconnect("You have signed out.");
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    tell({ kind: "refused", says: `You are still signed in. ${error.message}` });
  }
}
