// The interface in Chromium, as `tideline serve` offers it.
import {
  type Browser,
  type BrowserContext,
  type CDPSession,
  chromium,
  type Page,
} from "playwright-core";

import {
  type App,
  call,
  codeOf,
  type Engine,
  type InPage,
  type Place,
  type Screen,
} from "./engine";
import { Program } from "./process";
import { until } from "./until";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const SIZE = { width: 1200, height: 800 };

export async function chromiumEngine(tideline: string): Promise<Engine> {
  const executablePath = process.env["TIDELINE_CHROMIUM"] ?? "/usr/bin/chromium";
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  return {
    name: "chromium",
    start: (data) => startApp(browser, tideline, data),
    close: () => browser.close(),
  };
}

async function startApp(browser: Browser, tideline: string, data: string): Promise<App> {
  const server = new Program(tideline, ["--data", data, "--json", "serve"]);
  const [, url = ""] = await server.says(/"url": ?"([^"]+)"/);
  const context = await browser.newContext({ viewport: SIZE });
  const page = await context.newPage();
  await page.goto(url);
  return {
    first: new Tab(page),
    opened: async (action) => {
      const [opened] = await Promise.all([context.waitForEvent("page"), action()]);
      return new Tab(opened);
    },
    second: async () => new Tab(await until("a second tab", () => context.pages()[1])),
    quit: async () => {
      await leave(context);
      await end(context, () => server.stop());
    },
    kill: () => end(context, () => server.kill()),
  };
}

/** Whoever ends the server does so in another window. */
async function leave(context: BrowserContext): Promise<void> {
  for (const page of context.pages()) await page.evaluate("dispatchEvent(new Event('blur'))");
}

async function end(context: BrowserContext, server: () => Promise<void>): Promise<void> {
  await server();
  await context.close();
}

class Tab implements Screen {
  readonly #page: Page;
  #devTools: CDPSession | undefined;
  #composed = "";

  constructor(page: Page) {
    this.#page = page;
  }

  async #session(): Promise<CDPSession> {
    this.#devTools ??= await this.#page.context().newCDPSession(this.#page);
    return this.#devTools;
  }

  async evaluate<A extends readonly unknown[], R>(work: InPage<A, R>, ...args: A): Promise<R> {
    return this.#page.evaluate<R>(call(work, args));
  }

  async load(source: string): Promise<void> {
    await this.#page.evaluate(`${source}; undefined`);
  }

  async press(chord: string): Promise<void> {
    await this.#page.keyboard.press(chord);
  }

  async type(text: string): Promise<void> {
    await this.#page.keyboard.type(text);
  }

  async click(selector: string): Promise<void> {
    await this.#page.click(selector);
  }

  async pull([start, ...path]: readonly Place[]): Promise<void> {
    const { mouse } = this.#page;
    if (start === undefined) return;
    await mouse.move(start.x, start.y);
    await mouse.down();
    for (const { x, y } of path) await mouse.move(x, y, { steps: 4 });
    await mouse.up();
  }

  async compose(character: string): Promise<void> {
    const session = await this.#session();
    const code = `u${codeOf(character)}`;
    for (let end = 1; end <= code.length; end++) {
      const text = code.slice(0, end);
      await session.send("Input.imeSetComposition", {
        text,
        selectionStart: end,
        selectionEnd: end,
      });
    }
    this.#composed = character;
  }

  async commit(): Promise<void> {
    await (await this.#session()).send("Input.insertText", { text: this.#composed });
  }

  async resize(width: number, height: number): Promise<void> {
    await this.#page.setViewportSize({ width, height });
  }

  async screenshot(file: string): Promise<void> {
    await this.#page.screenshot({ path: file });
  }

  async close(): Promise<void> {
    await this.#page.close();
  }
}
