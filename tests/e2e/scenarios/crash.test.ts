// Power cuts while somebody types: what was shown as saved is there afterwards.
import { expect, test } from "vitest";

import { until } from "../driver/until";
import { settled } from "../world/client";
import type { Window } from "../world/window";
import { useWorld } from "../world/world";

const world = useWorld();

/** `./dev test --cycles N` sets it. */
const CYCLES = Number(process.env["TIDELINE_CYCLES"] ?? 3);
const TIMEOUT_MS = 120_000 + CYCLES * 20_000;

test(
  "killing the client in the middle of typing loses nothing that was shown as saved",
  async () => {
    const client = await world.client();
    await (await client.start()).newDocument("Diary");
    for (let cycle = 1; cycle <= CYCLES; cycle++) {
      await client.window.watchSaved();
      await client.window.type(`cycle ${cycle}`);
      const before = await shownAsSaved(client.window, `cycle ${cycle}`);
      const typing = typeOn(client.window);
      await client.window.is("more words", async () => isLonger(client.window, before));
      const saved = await client.window.lastSaved();
      await client.kill();
      await typing;

      const panel = await (await client.start()).open("Diary");
      await panel.screen.press("Control+End");
      await client.window.is("the lines", async () => (await panel.lines()).length > 0);
      expect((await panel.outline()).join("\n").slice(0, saved.length)).toBe(saved);
      await client.window.press("Enter");
    }
    await client.quit();
    expect((await client.verify()).flatMap(({ problems }) => problems)).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  "killing the server in the middle of typing loses nothing, and both go on by themselves",
  async () => {
    const { server, anna, ben } = await world.twoPeople();
    await anna.window.newDocument("Diary");
    await anna.window.type("before");
    await ben.window.open("Diary");
    await ben.window.panel().shows("before");
    const lines = ["before"];
    for (let cycle = 1; cycle <= CYCLES; cycle++) {
      const line = `written around crash ${cycle}`;
      lines.push(line);
      await anna.window.press("Enter");
      const typing = anna.window.type(line);
      await server.kill();
      await typing;
      await anna.window.says(/Saved on this computer · \d+ changes? waiting for the server/);
      await server.start();
      await settled(anna, ben);
      await anna.window.panel().shows(...lines);
      await ben.window.panel().shows(...lines);
    }
  },
  TIMEOUT_MS,
);

test("killing both at once loses nothing that was shown as saved, here or on the server", async () => {
  const { server, anna, ben } = await world.twoPeople();
  await anna.window.newDocument("Diary");
  await anna.window.type("on the server");
  await anna.window.press("Enter");
  await settled(anna);
  await ben.window.open("Diary");
  const typing = typeOn(anna.window);
  await anna.window.is("more words", async () => isLonger(anna.window, "on the server"));
  await Promise.all([server.kill(), anna.kill()]);
  await typing;

  await server.start();
  await anna.start();
  const panel = await anna.window.open("Diary");
  await settled(anna, ben);
  const [saved, ...more] = await panel.outline();
  expect(saved).toBe("on the server");
  await ben.window.panel().shows(saved ?? "", ...more);
});

/** Types until the window is gone. */
async function typeOn(window: Window): Promise<void> {
  try {
    for (let word = 1; ; word++) await window.type(` word${word}`);
  } catch {
    // The app was killed: that is what this is about.
  }
}

/** All that was on screen when the status called everything saved, once `text` is in it. */
async function shownAsSaved(window: Window, text: string): Promise<string> {
  return until(`"${text}" to be shown as saved`, async () => {
    const saved = await window.lastSaved();
    return saved.includes(text) && saved;
  });
}

async function isLonger(window: Window, before: string): Promise<boolean> {
  const now = (await window.panel().outline()).join("\n");
  return now.length > before.length + 10;
}
