// A document of which a panel never holds all rows: scrolled, jumped in, written in, copied and
// searched, alone and while somebody else writes.
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, test } from "vitest";

import { settled } from "../world/client";
import type { Client } from "../world/client";
import type { Window } from "../world/window";
import { useWorld } from "../world/world";

const world = useWorld();

const CHAPTERS = 600;
const ROWS = CHAPTERS * 101 + 1;

/** Writes the document to a file and imports it. */
async function importLong(client: Client): Promise<void> {
  const lines: string[] = [];
  for (let chapter = 1; chapter <= CHAPTERS; chapter++) {
    lines.push(`# Chapter ${chapter}`, "");
    for (let line = 1; line <= 100; line++) lines.push(`- line ${chapter}.${line} of the tide`);
    lines.push("");
  }
  lines.push("# The end");
  await client.command("import", await fileOf("long.md", lines));
}

async function fileOf(name: string, lines: readonly string[]): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), "tideline-long-")), name);
  await writeFile(file, lines.join("\n"));
  return file;
}

async function place(window: Window): Promise<string> {
  return window.text(".place");
}

async function isAt(window: Window, row: number): Promise<void> {
  const said = `Line ${row.toLocaleString("en")} of ${ROWS.toLocaleString("en")}`;
  await window.is(`the caret at "${said}"`, async () => (await place(window)) === said);
}

test("a long document: to its end and back, written in at both ends", async () => {
  const client = await world.client();
  await importLong(client);
  const window = await client.start();
  await window.open("Chapter 1");
  await window.panel().line("Chapter 1");
  await window.press("Control+End");
  await isAt(window, ROWS);
  await window.type(" is written");
  await window.panel().line("The end is written");
  await window.press("Control+Home");
  await isAt(window, 1);
  await window.panel().line("Chapter 1");
  await window.isSaved();
});

test("typing starts before the document is read, and nothing of it is lost", async () => {
  const client = await world.client();
  await importLong(client);
  await client.command("import", await fileOf("short.md", ["# Elsewhere", "", "- nothing"]));
  const window = await client.start();
  await window.open("Elsewhere");
  await window.panel().line("nothing");
  // The next words follow the click as fast as keys can: the document is not in memory.
  await window.open("Chapter 1");
  await window.panel().line("Chapter 1");
  await window.press("Control+Home");
  await window.press("End");
  await window.type(" begins");
  await window.press("Control+End");
  await window.type(" is written");
  await window.panel().line("The end is written");
  await isAt(window, ROWS);
  await window.press("Control+Home");
  await window.panel().line("Chapter 1 begins");
  await window.isSaved();
  await client.quit();
  expect((await client.verify()).flatMap(({ problems }) => problems)).toEqual([]);
});

test("what was typed before the document is read stays in it although one goes elsewhere", async () => {
  const client = await world.client();
  await importLong(client);
  await client.command("import", await fileOf("short.md", ["# Elsewhere", "", "- nothing"]));
  const window = await client.start();
  await window.open("Chapter 1");
  await window.panel().line("Chapter 1");
  await window.press("Control+Home");
  await window.press("End");
  await window.type(" begins");
  await window.open("Elsewhere");
  await window.panel().line("nothing");
  await window.isSaved();
  await window.open("Chapter 1");
  await window.panel().line("Chapter 1 begins");
});

test("what is far away is found, and typing comes back to it", async () => {
  const client = await world.client();
  await importLong(client);
  const window = await client.start();
  await window.open("Chapter 1");
  await window.panel().line("Chapter 1");
  await window.press("Control+f");
  await window.shows(".find-field");
  await window.type("line 437.50 of");
  await window.press("Enter");
  await window.is("one match", async () =>
    /^1 of 1$|^1 match$/.test(await window.text(".find-status")),
  );
  await window.press("Escape");
  await window.type("found");
  await window.panel().line("found the tide");
});

test("somebody who writes above does not move what is seen", async () => {
  const { anna, ben } = await world.twoPeople();
  await anna.quit();
  await importLong(anna);
  const annas = await anna.start();
  await settled(anna);
  await annas.open("Chapter 1");
  await annas.panel().line("Chapter 1");
  await ben.window.open("Chapter 1");
  await ben.window.panel().line("Chapter 1");
  await ben.window.press("Control+End");
  await isAt(ben.window, ROWS);
  const before = await topOf(ben.window, "The end");
  await annas.press("Control+Home");
  await annas.type("new");
  for (let line = 0; line < 5; line++) await annas.press("Enter");
  await ben.window.is("the new lines counted", async () =>
    (await place(ben.window)).endsWith(`of ${(ROWS + 5).toLocaleString("en")}`),
  );
  expect(await topOf(ben.window, "The end")).toBe(before);
});

async function topOf(window: Window, text: string): Promise<number> {
  const { id } = await window.panel().line(text);
  return window.screen.evaluate(readTop, id);
}

function readTop(id: string): number {
  return Math.round(
    document.querySelector(`[data-line="${id}"]`)?.getBoundingClientRect().top ?? -1,
  );
}
