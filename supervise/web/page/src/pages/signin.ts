// Signing in: with a name and a password, or with what the house uses.

import { useEffect, useState } from "preact/hooks";
import type { VNode } from "preact";
import type { Me, SignInWays } from "../contract.ts";
import { html } from "../html.ts";
import { connect } from "../live/link.ts";
import { change, get, RefusedError } from "../live/request.ts";
import { query } from "../live/route.ts";
import { Icon } from "../parts/icons.ts";
import { Trouble, Waiting } from "../parts/small.ts";

/** What went wrong at a provider, by the word that the server sends people back with. */
const PROBLEMS: Record<string, string> = {
  provider: "The provider did not vouch for you. Try again, or ask your admin.",
  unknown: "The provider knows you, and the policy here knows nobody of that name. Ask your admin.",
  expired: "That took too long, or was begun in another browser. Try again.",
};

/** The page; `why` says how one came here. */
export function SignIn({ why }: { why: string }): VNode {
  const [ways, learn] = useState<SignInWays | null>(null);
  const [trouble, setTrouble] = useState("");
  const problem = why ? undefined : PROBLEMS[query.value.get("problem") ?? ""];
  const look = () => {
    setTrouble("");
    get<SignInWays>("/api/signin").then(learn, (error: unknown) => setTrouble(wordsOf(error)));
  };
  useEffect(() => {
    document.title = "Sign in · supervise";
    look();
  }, []);
  return html`<main id="main" class="signin"><div class="signin-card">
    <span class="mark" aria-hidden="true"><${Icon} name="monitor" size=${26} /></span>
    <h1>Sign in</h1>
    ${why && html`<p class="notice" role="status">${why}</p>`}
    ${problem && html`<p class="notice notice-bad" role="alert"><${Icon} name="warning" />${problem}</p>`}
    ${trouble ? html`<${Trouble} says=${trouble} again=${look} />` : ways === null ? html`<${Waiting} lines=${3} says="A moment." />` : html`<${Ways} ways=${ways} />`}
  </div></main>`;
}

function Ways({ ways }: { ways: SignInWays }): VNode {
  return html`
    ${ways.password && html`<${Password} />`}
    ${ways.password && ways.oidc && html`<p class="or"><span>or</span></p>`}
    ${ways.oidc && html`<a class="button wide" href="/api/signin/oidc">${ways.oidc}</a>`}
    ${!ways.password && !ways.oidc && html`<p class="notice">You sign in through your house’s proxy. Open the board by its address.</p>`}`;
}

function Password(): VNode {
  const [wrong, setWrong] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const said = new FormData(form);
    setBusy(true);
    setWrong("");
    try {
      await change<Me>("POST", "/api/signin", { name: said.get("name"), password: said.get("password") });
      connect();
    } catch (error) {
      setWrong(wordsOf(error));
      form.querySelector<HTMLInputElement>("[name=password]")?.select();
    } finally {
      setBusy(false);
    }
  };
  return html`<form onSubmit=${submit}>
    <label class="field"><span>Name</span><input name="name" autocomplete="username" autocapitalize="none" spellcheck=${false} required autofocus /></label>
    <label class="field"><span>Password</span><input name="password" type="password" autocomplete="current-password" required /></label>
    ${wrong && html`<p class="notice notice-bad" role="alert"><${Icon} name="warning" />${wrong}</p>`}
    <button type="submit" class="button primary wide" disabled=${busy}>${busy ? "Signing in" : "Sign in"}</button>
  </form>`;
}

function wordsOf(error: unknown): string {
  if (error instanceof RefusedError) return error.message;
  throw error;
}
