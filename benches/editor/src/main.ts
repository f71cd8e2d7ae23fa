// `./dev bench editor`: the real app beside a bare CodeMirror, size after size. Prints what was
// measured, and what could not be.

import { loadavg } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { startBare } from "./bare/host";
import { echo } from "./figures/echo";
import { fold, jump, openPanel, palette, zoom } from "./figures/gestures";
import { keys } from "./figures/keys";
import { backwardSteps, memory } from "./figures/scrolling";
import { start } from "./figures/start";
import { together } from "./figures/together";
import { makeOutline } from "./outline";
import { type Figure, resultLine } from "./report";
import type { Sight } from "./sight";
import { openMeasured, Tideline } from "./tideline";

const USAGE = `./dev bench editor [--lines 1000,100000,1000000] [--only FIGURE]…
Figures: keys echo fold zoom palette jump open-panel memory backward-steps start together`;

const FIGURES: Readonly<Record<string, (sight: Sight) => Promise<readonly Figure[]>>> = {
  start,
  keys,
  fold,
  zoom,
  palette,
  jump,
  "open-panel": openPanel,
  memory,
  "backward-steps": backwardSteps,
  echo,
  together,
};

/** What else the machine does is in every figure: on an idle one the first number is below 1. */
function load(): string {
  return loadavg()
    .map((part) => part.toFixed(1))
    .join(" ");
}

const built = dirname(fileURLToPath(import.meta.url));
const results: Figure[] = [];
const missing: string[] = [];

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function measure(lines: number, wanted: readonly string[]): Promise<void> {
  say(`${lines} lines`);
  const { texts, markdown } = makeOutline(lines);
  const tideline = await Tideline.create();
  const bare = await startBare(texts, built);
  const first = texts[0] ?? "";
  const note = (text: string): void => say(`  ${text}`);
  const name = (figure: string): string => `${lines}/${figure}`;
  const sight: Sight = { lines, first, tideline, bare, name, note };
  try {
    await tideline.import(markdown);
    await openMeasured(await tideline.start(), first);
    for (const figure of wanted) await one(figure, sight);
  } catch (error) {
    missing.push(`editor/${lines}: ${String(error)}`);
  } finally {
    await tideline.end();
    await bare.end();
  }
}

async function one(figure: string, sight: Sight): Promise<void> {
  try {
    const found = await FIGURES[figure]?.(sight);
    for (const result of found ?? []) {
      results.push(result);
      say(`  ${resultLine(result)}`);
    }
  } catch (error) {
    missing.push(`editor/${sight.lines}/${figure}: ${String(error)}`);
    // The window may show anything now: the next figure begins anew.
    await sight.tideline.quit();
    await sight.tideline.start();
  }
}

const { values: options } = parseArgs({
  options: {
    lines: { type: "string", default: "1000,100000,1000000" },
    only: { type: "string", multiple: true },
    help: { type: "boolean", default: false },
  },
});
const wanted = options.only ?? Object.keys(FIGURES);
const sizes = options.lines.split(",").map(Number);
// A start is measured once, on what it is hardest with among usual sizes.
const startLines = sizes.includes(100_000) ? 100_000 : sizes.at(-1);
const unknown = wanted.filter((name) => !(name in FIGURES));
if (options.help || unknown.length > 0 || !sizes.every((size) => size > 0)) {
  say(USAGE);
  process.exit(options.help ? 0 : 2);
}
say(`load of the machine: ${load()}`);
for (const size of sizes) {
  const here = wanted.filter((figure) => figure !== "start" || size === startLines);
  await measure(size, here);
}
say(`load of the machine: ${load()}\n`);
results.forEach((result) => say(resultLine(result)));
missing.forEach((text) => say(`no result for ${text}`));
