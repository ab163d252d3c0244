// Templates: htm over preact. What is put into one is text; nothing here ever parses markup at run time.

import htm from "htm";
import { h, type ComponentChildren, type VNode } from "preact";

export const html = htm.bind(h) as (strings: TemplateStringsArray, ...values: unknown[]) => VNode;

export type Children = ComponentChildren;

/** Class names of which some may be absent. */
export function classes(...names: (string | false | null | undefined)[]): string {
  return names.filter(Boolean).join(" ");
}
