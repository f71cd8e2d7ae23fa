// What people really typed, typed once more: through the editor and the core into a second panel, and
// from the disk after a restart. `TIDELINE_TRACES=whole` types all of it.
import { expect, test } from "vitest";

import { until } from "../driver/until";
import { type Patch, patched, readTrace, textIn, typeTrace } from "../world/trace";
import { useWorld } from "../world/world";

const world = useWorld();
const WHOLE = process.env["TIDELINE_TRACES"] === "whole";
const WHOLE_MS_MAX = 3_600_000;
const SAME_MS_MAX = 120_000;

/** How many transactions of each trace are typed unless all are asked for. */
const BEGINNINGS = { sveltecomponent: 2500, "automerge-paper": 6000 } as const;

test.each([
  ["a source file with its refactorings", "sveltecomponent"],
  ["a paper, letter by letter,", "automerge-paper"],
] as const)(
  "%s ends in both panels and on disk as it did",
  async (_what, name) => {
    const trace = readTrace(name);
    expect(trace.startContent).toBe("");
    const all = trace.txns.map(({ patches }) => patches);
    if (WHOLE) await endsAs(trace.endContent, all);
    else {
      const beginning = all.slice(0, BEGINNINGS[name]);
      await endsAs(patched("", beginning.flat()), beginning);
    }
  },
  WHOLE ? WHOLE_MS_MAX : undefined,
);

async function endsAs(text: string, transactions: readonly (readonly Patch[])[]): Promise<void> {
  const client = await world.client();
  const window = await client.start();
  await window.newDocument("Trace");
  await window.press("Control+\\");
  await window.is("two panels", async () => (await window.panels()) === 2);
  await window.panel(1).placeCaretInEmpty();
  await window.type("x");
  await window.panel(0).shows("x");
  await typeTrace(window.screen, 1, [[[0, 1, ""]], ...transactions]);
  expect(await textIn(window.screen, 1)).toBe(text);
  const other = async (): Promise<boolean> => (await textIn(window.screen, 0)) === text;
  await until("the same text in the other panel", other, SAME_MS_MAX);
  await window.isSaved();
  await client.quit();
  const again = await client.start();
  const loaded = async (): Promise<boolean> => (await textIn(again.screen, 0)) === text;
  await until("the same text from the disk", loaded, SAME_MS_MAX);
}
