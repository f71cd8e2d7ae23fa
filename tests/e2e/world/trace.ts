// What somebody really typed, and an editor to type it again. Positions count code points; the traces
// hold nothing outside of the basic plane, so they are positions of an editor as well.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";

import type { Screen } from "../driver/engine";
import { until } from "../driver/until";

export type Patch = readonly [at: number, deleted: number, inserted: string];

export interface Trace {
  readonly startContent: string;
  readonly endContent: string;
  readonly txns: readonly { readonly patches: readonly Patch[] }[];
}

/** So many transactions are handed over at once; the page types some of them in each frame. */
const CHUNK = 2000;
const CHUNK_MS_MAX = 120_000;

/** A trace of the project's data: `TIDELINE_DATA`, or the first `shared/data` from here upwards. */
export function readTrace(name: string): Trace {
  const file = join("traces", `${name}.json.gz`);
  const named = process.env["TIDELINE_DATA"];
  const places = named ? [named] : above(import.meta.dirname).map((at) => join(at, "shared/data"));
  const found = places.map((place) => join(place, file)).find(existsSync);
  if (!found) throw new Error(`the editing trace ${file} is in none of ${places.join(", ")}`);
  return JSON.parse(gunzipSync(readFileSync(found)).toString()) as Trace;
}

function above(folder: string): readonly string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...above(parent)];
}

/** What a text is after these patches. */
export function patched(text: string, patches: readonly Patch[]): string {
  return patches.reduce((text, [at, deleted, inserted]) => {
    return text.slice(0, at) + inserted + text.slice(at + deleted);
  }, text);
}

/** Types a trace into a panel, transaction after transaction, and waits until the page is through. */
export async function typeTrace(
  screen: Screen,
  place: number,
  transactions: readonly (readonly Patch[])[],
): Promise<void> {
  for (let from = 0; from < transactions.length; from += CHUNK) {
    await screen.evaluate(typeChunk, place, transactions.slice(from, from + CHUNK));
    await until(
      `transactions from ${from} on to be typed`,
      () => screen.evaluate(isTyped),
      CHUNK_MS_MAX,
    );
  }
}

/** All that a panel's editor holds, also what is out of sight. */
export async function textIn(screen: Screen, place: number): Promise<string> {
  return screen.evaluate(readText, place);
}

interface EditorDom {
  /** How CodeMirror finds its view from an element (`EditorView.findFromDOM`). */
  readonly cmTile: { readonly root: { readonly view: EditorLike } };
}

interface EditorLike {
  readonly state: { readonly doc: { toString(): string } };
  dispatch(spec: object): void;
}

function typeChunk(place: number, transactions: readonly (readonly Patch[])[]): void {
  const content = document.querySelectorAll("[data-panel]")[place]?.querySelector(".cm-content");
  const { view } = (content as unknown as EditorDom).cmTile.root;
  const page = document.documentElement;
  delete page.dataset["typed"];
  const type = ([at, deleted, inserted]: Patch): void => {
    if (deleted > 0) {
      view.dispatch({ changes: { from: at, to: at + deleted }, userEvent: "delete" });
    }
    // As it is typed: Enter stands alone. What is pasted ends without the last of them.
    let from = at;
    for (const insert of inserted.split(/(\n)/).filter((piece) => piece !== "")) {
      view.dispatch({ changes: { from, insert }, userEvent: "input.type" });
      from += insert.length;
    }
  };
  let next = 0;
  const some = (): void => {
    const end = performance.now() + 8;
    while (next < transactions.length && performance.now() < end) {
      transactions[next++]?.forEach(type);
    }
    if (next < transactions.length) requestAnimationFrame(some);
    else page.dataset["typed"] = "";
  };
  some();
}

function isTyped(): boolean {
  return document.documentElement.dataset["typed"] !== undefined;
}

function readText(place: number): string {
  const content = document.querySelectorAll("[data-panel]")[place]?.querySelector(".cm-content");
  return (content as unknown as EditorDom).cmTile.root.view.state.doc.toString();
}
