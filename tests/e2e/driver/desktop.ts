// The real desktop app, driven through WebKitGTK's own driver. Each app has a display of its own, in
// memory: on a shared one only one window could have the focus.
import { readFile, writeFile } from "node:fs/promises";

import {
  type App,
  call,
  codeOf,
  type Engine,
  type InPage,
  type Place,
  type Screen,
} from "./engine";
import { freePort, Program, run } from "./process";
import { until } from "./until";
import { WebDriver } from "./webdriver";

/** Keys that write nothing have code points of their own in WebDriver. */
const KEYS: Readonly<Record<string, string>> = {
  Alt: "\uE00A",
  ArrowDown: "\uE015",
  ArrowLeft: "\uE012",
  ArrowRight: "\uE014",
  ArrowUp: "\uE013",
  Backspace: "\uE003",
  Control: "\uE009",
  Delete: "\uE017",
  End: "\uE010",
  Enter: "\uE007",
  Escape: "\uE00C",
  Home: "\uE011",
  PageDown: "\uE00F",
  PageUp: "\uE00E",
  Shift: "\uE008",
  Space: " ",
  Tab: "\uE004",
  ...Object.fromEntries(
    Array.from({ length: 12 }, (_, at) => [`F${at + 1}`, String.fromCharCode(0xe031 + at)]),
  ),
};

export function desktopEngine(tideline: string): Engine {
  return {
    name: "desktop",
    start: (data) => startProgram(tideline, ["--data", data]),
    close: () => Promise.resolve(),
  };
}

/** Starts a program with windows of WebKitGTK, on a display of its own. */
export async function startProgram(binary: string, args: readonly string[]): Promise<DesktopApp> {
  const display = new Program("Xvfb", ["-displayfd", "1", "-screen", "0", "1600x1000x24"]);
  const [, number = ""] = await display.says(/^(\d+)$/m);
  const port = await freePort();
  const driver = new Program("WebKitWebDriver", [`--port=${port}`, "--host=127.0.0.1"], {
    env: {
      DISPLAY: `:${number}`,
      GDK_BACKEND: "x11",
      // The toolkit's own input method: it needs no other program.
      GTK_IM_MODULE: "gtk-im-context-simple",
      TAURI_WEBVIEW_AUTOMATION: "true",
    },
  });
  const around = [driver, display];
  try {
    const session = await startSession(`http://127.0.0.1:${port}`, { binary, args });
    const handle = await until("a window", async () => (await session.windows())[0]);
    const windows = new Windows(session, handle, `:${number}`);
    return new DesktopApp(around, windows, handle, await onlyChild(driver.pid));
  } catch (error) {
    for (const program of around) await program.stop();
    throw error;
  }
}

async function startSession(address: string, browser: object): Promise<WebDriver> {
  await until("WebKitWebDriver to answer", () =>
    fetch(`${address}/status`).then(
      (response) => response.ok,
      () => false,
    ),
  );
  return WebDriver.start(address, { "webkitgtk:browserOptions": browser });
}

/** The app is started by the driver, which says nowhere as what. */
async function onlyChild(pid: number): Promise<number> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  const [first, ...others] = children.trim().split(" ").filter(Boolean).map(Number);
  if (first === undefined || others.length > 0) throw new Error(`children of ${pid}: ${children}`);
  return first;
}

export class DesktopApp implements App {
  readonly first: Screen;
  readonly pid: number;
  readonly #around: readonly Program[];
  readonly #windows: Windows;
  readonly #first: string;

  /** `around`: what ends after the app, in this order. */
  constructor(around: readonly Program[], windows: Windows, handle: string, pid: number) {
    this.#around = around;
    this.#windows = windows;
    this.pid = pid;
    this.#first = handle;
    this.first = new Window(windows, handle);
  }

