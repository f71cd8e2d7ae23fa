// One panel of a window, as a person sees and uses it.
import type { Screen } from "../driver/engine";
import { until, untilEqual } from "../driver/until";

/** A line on screen. */
export interface ShownLine {
  readonly id: string;
  readonly depth: number;
  readonly kind: string;
  readonly text: string;
}

export class Panel {
  readonly screen: Screen;
  readonly #place: number;

  /** `place` counts the panels of a window from 0, as they stand from left to right. */
  constructor(screen: Screen, place = 0) {
    this.screen = screen;
    this.#place = place;
  }

  async lines(): Promise<readonly ShownLine[]> {
    return this.screen.evaluate(readLines, this.#place);
  }

  /** The lines' texts, two spaces a depth. */
  async outline(): Promise<readonly string[]> {
    return (await this.lines()).map((line) => "  ".repeat(line.depth) + line.text);
  }

  async title(): Promise<string> {
    return this.screen.evaluate(readTitle, this.#place);
  }

  async shows(...expected: readonly string[]): Promise<void> {
    await untilEqual("the lines on screen", expected, () => this.outline());
  }

  /** The line that says `text`, once it is there. */
  async line(text: string): Promise<ShownLine> {
    return until(`a line that says "${text}"`, async () =>
      (await this.lines()).find((line) => line.text === text),
    );
  }

  async kindOf(text: string): Promise<string> {
    return (await this.line(text)).kind;
  }

  /** Puts the caret behind the first `offset` characters of the line that says `text`. */
  async placeCaret(text: string, offset: number): Promise<void> {
    const { id } = await this.line(text);
    const panel = await this.screen.evaluate(readNumber, this.#place);
    await this.screen.click(`[data-panel="${panel}"] [data-line="${id}"]`);
    await this.screen.press("Home");
    for (let step = 0; step < offset; step++) await this.screen.press("ArrowRight");
  }

  /** Puts the caret into a panel that has no line yet. */
  async placeCaretInEmpty(): Promise<void> {
    const panel = await this.screen.evaluate(readNumber, this.#place);
    await this.screen.click(`[data-panel="${panel}"] .cm-content`);
  }

  async placeCaretAtEnd(text: string): Promise<void> {
    await this.placeCaret(text, 0);
    await this.screen.press("End");
  }
}

function readLines(place: number): ShownLine[] {
  const panel = document.querySelectorAll("[data-panel]")[place];
  return [...(panel?.querySelectorAll<HTMLElement>("[data-line]") ?? [])].map((element) => {
    const copy = element.cloneNode(true) as HTMLElement;
    // What is drawn around the text: other people's carets, tags, properties.
    copy
      .querySelectorAll("[contenteditable=false], [aria-hidden]")
      .forEach((part) => part.remove());
    return {
      id: element.dataset["line"] ?? "",
      depth: Number(element.dataset["depth"]),
      kind: element.dataset["kind"] ?? "",
      text: copy.textContent ?? "",
    };
  });
}

function readNumber(place: number): string {
  const panel = document.querySelectorAll<HTMLElement>("[data-panel]")[place];
  return panel?.dataset["panel"] ?? "";
}

function readTitle(place: number): string {
  const panel = document.querySelectorAll("[data-panel]")[place];
  const label = panel?.getAttribute("aria-label") ?? "";
  return label.replace(/^Panel(?: \d+)?: /, "");
}
