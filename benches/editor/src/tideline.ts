// One person's Tideline under measurement: a data folder with one large document, and the app on it.

import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type DesktopApp, startProgram } from "../../../tests/e2e/driver/desktop";
import { run } from "../../../tests/e2e/driver/process";
import { until } from "../../../tests/e2e/driver/until";
import { program } from "../../../tests/e2e/world/programs";
import { Window } from "../../../tests/e2e/world/window";
import { hasElement } from "./probe";

export const TITLE = "Measured";

/** A document of a million lines takes this long at the worst to come from disk. */
const OPEN_MS_MAX = 120_000;
const TICKS_PER_S = 100;

export class Tideline {
  readonly data: string;
  #app: DesktopApp | undefined;

  private constructor(data: string) {
    this.data = data;
  }

  /** A replica with nothing in it. */
  static async create(): Promise<Tideline> {
    return new Tideline(await mkdtemp(join(tmpdir(), "tideline-bench-")));
  }

  async import(markdown: string): Promise<void> {
    const file = join(this.data, `${TITLE}.md`);
    await writeFile(file, `---\ntitle: ${TITLE}\n---\n\n${markdown}`);
    await this.command("import", file);
    await rm(file);
  }

  async command(...words: readonly string[]): Promise<string> {
    return run(program("tideline"), ["--data", this.data, ...words]);
  }

  get app(): DesktopApp {
    if (this.#app === undefined) throw new Error("the app is not running");
    return this.#app;
  }

  get window(): Window {
    return new Window(this.app.first);
  }

  /** Starts the app, which shows what it showed before. */
  async start(): Promise<Window> {
    this.#app = await startProgram(program("tideline"), ["--data", this.data]);
    await until("a row", () => this.app.first.evaluate(hasElement, "[data-line]"), OPEN_MS_MAX);
    return this.window;
  }

  async quit(): Promise<void> {
    const app = this.#app;
    this.#app = undefined;
    await app?.quit();
  }

  async end(): Promise<void> {
    await this.quit();
    await rm(this.data, { recursive: true, force: true });
  }

  /** When the process began; wall clock. */
  async startedAt(): Promise<number> {
    const [uptime_s] = (await readFile("/proc/uptime", "utf8")).split(" ").map(Number);
    const now = Date.now();
    const fields = await processFields(this.app.pid);
    const ticks = Number(fields[19]);
    return now - ((uptime_s ?? 0) - ticks / TICKS_PER_S) * 1000;
  }
}

/** Memory of an app's web processes, shared pages counted in part (PSS), in MB. */
export async function webMemory(app: DesktopApp): Promise<number> {
  const kilobytes = await Promise.all((await webProcesses(app.pid)).map(pssOf));
  return kilobytes.reduce((sum, one) => sum + one, 0) / 1024;
}

/** Opens the document that was imported. */
export async function openMeasured(window: Window, first: string): Promise<void> {
  await window.press("Control+p");
  await window.shows(".palette-input");
  await window.type(TITLE);
  await until("the document to be offered", () => window.offers(TITLE));
  await window.press("Enter");
  const panel = window.panel();
  const shown = async (): Promise<boolean> =>
    (await panel.lines()).some(({ text }) => text.includes(first));
  await until("its first line", shown, OPEN_MS_MAX);
  await window.isInEditor();
}

async function webProcesses(app: number): Promise<readonly number[]> {
  const children = new Map<number, { parent: number; name: string }>();
  for (const entry of await readdir("/proc")) {
    const pid = Number(entry);
    if (!pid) continue;
    const fields = await processFields(pid).catch(() => null);
    const name = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "");
    if (fields) children.set(pid, { parent: Number(fields[1]), name: name.trim() });
  }
  const below = (pid: number): boolean => {
    const parent = children.get(pid)?.parent ?? 0;
    return parent === app || (parent > 1 && below(parent));
  };
  return [...children].flatMap(([pid, { name }]) =>
    name.startsWith("WebKitWebProc") && below(pid) ? [pid] : [],
  );
}

/** What stands behind the name in `/proc/PID/stat`: the state first. */
async function processFields(pid: number): Promise<readonly string[]> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8");
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

async function pssOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
  return Number(/^Pss: +(\d+) kB/m.exec(text)?.[1] ?? 0);
}
