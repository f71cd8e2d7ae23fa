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

  /** Numbered lines with the numbers that stand before them. */
  async numbered(): Promise<readonly string[]> {
    return this.screen.evaluate(readNumbered, this.#place);
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

  /** Pulls a line by its bullet into the upper or lower half of another one, at a depth. */
  async dragLine(
    text: string,
    to: { readonly text: string; readonly half: "upper" | "lower"; readonly depth: number },
  ): Promise<void> {
    const [source, target] = [(await this.line(text)).id, (await this.line(to.text)).id];
    const place = await this.screen.evaluate(readNumber, this.#place);
    const path = await this.screen.evaluate(dragPath, place, source, target, to.half, to.depth);
    await this.screen.pull(path);
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

/** From the middle of a bullet, a little aside, to where the gap and the depth are aimed at. */
function dragPath(
  panel: string,
  source: string,
  target: string,
  half: "upper" | "lower",
  depth: number,
): { x: number; y: number }[] {
  const row = (id: string): { box: DOMRect; depth: number } => {
    const found = document.querySelector<HTMLElement>(
      `[data-panel="${panel}"] [data-line="${id}"]`,
    );
    if (!found) throw new Error(`line ${id} is not on screen`);
    return { box: found.getBoundingClientRect(), depth: Number(found.dataset["depth"]) };
  };
  const column = 24;
  const [from, to] = [row(source), row(target)];
  const x = from.box.left + (from.depth + 1.5) * column;
  const y = from.box.top + from.box.height / 2;
  const endX = to.box.left + (depth + 1.5) * column;
  const endY = half === "upper" ? to.box.top + 3 : to.box.bottom - 3;
  const places = [
    { x, y },
    { x: x + 8, y: y + 2 },
    { x: endX, y: (y + endY) / 2 },
    { x: endX, y: endY },
  ];
  return places.map((place) => ({ x: Math.round(place.x), y: Math.round(place.y) }));
}

function readNumbered(place: number): string[] {
  const panel = document.querySelectorAll("[data-panel]")[place];
  const rows = panel?.querySelectorAll<HTMLElement>("[data-kind=numbered]") ?? [];
  return [...rows].map((row) => `${row.dataset["number"] ?? ""} ${row.textContent ?? ""}`);
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
