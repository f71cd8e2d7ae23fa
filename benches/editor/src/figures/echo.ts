// What is typed in one window, until the other window of the same app has it in its page.

import { until } from "../../../../tests/e2e/driver/until";
import { Window } from "../../../../tests/e2e/world/window";
import { keyTimes, rowEchoes, rowLength, scrollToPart, watchKeys, watchRow } from "../probe";
import { type Figure, p95, told } from "../report";
import type { Sight } from "../sight";
import { openMeasured } from "../tideline";
import { putCaret } from "./keys";

const KEYS = 100;

export async function echo({ tideline, note, name, first }: Sight): Promise<readonly Figure[]> {
  const here = tideline.app.first;
  await here.evaluate(scrollToPart, 0);
  const opened = await tideline.app.opened(() => here.press("Control+Shift+N"));
  const there = new Window(opened);
  await there.isReady();
  await openMeasured(there, first);
  const line = await putCaret(here);
  await until("the same line there", () => opened.evaluate(rowLength, line));
  await opened.evaluate(watchRow, line);
  const before = await here.evaluate(rowLength, line);
  await here.evaluate(watchKeys);
  for (let at = 0; at < KEYS; at++) await here.type("e");
  const echoes = await until("the last letter there", async () => {
    const seen = await opened.evaluate(rowEchoes);
    return seen.at(-1)?.length === before + KEYS && seen;
  });
  const keys = await here.evaluate(keyTimes);
  const delays = echoes.map(({ length, at }) => at - (keys[length - before - 1] ?? at));
  await opened.close();
  note(`key to the other window: ${told(delays)} ms`);
  return [{ name: name("echo-p95"), ours: p95(delays), unit: "ms", target: 10 }];
}
