// Blocks of code among rows, and the languages they may be in. Pure look-ups; draws nothing.

import { LanguageDescription } from "@codemirror/language";
import { languages } from "@codemirror/language-data";

import type { Row } from "../bridge/generated/Row";
import type { Outcome } from "./gestures";
import type { Planner } from "./planner";
import { indexOf } from "./tree";

/** Property of a block's first row. */
export const LANGUAGE = "language";

export const LANGUAGE_NAMES: readonly string[] = languages.map(({ name }) => name);

/** Neighbouring rows of code of one parent: `from..=to`. */
export interface CodeBlock {
  readonly from: number;
  readonly to: number;
  /** As it is written at the block; empty where nothing is. */
  readonly language: string;
}

export function codeBlockAt(rows: readonly Row[], at: number): CodeBlock | null {
  const row = rows[at];
  if (row?.kind !== "code") return null;
  const joins = (other: Row | undefined): boolean =>
    other?.kind === "code" && other.parent === row.parent;
  let [from, to] = [at, at];
  while (joins(rows[from - 1])) from--;
  while (joins(rows[to + 1])) to++;
  const named = rows.slice(from, to + 1).find((line) => languageOf(line) !== "");
  return { from, to, language: named ? languageOf(named) : "" };
}

function languageOf(row: Row): string {
  return row.properties.find(({ name }) => name === LANGUAGE)?.values[0] ?? "";
}

/** The language that people call `name`: by its name, or short, as behind the marks in Markdown. */
export function languageNamed(name: string): LanguageDescription | null {
  return name === "" ? null : LanguageDescription.matchLanguageName(languages, name, true);
}

/** Sets the language of the block that `line` is in; an empty one takes it away. */
export function setLanguage(planner: Planner, line: string, language: string): Outcome {
  const block = codeBlockAt(planner.rows, indexOf(planner.rows, line));
  const first = block && planner.rows[block.from];
  if (!first) return "nothing";
  for (const row of planner.rows.slice(block.from, block.to + 1)) {
    const value = row === first && language !== "" ? language : null;
    if (languageOf(row) === (value ?? "")) continue;
    planner.do({ type: "setProperty", line: row.id, name: LANGUAGE, value });
  }
  return "done";
}

/** The language in `rust` that is all there is in a new block: what people write behind ``` marks. */
export function languageWritten(rows: readonly Row[], at: number): string | null {
  const block = codeBlockAt(rows, at);
  const text = rows[at]?.text ?? "";
  if (!block || block.from !== block.to || block.language !== "") return null;
  const found = LanguageDescription.matchLanguageName(languages, text, false);
  return found ? text : null;
}
