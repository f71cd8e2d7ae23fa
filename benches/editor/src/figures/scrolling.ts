// Jumps of the scrollbar, the memory they leave behind, and whether scrolling ever goes backward.

import { until } from "../../../../tests/e2e/driver/until";
import { Luck } from "../outline";
import { scrolled, scrollOn, scrollToPart, seenLine } from "../probe";
import type { Figure } from "../report";
import type { Sight } from "../sight";
import { webMemory } from "../tideline";

const JUMPS = 240;
const FRAMES = 3000;
const FRAMES_MS_MAX = 240_000;
const STEP_PX_MAX = 40;
const ROW_PX = 28;
const SCREEN_ROWS = 40;

export async function memory({ tideline, bare, note, name }: Sight): Promise<readonly Figure[]> {
  // What other figures left behind in the engine's heap is not what jumps cost.
  await tideline.quit();
  await tideline.start();
  const screen = tideline.app.first;
  const before = await webMemory(tideline.app);
  const luck = new Luck(13);
  for (let at = 0; at < JUMPS; at++) {
    await screen.evaluate(scrollToPart, luck.below(10_000) / 10_000);
    await until("a line in sight", () => screen.evaluate(seenLine, 0.5));
  }
  const ours = await webMemory(tideline.app);
  const theirs = await webMemory(bare.app);
  const parts = [before, theirs].map(Math.round);
  note(`web process before the jumps: ${parts[0]} MB; of the bare editor: ${parts[1]} MB`);
  return [{ name: name("web-memory"), ours, unit: "MB", target: 250 }];
}

export async function backwardSteps(sight: Sight): Promise<readonly Figure[]> {
  const screen = sight.tideline.app.first;
  const { window } = sight.tideline;
  // To the first row of all: of a long panel, scrolling up reaches the first one that is held.
  await window.isInEditor();
  await until("the first line", async () => {
    // Again, where the document was still being read.
    await window.press("Control+Home");
    return (await window.panel().lines()).some(({ text }) => text.includes(sight.first));
  });
  await screen.evaluate(scrollToPart, 0);
  const room_px = Math.max(sight.lines - SCREEN_ROWS, 1) * ROW_PX;
  await screen.evaluate(scrollOn, FRAMES, Math.max(1, Math.min(STEP_PX_MAX, room_px / FRAMES)));
  const seen = await until("3,000 frames", () => screen.evaluate(scrolled), FRAMES_MS_MAX);
  if (seen.jumps.length > 0) sight.note(`backward: ${seen.jumps.join(", ")}`);
  return [{ name: sight.name("backward-steps"), ours: seen.backward, unit: "steps", target: 0 }];
}
