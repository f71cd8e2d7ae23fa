// What people really typed, typed once more: through the editor and the core into a second panel, and
// from the disk after a restart. `TIDELINE_TRACES=whole` types the long one to its end as well.
import { expect, test } from "vitest";

import { until } from "../driver/until";
import { type Patch, patched, readTrace, textIn, typeTrace } from "../world/trace";
import { useWorld } from "../world/world";

const world = useWorld();

/** Of the long trace, unless all of it is asked for. */
const BEGINNING = 6000;
const WHOLE = process.env["TIDELINE_TRACES"] === "whole";
const WHOLE_MS_MAX = 3_600_000;

async function endsAlike(transactions: readonly (readonly Patch[])[], text: string): Promise<void> {
  const client = await world.client();
  const window = await client.start();
  await window.newDocument("Trace");
  await window.press("Control+\\");
  await window.is("two panels", async () => (await window.panels()) === 2);
  await window.panel(1).shows("");
  await typeTrace(window.screen, 1, transactions);
  expect(await textIn(window.screen, 1)).toBe(text);
  await until("the same text in the other panel", async () => {
    return (await textIn(window.screen, 0)) === text;
  });
  await window.isSaved();
  await client.quit();
  const again = await client.start();
  await until("the same text from the disk", async () => {
    return (await textIn(again.screen, 0)) === text;
  });
}

test("a source file with its refactorings ends in both panels as it did", async () => {
  const trace = readTrace("sveltecomponent");
  expect(trace.startContent).toBe("");
  const transactions = trace.txns.map(({ patches }) => patches);
  await endsAlike(transactions, trace.endContent);
}, 600_000);

test(
  "a paper, letter by letter, ends in both panels as it did",
  async () => {
    const trace = readTrace("automerge-paper");
    expect(trace.startContent).toBe("");
    const all = trace.txns.map(({ patches }) => patches);
    const transactions = WHOLE ? all : all.slice(0, BEGINNING);
    const text = WHOLE ? trace.endContent : patched("", transactions.flat());
    await endsAlike(transactions, text);
  },
  WHOLE ? WHOLE_MS_MAX : 600_000,
);
