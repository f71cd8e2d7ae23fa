// What is folded in a panel, as the core takes it when the panel is opened again. Pure.

import type { Folds } from "../bridge/generated/Folds";

export const UNFOLDED: Folds = { all: false, lines: [] };

/** Remembering more would cost more than folding again. */
const LINES_MAX = 5000;

export function withFold(folds: Folds, line: string, folded: boolean): Folds {
  const others = folds.lines.filter((one) => one !== line);
  const lines = folded === folds.all ? others : [...others, line].slice(-LINES_MAX);
  return { ...folds, lines };
}

export function foldedAll(folded: boolean): Folds {
  return { all: folded, lines: [] };
}

export function readFolds(json: unknown): Folds {
  if (typeof json !== "object" || json === null) return UNFOLDED;
  const { all, lines } = json as Record<string, unknown>;
  if (typeof all !== "boolean" || !Array.isArray(lines)) return UNFOLDED;
  return { all, lines: lines.filter((line) => typeof line === "string").slice(-LINES_MAX) };
}
