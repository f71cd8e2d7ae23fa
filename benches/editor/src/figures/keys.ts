// Key to the end of the next frame, in Tideline and in the bare editor, in turn.

import type { Screen } from "../../../../tests/e2e/driver/engine";
import { until } from "../../../../tests/e2e/driver/until";
import { keyFrames, seenLine, watchKeys } from "../probe";
import { type Figure, p95, told } from "../report";
import type { Sight } from "../sight";

const BLOCKS = 5;
const KEYS_IN_BLOCK = 40;
/** The first keys warm the engine's compiler up. */
const KEYS_BEFORE = 40;
const LETTERS = "tideline has no wait between key and line ";

export async function keys({ tideline, bare, note, name }: Sight): Promise<readonly Figure[]> {
  const screens = [tideline.app.first, bare.app.first] as const;
  for (const screen of screens) await putCaret(screen);
  const frames: [number[], number[]] = [[], []];
  for (const screen of screens) await typed(screen, KEYS_BEFORE);
  for (let block = 0; block < BLOCKS; block++) {
    for (const at of [0, 1] as const) {
      frames[at].push(...(await typed(screens[at], KEYS_IN_BLOCK)));
    }
  }
  const [ours, theirs] = frames;
  note(`key to frame: ${told(ours)} ms; bare CodeMirror: ${told(theirs)} ms`);
  return [
    { name: name("key-over-bare-p95"), ours: p95(ours) - p95(theirs), unit: "ms", target: 2 },
  ];
}

/** At the end of a line in the middle of the window. */
export async function putCaret(screen: Screen): Promise<string> {
  const line = await until("a line in sight", () => screen.evaluate(seenLine, 0.5));
  if (line.id === "") await screen.click(".cm-line:nth-child(12)");
  else await screen.click(`.cm-line[data-line="${line.id}"]`);
  await screen.press("End");
  return line.id;
}

async function typed(screen: Screen, count: number): Promise<readonly number[]> {
  await screen.evaluate(watchKeys);
  for (let at = 0; at < count; at++) await screen.type(LETTERS[at % LETTERS.length] ?? " ");
  return until("the frames behind the keys", async () => {
    const frames = await screen.evaluate(keyFrames);
    return frames.length >= count && frames;
  });
}
