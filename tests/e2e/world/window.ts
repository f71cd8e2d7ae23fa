// One window, as a person sees and uses it: panels, palette, dialogs, status.
import type { Screen } from "../driver/engine";
import { until } from "../driver/until";
import { Panel } from "./panel";

export interface ShownStatus {
  /** "safe" when everything is where it should be. */
  readonly level: string;
  readonly server: string;
  readonly pending: number;
  readonly text: string;
}

export class Window {
  readonly screen: Screen;

  constructor(screen: Screen) {
    this.screen = screen;
  }

  panel(place = 0): Panel {
    return new Panel(this.screen, place);
  }

  async isReady(): Promise<void> {
    await until("a status", () => this.screen.evaluate(hasElement, "[data-status]"));
    await until("a panel with its lines", () => this.screen.evaluate(hasElement, "[data-panel]"));
  }

  async press(...chords: readonly string[]): Promise<void> {
    for (const chord of chords) await this.screen.press(chord);
  }

  async type(text: string): Promise<void> {
    await this.screen.type(text);
  }

  async status(): Promise<ShownStatus> {
    return this.screen.evaluate(readStatus);
  }

  /** Waits until the status says something that matches, and hands that back. */
  async says(pattern: RegExp): Promise<string> {
    let last = "";
    const told = await until(`the status to say ${pattern}`, async () => {
      last = (await this.status()).text;
      return pattern.test(last) && last;
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}; it says "${last}"`);
    });
    return told;
  }

  /** Waits until everything that was written is on disk. */
  async isSaved(): Promise<void> {
    await this.says(/^Saved on this computer/);
  }

  async panels(): Promise<number> {
    return this.screen.evaluate(countElements, "[data-panel]");
  }

  async theme(): Promise<string | undefined> {
    return this.screen.evaluate(() => document.documentElement.dataset["theme"]);
  }

  /** Waits until `check` holds. */
  async is(what: string, check: () => Promise<boolean>): Promise<void> {
    await until(what, check);
  }

  async has(selector: string): Promise<boolean> {
    return this.screen.evaluate(hasElement, selector);
  }

  async shows(selector: string): Promise<void> {
    await until(`"${selector}" to be shown`, () => this.has(selector));
  }

  async hides(selector: string): Promise<void> {
    await until(`"${selector}" to go`, async () => !(await this.has(selector)));
  }

  /** Chooses a command as a person does who knows a part of its name. */
  async command(name: string): Promise<void> {
    await this.press("Control+k");
    await this.shows(".palette-input");
    await this.type(name);
    await until(`the command "${name}"`, () => this.screen.evaluate(isSelected, name));
    await this.press("Enter");
    await this.hides(".palette-input");
  }

  /** A new document with this title, and the caret in its first line. */
  async newDocument(title: string): Promise<Panel> {
    await this.press("Alt+n");
    await until("the title to be asked for", () => this.screen.evaluate(isTitleFocused));
    await this.type(title);
    await this.press("Enter");
    const panel = this.panel();
    await until(`a panel called ${title}`, async () => (await panel.title()) === title);
    return panel;
  }

  /** Opens a document that the sidebar lists. */
  async open(title: string): Promise<Panel> {
    await this.press("Control+p");
    await this.shows(".palette-input");
    await this.type(title);
    await until(`the document "${title}"`, () => this.screen.evaluate(isSelected, title));
    await this.press("Enter");
    await this.hides(".palette-input");
    const panel = this.panel();
    await until(`a panel called ${title}`, async () => (await panel.title()) === title);
    return panel;
  }

  /** What the window tells besides: what happened, what is safe, what to do. */
  async notices(): Promise<readonly string[]> {
    return this.screen.evaluate(readTexts, ".notice");
  }

  /** Titles in the sidebar. */
  async documents(): Promise<readonly string[]> {
    return this.screen.evaluate(readTexts, "aside .document .title");
  }
}

function hasElement(selector: string): boolean {
  return document.querySelector(selector) !== null;
}

function countElements(selector: string): number {
  return document.querySelectorAll(selector).length;
}

function readStatus(): ShownStatus {
  const element = document.querySelector<HTMLElement>("[data-status]");
  return {
    level: element?.dataset["status"] ?? "",
    server: element?.dataset["server"] ?? "",
    pending: Number(element?.dataset["pending"]),
    text: element?.textContent?.trim() ?? "",
  };
}

function isSelected(name: string): boolean {
  const selected = document.querySelector(".palette-item[data-selected] .palette-title");
  return (selected?.textContent ?? "").trim() === name;
}

function isTitleFocused(): boolean {
  return document.activeElement?.getAttribute("aria-label") === "Title";
}

function readTexts(selector: string): string[] {
  return [...document.querySelectorAll(selector)].map((element) => element.textContent ?? "");
}
