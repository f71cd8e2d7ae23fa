// The first minutes with Tideline, by keyboard only.
import { expect, test } from "vitest";

import type { Panel } from "../world/panel";
import { useWorld } from "../world/world";
import type { Window } from "../world/window";

const world = useWorld();

test("the first run shows the Welcome document, ready to be typed in", async () => {
  const window = await (await world.client()).start();
  const panel = window.panel();
  await window.is("the Welcome document", async () => (await panel.title()).includes("Welcome"));
  const { id, kind } = await panel.line("Welcome to Tideline");
  expect(kind).toBe("heading1");
  expect((await panel.lines())[0]?.id).toBe(id);
  await window.press("Control+End", "Enter");
  await window.type("my first line");
  await panel.line("my first line");
  await window.isSaved();
});

test("what was written is there at the next start", async () => {
  const client = await world.client();
  const window = await client.start();
  await window.newDocument("Diary");
  await window.type("Monday");
  await window.press("Enter", "Tab");
  await window.type("slept well");
  await window.panel().shows("Monday", "  slept well");
  await window.isSaved();
  await client.quit();
  await client.start();
  const again = await client.window.open("Diary");
  await again.shows("Monday", "  slept well");
});

test("a line becomes every kind there is, from the palette and by its prefix", async () => {
  const { window, panel } = await newDocument("Kinds", "a line");
  for (const [title, kind] of Object.entries(KINDS)) {
    await window.command(title);
    await window.is(
      `the line to be a ${kind}`,
      async () => (await panel.lines())[0]?.kind === kind,
    );
  }
  await window.press("Enter");
  for (const [prefix, kind] of Object.entries(PREFIXES)) {
    await window.command("Text");
    await window.type(prefix);
    await window.is(
      `"${prefix}" to make a ${kind}`,
      async () => (await panel.lines())[1]?.kind === kind,
    );
  }
});

test("lines are indented, moved with what is below them, and brought back by undo", async () => {
  const { window, panel } = await newDocument("Moving", "one", "two", "three");
  await panel.placeCaret("two", 0);
  await window.press("Tab");
  await panel.shows("one", "  two", "three");
  await panel.placeCaret("one", 0);
  await window.press("Alt+ArrowDown");
  await panel.shows("three", "one", "  two");
  await panel.placeCaret("two", 0);
  await window.press("Shift+Tab");
  await panel.shows("three", "one", "two");
  await window.press("Control+z", "Control+z", "Control+z");
  await panel.shows("one", "two", "three");
  await window.press("Control+Shift+Z");
  await panel.shows("one", "  two", "three");
});

test("a line is folded and unfolded, zoomed into and out of", async () => {
  const { window, panel } = await newDocument("Depths", "one", "two", "three");
  await panel.placeCaret("two", 0);
  await window.press("Tab");
  await panel.placeCaret("one", 0);
  await window.press("Control+ArrowUp");
  await panel.shows("one", "three");
  await window.press("Control+ArrowDown");
  await panel.shows("one", "  two", "three");
  await window.press("Alt+ArrowRight");
  await panel.shows("one", "  two");
  await window.press("Alt+ArrowLeft");
  await panel.shows("one", "  two", "three");
});

test("a to-do is ticked off, and a line deleted", async () => {
  const { window, panel } = await newDocument("Chores", "dishes", "laundry");
  await panel.placeCaret("dishes", 0);
  await window.press("Control+Enter");
  await window.is("a to-do", async () => (await panel.kindOf("dishes")) === "todo");
  await window.press("Control+Enter");
  await window.is("a done to-do", async () => (await panel.kindOf("dishes")) === "todo-done");
  await panel.placeCaret("laundry", 0);
  await window.press("Control+Shift+K");
  await panel.shows("dishes");
});

test("panels are split and closed, and the sidebar comes and goes", async () => {
  const { window } = await newDocument("Panels", "seen twice");
  await window.press("Control+\\");
  await window.is("two panels", async () => (await window.panels()) === 2);
  await window.panel(0).shows("seen twice");
  await window.panel(1).shows("seen twice");
  await window.press("Alt+w");
  await window.is("one panel", async () => (await window.panels()) === 1);
  await window.press("Control+b");
  await window.hides("aside");
  await window.press("Control+b");
  await window.shows("aside");
});

test("the theme is switched in the settings and kept", async () => {
  const client = await world.client();
  const window = await client.start();
  for (const theme of ["dark", "light", "dark"] as const) {
    await window.chooseTheme(theme);
  }
  await client.quit();
  await client.start();
  await client.window.is("the dark theme", async () => (await client.window.theme()) === "dark");
});

test("a line is found again by what it says", async () => {
  const { window, panel } = await newDocument("Haystack", "hay", "a needle", "more hay");
  await window.isSaved();
  await window.newDocument("Elsewhere");
  await window.press("Control+Shift+F");
  await window.shows(".palette-input");
  await window.type("needle");
  await window.is("the line to be found", () => window.offers("a needle"));
  await window.press("Enter");
  await window.is("its document", async () => (await panel.title()) === "Haystack");
});

const KINDS = {
  "Heading 1": "heading1",
  "Heading 2": "heading2",
  "Heading 3": "heading3",
  "To-do": "todo",
  "To-do: done": "todo-done",
  Bullet: "bullet",
  Numbered: "numbered",
  Quote: "quote",
  Code: "code",
  Comment: "comment",
  Divider: "divider",
  Text: "text",
};

const PREFIXES = {
  "# ": "heading1",
  "## ": "heading2",
  "### ": "heading3",
  "- ": "bullet",
  "1. ": "numbered",
  "[] ": "todo",
  "[/] ": "todo-started",
  "[?] ": "todo-waiting",
  "[x] ": "todo-done",
  "[-] ": "todo-cancelled",
  "> ": "quote",
};

/** A new document with these lines, in a client that runs for the first time. */
async function newDocument(
  title: string,
  ...lines: readonly string[]
): Promise<{ window: Window; panel: Panel }> {
  const window = await (await world.client()).start();
  const panel = await window.newDocument(title);
  for (const [index, line] of lines.entries()) {
    if (index > 0) await window.press("Enter");
    await window.type(line);
  }
  await panel.shows(...lines);
  return { window, panel };
}
