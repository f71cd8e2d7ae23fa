// A search result as pieces of text, matched and not. Pure.

import type { SearchResult } from "../bridge/generated/SearchResult";

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
