// What a line said before: looked at and put back, by keyboard, alone and with somebody else.
import { expect, test } from "vitest";

import { settled } from "../world/client";
import type { Window } from "../world/window";
import { useWorld } from "../world/world";

const world = useWorld();
const VERSION = "[role=radio].version";
const TEXT = "[data-version-text]";

async function openHistory(window: Window): Promise<void> {
  await window.press("Control+h");
  await window.is("the latest version", () => window.focusIs(`${VERSION}[data-state=checked]`));
}

test("a version of a line is put back by keyboard, and one undo takes that back", async () => {
  const { anna, ben } = await world.twoPeople();
  const { window } = anna;
  await window.newDocument("Plan");
  await window.type("buy bread");
  await ben.window.open("Plan");
  await ben.window.panel().shows("buy bread");
  await ben.window.panel().placeCaret("buy bread", "buy ".length);
  await ben.window.press("Control+Shift+ArrowRight");
  await ben.window.type("milk");
  await ben.window.panel().shows("buy milk");
  const panel = window.panel();
  await panel.shows("buy milk");
  const { id } = await panel.line("buy milk");

  await openHistory(window);
  await window.is("two versions", async () => (await window.texts(VERSION)).length === 2);
  const [now = "", before = ""] = await window.texts(VERSION);
  expect(now).toContain("Now");
  expect(now).toContain("Ben");
  expect(before).toContain("You");
  await window.is("the change", async () => (await window.text(`${TEXT} del`)).endsWith("bread"));
  expect(await window.text(`${TEXT} ins`)).toMatch(/milk$/);
  expect(await window.has("[role=dialog] .button-main")).toBe(false);

  await window.press("ArrowDown");
  await window.is("the version before", async () => (await window.text(TEXT)) === "buy bread");
  await window.press("Tab", "Enter");
  await window.isInEditor();
  await panel.shows("buy bread");
  expect((await panel.line("buy bread")).id).toBe(id);
  await ben.window.panel().shows("buy bread");
  await window.press("Control+z");
  await panel.shows("buy milk");
  await ben.window.panel().shows("buy milk");

  await openHistory(window);
  await window.press("ArrowDown");
  await window.press("ArrowDown");
  await window.press("Escape");
  await window.isInEditor();
  await panel.shows("buy milk");
});

test("the states of a todo are in its history, and each can be had back", async () => {
  const window = await (await world.client()).start();
  await window.newDocument("Plan");
  await window.type("buy bread");
  await window.press("Control+Enter", "Control+Enter");
  const panel = window.panel();
  await window.is("a done todo", async () => (await panel.kindOf("buy bread")) === "todo-done");
  await openHistory(window);
  await window.is("three versions", async () => (await window.texts(VERSION)).length === 3);
  const [now = "", before = "", first = ""] = await window.texts(VERSION);
  expect(now).toContain("To-do: done");
  expect(before).toMatch(/To-do$/);
  expect(first).not.toContain("To-do");
  await window.press("ArrowDown", "Enter");
  await window.isInEditor();
  await window.is("an open todo", async () => (await panel.kindOf("buy bread")) === "todo");
  await window.press("Control+z");
  await window.is("a done todo", async () => (await panel.kindOf("buy bread")) === "todo-done");
});

test("a line that somebody deletes meanwhile is not put back, and nothing is changed", async () => {
  const { anna, ben } = await world.twoPeople();
  const { window } = anna;
  await window.newDocument("Plan");
  for (const line of ["one", "two"]) {
    await window.type(line);
    await window.press("Enter");
  }
  await ben.window.open("Plan");
  await ben.window.panel().placeCaretAtEnd("two");
  await ben.window.type("!");
  await window.panel().placeCaretAtEnd("two!");
  await openHistory(window);
  await ben.window.press("Control+Shift+K");
  await window.panel().shows("one", "");
  await window.press("ArrowDown", "Enter");
  await window.is("a notice", async () => {
    return (await window.notices()).some((notice) => notice.includes("no version was put back"));
  });
  await window.panel().shows("one", "");
  await settled(anna, ben);
});
