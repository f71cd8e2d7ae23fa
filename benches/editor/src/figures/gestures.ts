// Fold, zoom, palette, jump, a further panel: from the key to the end of the frame that shows it.

import type { Screen } from "../../../../tests/e2e/driver/engine";
import { until } from "../../../../tests/e2e/driver/until";
import { Luck, mark } from "../outline";
import { expectNext, scrollToPart, tookNext, type Wanted } from "../probe";
import { type Figure, p95, told } from "../report";
import type { Sight } from "../sight";

const TIMES = 20;

/** How long what `act` asks for takes; it ends with the key that asks. */
async function timed(screen: Screen, wanted: Wanted, act: () => Promise<void>): Promise<number> {
  await screen.evaluate(expectNext, wanted);
  await act();
  return until(`${wanted.selector} after a key`, async () => {
    const took = await screen.evaluate(tookNext);
    return took === null ? null : { took };
  }).then(({ took }) => took);
}

function figure(sight: Sight, what: string, taken: readonly number[], target: number): Figure {
  sight.note(`${what}: ${told(taken)} ms`);
  return { name: sight.name(`${what}-p95`), ours: p95(taken), unit: "ms", target };
}

/** The caret in the first line, which is a heading with fifty lines below. */
async function atFirst({ tideline, first }: Sight): Promise<Screen> {
  const screen = tideline.app.first;
  await screen.evaluate(scrollToPart, 0);
  const { id } = await tideline.window.panel().line(first);
  await screen.click(`.cm-line[data-line="${id}"]`);
  return screen;
}

export async function fold(sight: Sight): Promise<readonly Figure[]> {
  const screen = await atFirst(sight);
  const taken: number[] = [];
  for (let at = 0; at < TIMES; at++) {
    const press = (key: string) => (): Promise<void> => screen.press(`Control+${key}`);
    taken.push(await timed(screen, { selector: ".row-folded" }, press("ArrowUp")));
    taken.push(await timed(screen, { selector: ".row-folded", count: 0 }, press("ArrowDown")));
  }
  return [figure(sight, "fold", taken, 50)];
}

export async function zoom(sight: Sight): Promise<readonly Figure[]> {
  const screen = await atFirst(sight);
  const taken: number[] = [];
  for (let at = 0; at < TIMES; at++) {
    const press = (key: string) => (): Promise<void> => screen.press(`Alt+${key}`);
    taken.push(await timed(screen, { selector: ".row-root" }, press("ArrowRight")));
    taken.push(await timed(screen, { selector: ".row-root", count: 0 }, press("ArrowLeft")));
  }
  return [figure(sight, "zoom", taken, 50)];
}

export async function palette(sight: Sight): Promise<readonly Figure[]> {
  const screen = await atFirst(sight);
  const taken: number[] = [];
  for (let at = 0; at < TIMES; at++) {
    const open = { selector: ".palette-item" };
    taken.push(await timed(screen, open, () => screen.press("Control+k")));
    await screen.press("Escape");
    await sight.tideline.window.isInEditor();
  }
  return [figure(sight, "palette", taken, 50)];
}

export async function jump(sight: Sight): Promise<readonly Figure[]> {
  const screen = await atFirst(sight);
  const { window } = sight.tideline;
  const luck = new Luck(11);
  const taken: number[] = [];
  for (let at = 0; at < TIMES; at++) {
    const text = mark(luck.below(sight.lines));
    await window.press("Control+p");
    await window.shows(".palette-input");
    await window.type(text);
    await window.is(`the line ${text} to be offered`, async () =>
      (await window.text(".palette-item[data-selected] .palette-title")).includes(`${text} `),
    );
    const line = { selector: ".cm-line", text: `${text} ` };
    taken.push(await timed(screen, line, () => screen.press("Enter")));
    await window.isInEditor();
  }
  return [figure(sight, "jump", taken, 50)];
}

export async function openPanel(sight: Sight): Promise<readonly Figure[]> {
  const screen = await atFirst(sight);
  const { window } = sight.tideline;
  const taken: number[] = [];
  for (let at = 0; at < TIMES; at++) {
    const rows = { selector: "[data-panel] .cm-line:first-child[data-line]", count: 2 };
    taken.push(await timed(screen, rows, () => screen.press("Control+\\")));
    await window.press("Alt+w");
    await window.is("one panel", async () => (await window.panels()) === 1);
    await window.isInEditor();
  }
  return [figure(sight, "open-panel", taken, 100)];
}
