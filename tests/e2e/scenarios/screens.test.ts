// Every screen there is, in light and dark, as pictures: into the folder $TIDELINE_SCREENSHOTS when it
// is set. Run without it, they show that every screen can be reached.
import { mkdir, writeFile } from "node:fs/promises";
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
  await window.panel(1).placeCaretAtEnd("Ask about the boat, Ben");
  await window.press("Control+h");
  await window.shows("[role=radio].version");
  await picture("history-now");
  await window.press("ArrowDown");
  await picture("history");
  await window.press("Escape");
  await window.isInEditor();
  await window.press("Alt+w");
  await window.press("Control+f");
  await window.shows(".find");
  await window.type("boat");
  await window.is("matches", async () => (await window.text(".find-status")).includes("match"));
  await picture("find");
  await window.press("Enter");
  await picture("find-one");
  await window.press("Escape");
  await window.isInEditor();
  await window.press("Control+Alt+f");
  await window.shows(".filter");
  await window.type("boat");
  await window.is("matches", async () => (await window.text(".find-status")).includes("line"));
  await picture("filter");
  await window.press("Escape");
  await window.isInEditor();

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
  await window.press("Alt+1");
  await window.is("the list of documents", () => window.focusIs("aside .document .open"));
  await window.press("Tab", "Enter");
  await window.shows(".menu");
  await picture("menu");
  await window.press("Escape");
  for (const dialog of [
    "What is saved where",
    "Move document to a folder",
    "Move document to the bin",
  ]) {
    await window.press("Control+k");
    await window.shows(".palette-input");
    await window.type(dialog);
    await window.is(dialog, () => window.offers(`${dialog}…`));
    await window.press("Enter");
    await window.hides(".palette-input");
    await window.shows("[role=dialog], [role=alertdialog]");
    await picture(`dialog-${dialog.split(" ").at(-1)?.toLowerCase()}`);
    await window.press("Escape");
    await window.isInEditor();
  }
  await window.screen.resize(420, 700);
  await picture("narrow");
  await window.press("Control+b");
  await picture("narrow-alone");
  await window.press("Control+h");
  await window.shows("[role=radio].version");
  await picture("narrow-history");
  await window.press("Escape");
  await window.isInEditor();
  await window.screen.resize(1200, 800);
  await window.press("Control+b");
  await window.press("Control+b", "Alt+w");
  await window.is("no panel", async () => (await window.panels()) === 0);
  await picture("empty");
});

const pictures = test.runIf(folder);

pictures.each(["light", "dark"] as const)(
  "kinds of lines, dense and serif, in %s",
  async (theme) => {
    const client = await world.client();
    const window = await client.start();
    await window.chooseTheme(theme);
    const picture = (name: string): Promise<void> => take(window, `${name}-${theme}`);
    await window.newDocument("Everything");
    await window.paste(EVERYTHING);
    await window.panel().line("מה נשמע? مرحبا בעולם");
    await window.press("Control+Home");
    await picture("kinds");
    await window.press("Control+End");
    await picture("kinds-end");
    await window.openSettings("Looks");
    await window.focusIn('[aria-labelledby="density-label"] [data-state=checked]');
    await window.press("ArrowRight");
    await window.press("Escape");
    await window.isInEditor();
    await window.press("Control+Home");
    await picture("compact");
  },
);

pictures.each(["light", "dark"] as const)("a long document in %s", async (theme) => {
  const client = await world.client();
  const chapters = Array.from({ length: 300 }, (_, chapter) => [
    `# Chapter ${chapter + 1}`,
    "",
    ...Array.from({ length: 100 }, (_, line) => `- line ${chapter + 1}.${line + 1} of the tide`),
    "",
  ]);
  const file = join(client.data, "long.md");
  await writeFile(file, chapters.flat().join("\n"));
  await client.command("import", file);
  const window = await client.start();
  await window.chooseTheme(theme);
  await window.open("Chapter 1");
  await window.press("Control+End");
  await window.panel().line("line 300.100 of the tide");
  await take(window, `long-${theme}`);
});

/** Every kind of line and every mark inside of one. */
const EVERYTHING = `# A heading of the first order

Plain text with **bold**, *italic*, ~~struck~~, \`code\`, ==highlight==, [a link](https://example.org), #tag and @Anna, and it goes on for so long that it needs a second line on any screen.

## Second

### Third

- [ ] open
- [x] done
- bullet
  - below it
    - and below that
1. one
2. two
   1. two one

> quoted, and
> quoted again

\`\`\`rust
fn main() {
    println!("tide {}", 12); // comment
}
\`\`\`

| harbour | high | low |
| --- | ---: | --- |
| Terschelling | 04:12 | 10:30 |
| Vlieland | 03:58 | 10:11 |

---

מה נשמע? مرحبا בעולם
`;

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
