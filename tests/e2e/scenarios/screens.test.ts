// Every screen there is, in light and dark, as pictures: into the folder $TIDELINE_SCREENSHOTS when it
// is set. Run without it, they show that every screen can be reached.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { beforeAll, test } from "vitest";

import type { Client } from "../world/client";
import { useWorld } from "../world/world";
import type { Window } from "../world/window";

const world = useWorld();
const folder = process.env["TIDELINE_SCREENSHOTS"];

beforeAll(async () => {
  if (folder) await mkdir(folder, { recursive: true });
});

test.each(["light", "dark"] as const)("every screen in %s", async (theme) => {
  const { anna, ben } = await world.twoPeople();
  const window = anna.window;
  await window.chooseTheme(theme);
  const picture = (name: string): Promise<void> => take(window, `${name}-${theme}`);

  await picture("welcome");
  await writeTrip(window);
  await picture("outline");
  await joinIn(ben);
  await window.press("Control+\\");
  await window.is("two panels", async () => (await window.panels()) === 2);
  await window.panel(1).placeCaret("Book the cabin", 0);
  await window.press("Alt+ArrowRight");
  await window.panel(1).line("Ask about the boat, Ben");
  await window.shows(".presence-caret");
  await picture("panels");
  await window.press("Alt+w");

  await window.press("Control+k");
  await window.type("head");
  await window.is("a command", () => window.offers("Heading 1"));
  await picture("palette");
  await window.press("Escape");
  await window.isInEditor();
  await window.press("Control+Shift+F");
  await window.type("boat");
  await window.shows(".palette-heading");
  await picture("search");
  await window.press("Escape");
  await window.isInEditor();
  for (const page of ["Looks", "Reading and writing", "Keys", "You", "Sync server"]) {
    await window.openSettings(page);
    await picture(`settings-${page.split(" ")[0]?.toLowerCase()}`);
    await window.press("Escape");
    await window.isInEditor();
  }
  await window.press("Alt+t");
  await window.type("Welcome");
  await window.is("the document", () => window.offers("Welcome"));
  await window.press("Enter", "Control+Alt+o");
  await window.shows("[data-outline] .heading");
  await picture("tabs");
  await window.press("F9");
  await window.shows("[role=toolbar]");
  await picture("reading");
  await window.press("Escape", "Control+Alt+o", "Alt+w");
  await window.isInEditor();
  await window.press("Control+b", "Alt+w");
  await window.is("no panel", async () => (await window.panels()) === 0);
  await picture("empty");
});

/** Prefix, depth and text of each line; a line without a prefix is of the kind of the one above. */
const TRIP: readonly (readonly [string, number, string])[] = [
  ["", 0, "Four days on the lake, five people, one boat that floats."],
  ["## ", 0, "Before we go"],
  ["[] ", 1, "Book the cabin"],
  ["", 2, "Ask about the boat"],
  ["[x] ", 1, "Tell everybody the date"],
  ["", 1, "Charts and a second compass"],
  ["## ", 0, "On board"],
  ["- ", 1, "Bread, cheese, olives"],
  ["", 1, "Two ropes of 20 m"],
  ["1. ", 1, "Cast off"],
  ["", 1, "Hoist the mainsail"],
  ["", 1, "Mind the boom"],
  ["> ", 0, "There is nothing half so much worth doing as messing about in boats."],
  ["```", 0, "wind = 12  # knots, south-west"],
];

async function writeTrip(window: Window): Promise<void> {
  await window.newDocument("Sailing trip");
  let at = 0;
  for (const [index, [prefix, depth, text]] of TRIP.entries()) {
    if (index > 0) await window.press("Enter");
    for (; at < depth; at++) await window.press("Tab");
    for (; at > depth; at--) await window.press("Shift+Tab");
    await window.type(prefix + text);
  }
  const texts = TRIP.map(([, depth, text]) => "  ".repeat(depth) + text);
  await window.panel().shows(...texts);
}

/** Ben answers, and stays where he wrote. */
async function joinIn(ben: Client): Promise<void> {
  const panel = await ben.window.open("Sailing trip");
  await panel.placeCaretAtEnd("Ask about the boat");
  await ben.window.type(", Ben");
}

async function take(window: Window, name: string): Promise<void> {
  await window.is("the window at rest", async () => !(await window.isMoving()));
  if (folder) await window.screen.screenshot(join(folder, `${world.engine.name}-${name}.png`));
}
