// One person's Tideline: a data folder that outlives the app, and the app while it runs.
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { App, Engine, Screen } from "../driver/engine";
import { run } from "../driver/process";
import { until } from "../driver/until";
import { program } from "./programs";
import { Window } from "./window";

/** What `tideline verify --json` says of a document. */
export interface Verified {
  readonly document: string;
  readonly title: string;
  readonly hash: string;
  readonly problems: readonly string[];
}

export class Client {
  readonly #engine: Engine;
  #app: App | undefined;
  #windows: Window[] = [];
  readonly data: string;

  private constructor(engine: Engine, data: string) {
    this.#engine = engine;
    this.data = data;
  }

  static async create(engine: Engine): Promise<Client> {
    return new Client(engine, await mkdtemp(join(tmpdir(), "tideline-e2e-")));
  }

  get window(): Window {
    const [first] = this.#windows;
    if (first === undefined) throw new Error("the app is not running");
    return first;
  }

  /** Starts the app and waits until it shows its first window. */
  async start(): Promise<Window> {
    this.#app = await this.#engine.start(this.data);
    return this.#ready(this.#app.first);
  }

  /** Starts the app, which opens two windows, and hands back the second one. */
  async startWithSecondWindow(): Promise<Window> {
    await this.start();
    const app = this.#app;
    if (app === undefined) throw new Error("the app is not running");
    return this.#ready(await app.second());
  }

  async openWindow(): Promise<Window> {
    return this.windowOf(() => this.window.press("Control+Shift+N"));
  }

  /** Does `action` and hands back the window that it opens. */
  async windowOf(action: () => Promise<unknown>): Promise<Window> {
    const app = this.#app;
    if (app === undefined) throw new Error("the app is not running");
    const screen = await app.opened(async () => {
      await action();
    });
    return this.#ready(screen);
  }

  async quit(): Promise<void> {
    await this.#end((app) => app.quit());
  }

  /** As a power cut would. */
  async kill(): Promise<void> {
    await this.#end((app) => app.kill());
  }

  /** Only while the app is not running: one process at a time may use a data folder. */
  async connect(url: string, token: string): Promise<void> {
    await this.command("connect", url, token);
  }

  async verify(): Promise<readonly Verified[]> {
    return JSON.parse(await this.command("--json", "verify")) as Verified[];
  }

  async command(...words: readonly string[]): Promise<string> {
    return run(program("tideline"), ["--data", this.data, ...words]);
  }

  async tell(): Promise<string> {
    const told = [`--- ${this.data}`];
    for (const window of this.#windows) {
      told.push((await window.status()).text, ...(await window.notices()));
      for (let place = 0; place < (await window.panels()); place++) {
        const panel = window.panel(place);
        told.push(`[${await panel.title()}]`, ...(await panel.outline()));
      }
    }
    return told.join("\n");
  }

  async #ready(screen: Screen): Promise<Window> {
    const window = new Window(screen);
    this.#windows.push(window);
    await window.isReady();
    return window;
  }

  async #end(how: (app: App) => Promise<void>): Promise<void> {
    const app = this.#app;
    [this.#app, this.#windows] = [undefined, []];
    if (app !== undefined) await how(app);
  }
}

/** Waits until both say that everything is on disk and on the server. */
export async function settled(...clients: readonly Client[]): Promise<void> {
  await until("everything to be on the server", async () => {
    for (const client of clients) {
      const status = await client.window.status();
      if (status.level !== "safe" || status.server !== "connected") return false;
    }
    return true;
  });
}
