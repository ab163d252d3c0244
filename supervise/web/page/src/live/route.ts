// Which page is shown, by the address; its query holds filters, so that a reload and a bookmark keep them.

import { computed, signal } from "@preact/signals";

const address = signal(new URL(location.href));

export const path = computed(() => address.value.pathname);
export const query = computed(() => address.value.searchParams);

/** Go to another address of ours. */
export function go(to: string): void {
  history.pushState(null, "", to);
  address.value = new URL(location.href);
  document.getElementById("main")?.focus({ preventScroll: true });
  scrollTo(0, 0);
}

/** Change one part of the query in place; an empty value takes it out. */
export function setQuery(name: string, value: string): void {
  const next = new URL(address.value);
  if (value) next.searchParams.set(name, value);
  else next.searchParams.delete(name);
  history.replaceState(null, "", next);
  address.value = next;
}

/** Take clicks on links of ours, and the browser's back and forward. */
export function followAddress(): void {
  addEventListener("popstate", () => {
    address.value = new URL(location.href);
  });
  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest?.("a");
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (!link || !plain || link.origin !== location.origin || link.target || link.hasAttribute("download")) return;
    if (link.pathname.startsWith("/api/")) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
}
