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

const EDITOR = ".cm-content";
const SHOWN_PAGE = ".page-name[data-state=active]";
const CHOSEN_THEME = ".segment[data-state=checked]";

/** More fields than any dialog has. */
const TABS_MAX = 40;

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

  /** Pastes what another program put into the clipboard. */
  async paste(text: string): Promise<void> {
    await this.screen.evaluate(pasteText, text);
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

  /** From now on notes with every frame what the first panel shows while the status calls it saved. */
  async watchSaved(): Promise<void> {
    await this.screen.evaluate(noteSaved);
  }

  /** What stood there when everything was called saved for the last time. */
  async lastSaved(): Promise<string> {
    return this.screen.evaluate(() => document.documentElement.dataset["lastSaved"] ?? "");
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

  /** In the settings, by keyboard: the themes stand beside each other. */
  async chooseTheme(theme: "dark" | "light"): Promise<void> {
    await this.press("Control+,");
    await this.focusIn(CHOSEN_THEME);
    for (let shown = ""; shown !== theme;) {
      await this.press("ArrowRight");
      const before = shown;
      await until("another theme", async () => (await this.text(CHOSEN_THEME)) !== before);
      shown = (await this.text(CHOSEN_THEME)).toLowerCase();
    }
    await until(`the ${theme} theme`, async () => (await this.theme()) === theme);
    await this.press("Escape");
    await this.isInEditor();
  }

  /** Opens a page of the settings, by keyboard. */
  async openSettings(page: string): Promise<void> {
    await this.press("Control+,");
    await this.focusIn(SHOWN_PAGE);
    for (let steps = 0; (await this.text(SHOWN_PAGE)) !== page; steps++) {
      if (steps > TABS_MAX) throw new Error(`the settings have no page "${page}"`);
      const before = await this.text(SHOWN_PAGE);
      await this.press("ArrowDown");
      await until("another page", async () => (await this.text(SHOWN_PAGE)) !== before);
    }
  }

  /** The tabs of all panels, the shown ones starred; nothing where a panel has no other tab. */
  async tabs(): Promise<readonly string[]> {
    return this.screen.evaluate(readTabs);
  }

  /** Drags with the pointer from the middle of one element to a place in another, in parts of it. */
  async drag(from: string, to: string, x = 0.5, y = 0.5): Promise<void> {
    await this.shows(from);
    await this.screen.evaluate(dragTo, from, to, x, y);
  }

  /** Waits until `check` holds. */
  async is(what: string, check: () => Promise<boolean>): Promise<void> {
    await until(what, check);
  }

  async has(selector: string): Promise<boolean> {
    return this.screen.evaluate(hasElement, selector);
  }

  async text(selector: string): Promise<string> {
    return (await this.screen.evaluate(readTexts, selector))[0]?.trim() ?? "";
  }

  async texts(selector: string): Promise<readonly string[]> {
    return this.screen.evaluate(readTexts, selector);
  }

  async focusIs(selector: string): Promise<boolean> {
    return this.screen.evaluate(isFocused, selector);
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
    await this.isInEditor();
  }

  /** Waits until what is typed goes into a document. */
  async isInEditor(): Promise<void> {
    await until("the editor to have the focus", () => this.screen.evaluate(isFocused, EDITOR));
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
    await this.isInEditor();
    const panel = this.panel();
    await until(`a panel called ${title}`, async () => (await panel.title()) === title);
    return panel;
  }

  /** Whether the open palette would go to this line, document or command. */
  async offers(title: string): Promise<boolean> {
    return this.screen.evaluate(isSelected, title);
  }

  /** Goes from field to field until the one with this id has the focus. */
  async focusField(id: string): Promise<void> {
    await this.focusIn(`#${id}`);
  }

  /** Presses Tab until the focus is where the selector says. */
  async focusIn(selector: string): Promise<void> {
    await this.shows(selector);
    for (let steps = 0; !(await this.screen.evaluate(isFocused, selector)); steps++) {
      if (steps > TABS_MAX) throw new Error(`"${selector}" is not reached with Tab`);
      await this.press("Tab");
    }
  }

  /** Whether something is still fading in or sliding; carets blink for ever. */
  async isMoving(): Promise<boolean> {
    return this.screen.evaluate(() =>
      document
        .getAnimations()
        .filter((animation) => animation.effect?.getComputedTiming().endTime !== Infinity)
        .some((animation) => animation.playState === "running"),
    );
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

function pasteText(text: string): void {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  const paste = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
  document.activeElement?.dispatchEvent(paste);
}

function noteSaved(): void {
  const note = (): void => {
    const status = document.querySelector("[data-status]")?.textContent ?? "";
    const lines = document.querySelector("[data-panel]")?.querySelectorAll("[data-line]") ?? [];
    const text = [...lines].map((line) => line.textContent ?? "").join("\n");
    const saved = status.includes("Saved on this computer");
    if (saved) document.documentElement.dataset["lastSaved"] = text;
    requestAnimationFrame(note);
  };
  note();
}

function readTabs(): string[] {
  return [...document.querySelectorAll("[data-tab]")].map((tab) => {
    const title = tab.querySelector(".tab")?.textContent?.trim() ?? "";
    return tab.classList.contains("shown") ? `${title}*` : title;
  });
}

function dragTo(from: string, to: string, x: number, y: number): void {
  const source = document.querySelector(from);
  const target = document.querySelector(to);
  if (!source || !target) throw new Error(`nothing to drag from "${from}" to "${to}"`);
  const start = source.getBoundingClientRect();
  const end = target.getBoundingClientRect();
  const fire = (type: string, at: Element, clientX: number, clientY: number): void => {
    const where = { clientX, clientY, bubbles: true, cancelable: true };
    at.dispatchEvent(new PointerEvent(type, { ...where, button: 0, buttons: 1, pointerId: 1 }));
  };
  fire("pointerdown", source, start.x + start.width / 2, start.y + start.height / 2);
  const [toX, toY] = [end.x + end.width * x, end.y + end.height * y];
  fire("pointermove", source, toX - 20, toY - 20);
  fire("pointermove", target, toX, toY);
  fire("pointerup", target, toX, toY);
}

function isSelected(name: string): boolean {
  const selected = document.querySelector(".palette-item[data-selected] .palette-title");
  return (selected?.textContent ?? "").trim() === name;
}

function isFocused(selector: string): boolean {
  return document.activeElement?.matches(selector) ?? false;
}

function isTitleFocused(): boolean {
  return document.activeElement?.getAttribute("aria-label") === "Title";
}

function readTexts(selector: string): string[] {
  return [...document.querySelectorAll(selector)].map((element) => element.textContent ?? "");
}
