// Which rows stand where. Pure: rows and wishes in, places out.

import type { Group, Row } from "../../contract.ts";

export const GROUPS: readonly Group[] = ["on-call", "available", "not-available"];

export interface Filter {
  words: string;
  team: string;
}

export type Places = Record<Group, readonly string[]>;

export const NOWHERE: Places = { "on-call": [], available: [], "not-available": [] };

/** Every row that passes the filter, in its group; what needs eyes comes first. */
export function arrange(rows: Iterable<Row>, filter: Filter): Places {
  const sorted = [...rows].filter((row) => passes(row, filter)).sort(before);
  const of = (group: Group) => sorted.filter((row) => row.group === group).map(({ id }) => id);
  return { "on-call": of("on-call"), available: of("available"), "not-available": of("not-available") };
}

/** Whether every word of the search is in a name, extension, team or number of the row. */
export function passes(row: Row, { words, team }: Filter): boolean {
  if (team && !row.teams.some(({ id }) => id === team)) return false;
  const wanted = folded(words).split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return true;
  const text = folded(
    [row.id, row.name, row.extension, ...row.teams.map(({ name }) => name), row.call?.queue, row.call?.other.name, row.call?.other.number, row.hand?.reason].join(" "),
  );
  return wanted.every((word) => text.includes(word));
}

/** Whether two arrangements put the same rows into the same places. */
export function same(one: Places, other: Places): boolean {
  return GROUPS.every((group) => one[group].length === other[group].length && one[group].every((id, at) => id === other[group][at]));
}

/** How many rows stand elsewhere in the other arrangement. */
export function moved(shown: Places, wanted: Places): number {
  const place = (places: Places) => new Map(GROUPS.flatMap((group) => places[group].map((id) => [id, group] as const)));
  const [was, is] = [place(shown), place(wanted)];
  return [...new Set([...was.keys(), ...is.keys()])].filter((id) => was.get(id) !== is.get(id)).length;
}

function before(one: Row, other: Row): number {
  return compare(one.order, other.order) || one.name.localeCompare(other.name) || compare(one.id, other.id);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Without case and accents, so that "muller" finds Müller. */
function folded(text: string): string {
  return text.normalize("NFD").replace(/\p{Mark}/gu, "").toLocaleLowerCase("en");
}
