// Tabs, panels and windows: opened, moved and brought back, by keys and by pointer.
import { expect, test } from "vitest";

import type { Client } from "../world/client";
import { program } from "../world/programs";
import { run } from "../driver/process";
import type { Window } from "../world/window";
import { useWorld } from "../world/world";

const world = useWorld();
const onDesktop = process.env["TIDELINE_ENGINE"] === "desktop";

test("tabs are opened, walked, reordered and closed by keys", async () => {
  const { window } = await withDocuments("One", "Two", "Three");
  await openTab(window, "One");
  await openTab(window, "Two");
  await tabsAre(window, "Three", "One", "Two*");
  await window.press("Alt+PageDown");
  await tabsAre(window, "Three*", "One", "Two");
  await window.press("Alt+Shift+PageDown");
  await tabsAre(window, "One", "Three*", "Two");
  await window.press("Alt+PageUp");
  await tabsAre(window, "One*", "Three", "Two");
  await window.press("Alt+w", "Alt+w");
  await tabsAre(window);
  await window.is("the last one", async () => (await window.panel().title()) === "Two");
});

test("a tab moves into another panel by key, and beside one by pointer", async () => {
  const { window } = await withDocuments("One", "Two");
  await window.press("Control+\\");
  await window.is("two panels", async () => (await window.panels()) === 2);
  await openTab(window, "One");
  await tabsAre(window, "Two", "One*");
  await window.press("Alt+Shift+M");
  await tabsAre(window, "Two", "One*");
  await window.is("One on the left", async () => (await window.panel(0).title()) === "One");

  await window.drag("[data-tab] .tab", "[data-panel]", 0.5, 0.95);
  await window.is("three panels", async () => (await window.panels()) === 3);
  await tabsAre(window);
  await window.is("Two below", async () => (await window.panel(1).title()) === "Two");
});

test("one section in two tabs keeps its own folds, and the same text", async () => {
  const { window } = await withDocuments("Twice");
  const [left, right] = [window.panel(0), window.panel(1)];
  await window.panel().placeCaretInEmpty();
  await window.type("parent");
  await window.press("Enter", "Tab");
  await window.type("child");
  await window.press("Control+\\");
  await right.shows("parent", "  child");
  await left.placeCaret("parent", 0);
  await window.press("Control+ArrowUp");
  await left.shows("parent");
  await right.shows("parent", "  child");
  await right.placeCaretAtEnd("parent");
  await window.type("!");
  await left.shows("parent!");
});

test("tabs, splits, folds and the caret are there at the next start", async () => {
  const { client, window } = await withDocuments("First", "Second");
  const panel = window.panel();
  await panel.placeCaretInEmpty();
  await window.type("parent");
  await window.press("Enter", "Tab");
  await window.type("child");
  await window.press("Enter", "Shift+Tab");
  await window.type("last");
  await panel.placeCaret("parent", 0);
  await window.press("Control+ArrowUp");
  await panel.shows("parent", "last");
  await panel.placeCaret("last", 2);
  await openTab(window, "First");
  await window.press("Alt+PageUp", "Control+Shift+|");
  await window.is("two panels", async () => (await window.panels()) === 2);
  await window.press("Control+b");
  await window.hides("aside");
  await window.isSaved();
  await client.quit();

  const again = await client.start();
  await tabsAre(again, "Second*", "First");
  await again.panel(0).shows("parent", "last");
  await again.panel(1).shows("parent", "last");
  expect(await again.has("aside")).toBe(false);
  await again.isInEditor();
  await again.type("X");
  await again.panel(1).shows("parent", "laXst");
});

test("back and forward go where one was", async () => {
  const { window } = await withDocuments("Here", "There");
  const panel = window.panel();
  await panel.placeCaretInEmpty();
  await window.type("zoom into me");
  await window.press("Alt+ArrowRight");
  await window.is("the zoomed line's path", () => window.has("[data-panel] nav li + li"));
  await window.open("Here");
  await window.press("Control+[");
  await window.is("There again", async () => (await panel.title()) === "There");
  await window.is("zoomed as before", () => window.has("[data-panel] nav li + li"));
  await window.press("Control+[");
  await window.is("the whole of it", async () => !(await window.has("[data-panel] nav li + li")));
  await window.press("Control+]", "Control+]");
  await window.is("Here again", async () => (await panel.title()) === "Here");
});

test("a tab goes to a window of its own, with its place", async () => {
  const { client, window } = await withDocuments("Stays", "Goes");
  await window.panel().placeCaretInEmpty();
  await window.type("only this");
  await window.press("Enter");
  await window.type("not this");
  await window.panel().placeCaret("only this", 0);
  await window.press("Alt+ArrowRight");
  await window.panel().shows("only this");
  await openTab(window, "Stays");
  await window.press("Alt+PageUp");
  await tabsAre(window, "only this*", "Stays");
  const other = await client.windowOf(() => window.press("Alt+Shift+N"));
  await other.panel().shows("only this");
  await window.is("Stays alone", async () => (await window.panel().title()) === "Stays");
  await tabsAre(window);
});

test.runIf(onDesktop)("windows come back at the next start", async () => {
  const { client } = await withDocuments("Main", "Other");
  const second = await client.openWindow();
  await second.open("Main");
  await client.window.isSaved();
  await client.quit();
  const back = await client.startWithSecondWindow();
  await back.is("what it showed", async () => (await back.panel().title()) === "Main");
  expect(await client.window.panel().title()).toBe("Other");
});

test.runIf(onDesktop)("a second start opens a window of the program that runs", async () => {
  const { client } = await withDocuments("Here");
  const second = await client.windowOf(() => run(program("tideline"), ["--data", client.data]));
  await second.is("a document", async () => (await second.panel().title()) === "Here");
});

async function withDocuments(
  ...titles: readonly string[]
): Promise<{ client: Client; window: Window }> {
  const client = await world.client();
  const window = await client.start();
  for (const title of titles) await window.newDocument(title);
  await window.isInEditor();
  return { client, window };
}

async function openTab(window: Window, title: string): Promise<void> {
  await window.press("Alt+t");
  await window.shows(".palette-input");
  await window.type(title);
  await window.is(`the document "${title}"`, () => window.offers(title));
  await window.press("Enter");
  await window.hides(".palette-input");
  await window.isInEditor();
}

async function tabsAre(window: Window, ...expected: readonly string[]): Promise<void> {
  await window.is(`the tabs ${expected.join(", ")}`, async () => {
    return JSON.stringify(await window.tabs()) === JSON.stringify(expected);
  });
}
