// Two people with data folders of their own write in one document, over a real sync server.
import { expect, test } from "vitest";

import { type Client, settled } from "../world/client";
import { useWorld } from "../world/world";

const world = useWorld();

test("what is typed appears in the other panel, in the second window, and at the other person", async () => {
  const { anna, ben } = await world.twoPeople();
  const window = anna.window;
  await window.newDocument("Plan");
  await window.press("Control+\\");
  await window.is("two panels", async () => (await window.panels()) === 2);
  const second = await anna.openWindow();
  await second.open("Plan");
  await ben.window.open("Plan");

  await window.panel(1).placeCaretInEmpty();
  await window.type("Buy bread");
  await window.press("Enter");
  await window.type("and milk");
  const shown = ["Buy bread", "and milk"];
  await window.panel(0).shows(...shown);
  await window.panel(1).shows(...shown);
  await second.panel().shows(...shown);
  await ben.window.panel().shows(...shown);

  await ben.window.panel().placeCaretAtEnd("and milk");
  await ben.window.press("Enter", "Tab");
  await ben.window.type("oat milk");
  const more = [...shown, "  oat milk"];
  await ben.window.panel().shows(...more);
  await window.panel(0).shows(...more);
  await window.panel(1).shows(...more);
  await second.panel().shows(...more);
});

test("each sees the other's caret, by name", async () => {
  const { anna, ben } = await world.twoPeople();
  await anna.window.newDocument("Plan");
  await anna.window.type("where are you?");
  await ben.window.open("Plan");
  await ben.window.panel().placeCaretAtEnd("where are you?");
  await anna.window.shows(".presence-caret");
  await ben.window.shows(".presence-caret");
});

test("what both did offline is all there afterwards, and both hold the same", async () => {
  const { server, anna, ben } = await world.twoPeople();
  await writeBase(anna);
  await ben.window.open("Plan");
  await ben.window.panel().shows("split me here", "move me", "both", "parent", "  child");
  await settled(anna, ben);

  await server.stop();
  await changeAsAnna(anna);
  await changeAsBen(ben);
  await anna.window.says(/Saved on this computer · \d+ changes? waiting for the server/);
  await ben.window.says(/Saved on this computer · \d+ changes? waiting for the server/);

  await server.start();
  await settled(anna, ben);
  const merged = [
    "move me, Ben",
    "split me",
    " here, Ben",
    "Anna both Ben",
    "parent",
    "  child, Ben",
  ];
  await anna.window.panel().shows(...merged);
  await ben.window.panel().shows(...merged);
  await expectSameHash(anna, ben);
});

async function writeBase(anna: Client): Promise<void> {
  const window = anna.window;
  await window.newDocument("Plan");
  for (const text of ["split me here", "move me", "both", "parent"]) {
    await window.type(text);
    await window.press("Enter");
  }
  await window.press("Tab");
  await window.type("child");
  await window.panel().shows("split me here", "move me", "both", "parent", "  child");
}

/** Moves one line, splits another, edits a third, and deletes the parent of the last. */
async function changeAsAnna(anna: Client): Promise<void> {
  const window = anna.window;
  const panel = window.panel();
  await panel.placeCaret("move me", 0);
  await window.press("Alt+ArrowUp");
  await panel.placeCaret("split me here", "split me".length);
  await window.press("Enter");
  await panel.placeCaret("both", 0);
  await window.type("Anna ");
  await panel.placeCaret("parent", 0);
  await window.press("Control+Shift+K");
  await panel.shows("move me", "split me", " here", "Anna both");
}

/** Types at the end of every line that Anna changes. */
async function changeAsBen(ben: Client): Promise<void> {
  const panel = ben.window.panel();
  const additions = { "split me here": ", Ben", "move me": ", Ben", both: " Ben", child: ", Ben" };
  for (const [line, addition] of Object.entries(additions)) {
    await panel.placeCaretAtEnd(line);
    await ben.window.type(addition);
  }
  await panel.shows("split me here, Ben", "move me, Ben", "both Ben", "parent", "  child, Ben");
}

/** Replays both replicas from their first events. */
async function expectSameHash(anna: Client, ben: Client): Promise<void> {
  await anna.quit();
  await ben.quit();
  const [one, other] = [await planOf(anna), await planOf(ben)];
  expect(one.problems).toEqual([]);
  expect(other.problems).toEqual([]);
  expect(one.hash).toBe(other.hash);
}

async function planOf(client: Client): Promise<{ hash: string; problems: readonly string[] }> {
  const plan = (await client.verify()).find(({ title }) => title === "Plan");
  if (plan === undefined) throw new Error("there is no document called Plan");
  return plan;
}
