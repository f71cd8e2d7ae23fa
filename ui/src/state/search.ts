// What was found, in the order in which it is offered, and as pieces of text, matched and not. Pure.

import type { DocumentEntry } from "../bridge/generated/DocumentEntry";
import type { SearchResult } from "../bridge/generated/SearchResult";
import type { PaletteMode, SearchState } from "./app";

/** Something to go to. */
export interface Found {
  /** Tells it from everything else that was found. */
  readonly key: string;
  readonly document: string;
  /** Null for the document itself. */
  readonly line: string | null;
  /** Empty where it is not known. */
  readonly kind: string;
  readonly text: string;
  readonly matches: SearchResult["matches"];
  /** In another document than the one that has the focus. */
  readonly elsewhere: boolean;
}

export interface Section {
  readonly name: "documents" | "headings" | "here" | "lines";
  readonly found: readonly Found[];
}

const DOCUMENTS_MAX = 8;
const HEADINGS_MAX = 8;
const HERE_MAX = 12;
const LINES_MAX = 50;

/** Nothing is offered twice: what is found in the document at hand is not listed as elsewhere. */
export function found({ places, results }: SearchState, mode: PaletteMode): readonly Section[] {
  const near = places.map((place) => withKey(place, false));
  const seen = new Set(near.map(({ key }) => key));
  const far = results
    .filter(({ line }) => line !== null)
    .map((result) => withKey({ ...result, kind: "" }, true))
    .filter(({ key }) => !seen.has(key));
  if (mode !== "everywhere") return sections([["headings", near]]);
  const heading = ({ kind }: Found): boolean => kind.startsWith("heading");
  return sections([
    ["documents", near.filter(({ line }) => line === null).slice(0, DOCUMENTS_MAX)],
    ["headings", near.filter(heading).slice(0, HEADINGS_MAX)],
    ["here", near.filter((one) => one.line !== null && !heading(one)).slice(0, HERE_MAX)],
    ["lines", far.slice(0, LINES_MAX)],
  ]);
}

function sections(all: readonly (readonly [Section["name"], readonly Found[]])[]): Section[] {
  return all.flatMap(([name, some]) => (some.length > 0 ? [{ name, found: some }] : []));
}

function withKey(one: Omit<Found, "key" | "elsewhere">, elsewhere: boolean): Found {
  const { document, line, kind, text, matches } = one;
  return { key: `${document} ${line ?? ""}`, document, line, kind, text, matches, elsewhere };
}

/** Documents that were opened lately, then those that were changed lately. */
export function recentDocuments(
  entries: readonly DocumentEntry[],
  recent: readonly string[],
): readonly DocumentEntry[] {
  const places = new Map(recent.map((id, at) => [id, at]));
  const place = ({ id }: DocumentEntry): number => places.get(id) ?? recent.length;
  return [...entries]
    .sort((a, b) => place(a) - place(b) || b.updatedMs - a.updatedMs)
    .slice(0, DOCUMENTS_MAX);
}

export interface Piece {
  readonly text: string;
  readonly matched: boolean;
}

/** In front of the first match this much is shown, so that the match is in sight. */
const LEAD_MAX_CHARACTERS = 40;

export function pieces({ text, matches }: Pick<SearchResult, "text" | "matches">): Piece[] {
  const letters = [...text];
  const found: Piece[] = [];
  let at = 0;
  const push = (to: number, matched: boolean): void => {
    if (to > at) found.push({ text: letters.slice(at, to).join(""), matched });
    at = Math.max(at, to);
  };
  for (const [start, end] of matches) {
    push(start, false);
    push(end, true);
  }
  push(letters.length, false);
  const [lead] = found;
  if (lead && !lead.matched && found.length > 1) {
    const shown = [...lead.text];
    if (shown.length > LEAD_MAX_CHARACTERS) {
      const near = shown.slice(-LEAD_MAX_CHARACTERS).join("");
      found[0] = { ...lead, text: `… ${near.replace(/^\S*\s+/, "")}` };
    }
  }
  return found;
}
