// What somebody has chosen for this browser. A browser that cannot keep it still works.

import { effect, signal, type Signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";

function kept<T extends string>(name: string, first: T, known: readonly T[]): Signal<T> {
  const key = `supervise.${name}`;
  let start: string | null = null;
  try {
    start = localStorage.getItem(key);
  } catch {
    // storage is refused: the choice lasts as long as the page
  }
  const value = signal<T>(known.includes(start as T) ? (start as T) : first);
  effect(() => {
    try {
      localStorage.setItem(key, value.value);
    } catch {
      // as above
    }
  });
  return value;
}

export const theme = kept<Theme>("theme", "system", ["system", "light", "dark"]);
export const sounds = kept<"on" | "off">("sounds", "on", ["on", "off"]);
export const shortcuts = kept<"on" | "off">("shortcuts", "on", ["on", "off"]);

/** Put the chosen theme where the styles look for it. */
export function applyTheme(): void {
  effect(() => {
    document.documentElement.dataset["theme"] = theme.value;
  });
}
