// From the start of the process to the first row on screen, with the document that was open last.

import { until } from "../../../../tests/e2e/driver/until";
import { firstRow } from "../probe";
import { type Figure, median, told } from "../report";
import type { Sight } from "../sight";

const STARTS = 5;

export async function start({ tideline, note }: Sight): Promise<readonly Figure[]> {
  const taken: number[] = [];
  for (let at = 0; at < STARTS; at++) {
    await tideline.quit();
    await tideline.start();
    const painted = await until("a row", () => tideline.app.first.evaluate(firstRow));
    taken.push(painted - (await tideline.startedAt()));
  }
  note(`start: ${told(taken)} ms`);
  return [{ name: "start", ours: median(taken), unit: "ms", target: 600, values: taken }];
}
