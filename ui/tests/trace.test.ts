// What somebody really typed, through the editor and the core into a second panel.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

import { expect, test } from "vitest";

import { Harness } from "./harness";

type Patch = readonly [at: number, deleted: number, inserted: string];

interface Trace {
  readonly startContent: string;
  readonly txns: readonly (readonly Patch[])[];
}

/** The core answers after so many transactions, in between it is behind. */
const SLOWNESS = 25;

function readTrace(): Trace {
  const file = join(import.meta.dirname, "traces/component.json.gz");
  return JSON.parse(gunzipSync(readFileSync(file)).toString()) as Trace;
}

test("a trace of real editing ends in both panels and in the core as in a plain text", () => {
  const trace = readTrace();
  expect(trace.startContent).toBe("");
  const harness = new Harness([""]);
  const second = harness.openPanel(2);
  const { view } = harness.editor;
  let text = "";
  trace.txns.forEach((patches, index) => {
    for (const [at, deleted, insert] of patches) {
      text = text.slice(0, at) + insert + text.slice(at + deleted);
      const changes = { from: at, to: at + deleted, insert };
      view.dispatch({ changes, userEvent: insert === "" ? "delete" : "input.type" });
    }
    if (index % SLOWNESS === 0) {
      harness.editor.settle();
      harness.coreReads();
      harness.panelReads();
    }
  });
  expect(view.state.doc.toString()).toBe(text);
  harness.settle();
  expect(view.state.doc.toString()).toBe(text);
  expect(second.view.state.doc.toString()).toBe(text);
  const core = harness.outline.order();
  expect(core.map((line) => line.text).join("\n")).toBe(text);
  expect(new Set(core.map((line) => line.id)).size).toBe(core.length);
});
