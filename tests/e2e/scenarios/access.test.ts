// Every screen, asked by axe whether people who see, hear or move otherwise can use it; and all of it
// without a mouse.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

import { expect, test } from "vitest";

import { until } from "../driver/until";
import { useWorld } from "../world/world";
import type { Window } from "../world/window";

const world = useWorld();
const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

test.each(["light", "dark"] as const)(
  "axe finds nothing serious on any screen in %s",
  async (theme) => {
    const { anna, ben } = await world.twoPeople();
    const { window } = anna;
    await window.chooseTheme(theme);
    await window.screen.load(await readFile(axe, "utf8"));
    await good(window, "the first run");

    await window.newDocument("Plan");
    await window.type("# Heading");
    await window.press("Enter");
    await window.type("where are you?");
    await ben.window.open("Plan");
    await ben.window.panel().placeCaretAtEnd("where are you?");
    await window.shows(".person");
    await good(window, "a document, with somebody else in it");
    await window.screen.click(".person");
    await window.shows("[role=status]");
    await good(window, "following somebody");
    await window.press("Alt+t");
    await window.type("Welcome");
    await window.is("the document", () => window.offers("Welcome"));
    await good(window, "the palette");
    await window.press("Enter");
    await window.isInEditor();
    await window.press("Control+\\", "Control+Alt+o");
    await window.shows("[data-outline] .heading");
    await good(window, "tabs, two panels, and the outline");
    await window.press("Control+h");
    await window.shows("[role=radio].version");
    await good(window, "the history of a line");
    await window.press("Escape");
    await window.isInEditor();
    await window.press("Control+f");
    await window.shows(".find");
    await window.type("e");
    await good(window, "finding");
    await window.press("Escape");
    await window.isInEditor();
    await window.press("Control+Alt+f");
    await window.shows(".filter");
    await window.type("e");
    await good(window, "a filter");
    await window.press("Escape");
    await window.isInEditor();
    await window.press("Control+k");
    await window.shows(".palette-item");
    await good(window, "the commands");
    await window.press("Escape");
    await window.isInEditor();
    for (const page of ["Looks", "Reading and writing", "Keys", "You", "Sync server"]) {
      await window.openSettings(page);
      await good(window, `the settings: ${page}`);
      await window.press("Escape");
      await window.isInEditor();
    }
    for (const dialog of [
      "What is saved where…",
      "Move document to a folder…",
      "Move document to the bin…",
    ]) {
      await openDialog(window, dialog);
      await good(window, dialog);
      await window.press("Escape");
      await window.isInEditor();
    }
    await window.press("F9");
    await window.shows("[role=toolbar]");
    await good(window, "reading");
    await window.press("Escape");
    await window.isInEditor();
    await window.press("Alt+w", "Alt+w", "Alt+w");
    await window.shows("main .empty");
    await good(window, "no document");
  },
);

test("everything is reached without a mouse, and the focus is always seen", async () => {
  const window = await (await world.client()).start();
  await window.newDocument("Plan");
  await window.type("one");
  await window.press("Alt+1");
  await window.is("the list of documents", () => window.focusIs("aside .document .open"));
  await window.press("ArrowDown", "Enter");
  await window.isInEditor();
  await window.is("another document", async () => (await window.panel().title()) !== "Plan");

  await window.press("Alt+1");
  await window.is("the list again", () => window.focusIs("aside .document .open"));
  await window.press("Tab");
  await window.is("the document's menu", () => window.focusIs("aside .actions"));
  await window.press("Enter");
  await window.shows(".menu");
  await window.press("ArrowDown", "ArrowDown", "ArrowDown", "Enter");
  await window.is("the folder's name", () => window.focusIs("#folder-name"));
  await window.type("Plans/2026");
  await window.press("Enter");
  await window.is("the folders", async () => (await window.texts("aside .folder")).length === 2);

  await window.press("Alt+1");
  await window.is("the list once more", () => window.focusIs("aside .document .open"));
  const seen = new Set<string>();
  for (let steps = 0; steps < 25; steps++) {
    await window.press("Tab");
    const focus = await window.screen.evaluate(focusOnScreen);
    if (focus.name === "") continue;
    expect(focus.visible, `the focus on ${focus.name}`).toBe(true);
    seen.add(focus.name);
  }
  for (const name of ["Settings", "Split panel", "Close tab"]) {
    expect([...seen].join("; ")).toContain(name);
  }
});

test("whoever walks the list of documents stays on a document that somebody renames", async () => {
  const { anna, ben } = await world.twoPeople();
  const { window } = anna;
  for (const title of ["Melons", "Pears", "Apples"]) await window.newDocument(title);
  await ben.window.open("Apples");
  await window.press("Alt+1");
  const onIt = "aside .current .open";
  await window.is("the list of documents", () => window.focusIs(onIt));
  for (const title of ["Oranges", "Quinces", "Bananas"]) {
    await ben.window.press("F2", "Control+a");
    await ben.window.type(title);
    await ben.window.press("Enter");
    const entry = `aside .current .open[title="${title}"]`;
    await window.is(`a document called ${title}`, () => window.has(entry));
    expect(await window.focusIs(entry), `the focus on ${title}`).toBe(true);
  }
});

/** A dialog that a command opens. */
async function openDialog(window: Window, name: string): Promise<void> {
  await window.press("Control+k");
  await window.shows(".palette-input");
  await window.type(name.replace("…", ""));
  await window.is(`the command "${name}"`, () => window.offers(name));
  await window.press("Enter");
  await window.hides(".palette-input");
  await window.shows("[role=dialog], [role=alertdialog]");
}

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly string[];
}

async function good(window: Window, screen: string): Promise<void> {
  await window.is("the window at rest", async () => !(await window.isMoving()));
  await window.screen.evaluate(runAxe);
  const violations = await until(`axe on ${screen}`, () => window.screen.evaluate(readAxe));
  const serious = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
  expect(serious, screen).toEqual([]);
}

declare const window: {
  axe: { run(options: object): Promise<{ violations: AxeViolation[] }> };
  found: Violation[] | null;
};

interface AxeViolation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string }[];
}

function runAxe(): void {
  window.found = null;
  const options = { resultTypes: ["violations"] };
  void window.axe.run(options).then(({ violations }) => {
    window.found = violations.map(({ id, impact, nodes }) => ({
      id,
      impact: impact ?? "",
      nodes: nodes.map(({ html }) => html.slice(0, 200)),
    }));
  });
}

function readAxe(): Violation[] | null {
  return window.found;
}

function focusOnScreen(): { name: string; visible: boolean } {
  const element = document.activeElement;
  if (!(element instanceof HTMLElement) || element === document.body) {
    return { name: "", visible: false };
  }
  const name = element.getAttribute("aria-label") ?? element.textContent?.trim() ?? "";
  const { width, height, left, top } = element.getBoundingClientRect();
  const inside = width > 0 && height > 0 && left < innerWidth && top < innerHeight;
  const style = getComputedStyle(element);
  const own = style.outlineStyle !== "none" || element.matches(".cm-content, textarea, input");
  return { name: name || element.tagName, visible: inside && own };
}