  async opened(action: () => Promise<void>): Promise<Screen> {
    const before = await this.#windows.all();
    await action();
    const handle = await until("a second window", async () =>
      (await this.#windows.all()).find((handle) => !before.includes(handle)),
    );
    return new Window(this.#windows, handle);
  }

  async second(): Promise<Screen> {
    const handle = await until("a second window", async () =>
      (await this.#windows.all()).find((handle) => handle !== this.#first),
    );
    return new Window(this.#windows, handle);
  }

  /** Shows a page in the first window: of a program that shows any. */
  async visit(address: string): Promise<void> {
    await this.#windows.use(this.#first, (session) => session.goTo(address));
  }

  async quit(): Promise<void> {
    await this.#end("SIGTERM");
  }

  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    process.kill(this.pid, signal);
    await until("the app to end", () => hasEnded(this.pid));
    for (const program of this.#around) await program.stop();
  }
}

/** A process whose parent has not asked after it yet has ended as well. */
async function hasEnded(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => ") Z");
  return status.slice(status.lastIndexOf(")") + 2).startsWith("Z");
}

/** One session drives all windows of an app, one at a time: whoever acts switches first. */
class Windows {
  readonly #session: WebDriver;
  readonly #display: string;
  #current: string;
  #last: Promise<unknown> = Promise.resolve();

  constructor(session: WebDriver, current: string, display: string) {
    this.#session = session;
    this.#display = display;
    this.#current = current;
  }

  async use<R>(handle: string, work: (session: WebDriver) => Promise<R>): Promise<R> {
    const next = this.#last.then(async () => {
      if (handle !== this.#current) await this.#session.switchTo(handle);
      this.#current = handle;
      return work(this.#session);
    });
    this.#last = next.catch(() => undefined);
    return next;
  }

  /** Presses keys as the display does: the driver's own go past the input method. */
  async press(...keys: readonly string[]): Promise<void> {
    const window = ["search", "--onlyvisible", "--class", "tideline", "windowfocus", "--sync"];
    const pressing = [...window, "key", "--delay", "40", ...keys];
    await run("xdotool", pressing, { DISPLAY: this.#display });
  }

  async all(): Promise<readonly string[]> {
    return this.use(this.#current, (session) => session.windows());
  }
}

class Window implements Screen {
  readonly #windows: Windows;
  readonly #handle: string;

  constructor(windows: Windows, handle: string) {
    this.#windows = windows;
    this.#handle = handle;
  }

  async evaluate<A extends readonly unknown[], R>(work: InPage<A, R>, ...args: A): Promise<R> {
    return this.#use((session) => session.execute<R>(`return ${call(work, args)}`));
  }

  async load(source: string): Promise<void> {
    await this.#use((session) => session.execute(source));
  }

  async press(chord: string): Promise<void> {
    const keys = chord.split("+").map((name) => KEYS[name] ?? name);
    await this.#use((session) => session.press(keys));
  }

  async type(text: string): Promise<void> {
    await this.#use((session) => session.type(text));
  }

  async click(selector: string): Promise<void> {
    const place = await until(`"${selector}" to be shown`, () => this.evaluate(middle, selector));
    await this.#use((session) => session.clickAt(place.x, place.y));
  }

  async pull(path: readonly Place[]): Promise<void> {
    await this.#use((session) => session.pull(path));
  }

  async compose(character: string): Promise<void> {
    await this.#windows.press("ctrl+shift+u", ...codeOf(character));
  }

  async commit(): Promise<void> {
    await this.#windows.press("space");
  }

  async resize(width: number, height: number): Promise<void> {
    await this.#use((session) => session.resize(width, height));
    await until("another size", () => this.evaluate((width) => innerWidth === width, width));
  }

  async screenshot(file: string): Promise<void> {
    await this.evaluate(keepPainting);
    await writeFile(file, await this.#use((session) => session.screenshot()));
    await this.evaluate(restAgain);
  }

  async close(): Promise<void> {
    await this.#use((session) => session.closeWindow());
  }

  async #use<R>(work: (session: WebDriver) => Promise<R>): Promise<R> {
    return this.#windows.use(this.#handle, work);
  }
}

/** WebKit takes its picture with the next frame, and a page at rest never draws one. */
function keepPainting(): void {
  const frames = [{ opacity: 1 }, { opacity: 0.999 }];
  document.body.animate(frames, { duration: 100, iterations: Infinity, id: "picture" });
}

function restAgain(): void {
  for (const animation of document.getAnimations()) {
    if (animation.id === "picture") animation.cancel();
  }
}

function middle(selector: string): { x: number; y: number } | null {
  const element = document.querySelector(selector);
  element?.scrollIntoView({ block: "nearest" });
  const box = element?.getBoundingClientRect();
  if (box === undefined || box.width === 0) return null;
  return { x: Math.round(box.x + box.width / 2), y: Math.round(box.y + box.height / 2) };
}
