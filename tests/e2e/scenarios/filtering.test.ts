// Showing only the lines that match: by key, by tag, alone and while somebody else writes.
import { expect, test } from "vitest";

import { settled } from "../world/client";
import { both, writingIn } from "../world/twoPanels";
import type { Window } from "../world/window";
import { useWorld } from "../world/world";

const world = useWorld();
const writing = writingIn(world);
const LINES = ["Monday", "call Ann #work", "bread", "call Ben"];

async function filter(window: Window, query: string): Promise<void> {
  await window.press("Control+Alt+f");
  await window.is("the field", () => window.focusIs(".filter input"));
  await window.type(query);
}

test("a panel shows only the lines that match, and all of them again", async () => {
  const window = await writing(...LINES);
  const panel = window.panel(1);
  await panel.placeCaretAtEnd("call Ann #work");
  await window.press("Tab");
  await both(window, "Monday", "  call Ann #work", "bread", "call Ben");
  await filter(window, "CALL");
  await panel.shows("Monday", "  call Ann #work", "call Ben");
  await window.panel(0).shows("Monday", "  call Ann #work", "bread", "call Ben");
  await window.is("how many match", async () => {
    return (await window.text(".filter [role=status]")) === "2 lines";
  });
  await window.is("what matches, marked", async () => {
    return (await window.texts(".filter-mark")).join() === "call,call";
  });
  await window.press("Enter");
  await window.isInEditor();
  await panel.placeCaretAtEnd("call Ben");
  await window.press("Enter");
  await window.type("and tell him");
  await panel.shows("Monday", "  call Ann #work", "call Ben", "and tell him");
  await window.press("Control+Alt+f");
  await window.is("the field again", () => window.focusIs(".filter input"));
  await window.press("Escape");
  await window.isInEditor();
  await both(window, "Monday", "  call Ann #work", "bread", "call Ben", "and tell him");
  expect(await window.has(".filter-mark")).toBe(false);
});

test("a tag leads to the lines that name it, and what others write comes when it matches", async () => {
  const { anna, ben } = await world.twoPeople();
  const { window } = anna;
  await window.newDocument("Week");
  for (const line of LINES) {
    await window.type(line);
    await window.press("Enter");
  }
  const panel = window.panel();
  await panel.placeCaretAtEnd("call Ann #work");
  await window.press("Alt+Enter");
  await panel.shows("call Ann #work");
  expect(await window.focusIs(".filter input")).toBe(true);
  await ben.window.open("Week");
  await ben.window.panel().placeCaretAtEnd("bread");
  await ben.window.type(" for #work");
  await panel.shows("call Ann #work", "bread for #work");
  await window.press("Escape");
  await panel.shows("Monday", "call Ann #work", "bread for #work", "call Ben", "");
  await settled(anna, ben);
});
