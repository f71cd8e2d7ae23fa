// The scrollbar of a long panel: it counts in rows, because of most rows nobody knows the height.

import { strings } from "../strings/strings";

const THUMB_MIN_PX = 28;

/** The rows that are seen, of all; `from` and `to` count from `first`. */
export interface Shown {
  readonly total: number;
  readonly first: number;
  readonly from: number;
  readonly to: number;
}

export interface ScrollbarHost {
  /** Shows the row with so many above it at the top. */
  goTo(ordinal: number): void;
  /** The bar has nothing more to do with the keys. */
  left(): void;
}

export class Scrollbar {
  readonly dom = document.createElement("div");
  private readonly thumb = document.createElement("div");
  private readonly place = document.createElement("div");
  private shown: Shown | null = null;

  constructor(private readonly host: ScrollbarHost) {
    const { dom } = this;
    dom.className = "row-scrollbar";
    dom.hidden = true;
    dom.tabIndex = 0;
    dom.setAttribute("role", "scrollbar");
    dom.setAttribute("aria-orientation", "vertical");
    dom.setAttribute("aria-label", strings.editor.rows);
    dom.setAttribute("aria-valuemin", "1");
    this.thumb.className = "row-scrollbar-thumb";
    this.place.className = "row-scrollbar-place";
    this.place.setAttribute("aria-hidden", "true");
    dom.append(this.thumb);
    this.thumb.append(this.place);
    dom.addEventListener("pointerdown", (event) => this.press(event));
    // The caret stays where it is.
    dom.addEventListener("mousedown", (event) => event.preventDefault());
    dom.addEventListener("keydown", (event) => this.key(event));
  }

  /** null where all rows are held: the system's own bar is right there. */
  show(shown: Shown | null): void {
    this.shown = shown;
    this.dom.hidden = shown === null;
    if (!shown) return;
    const { total } = shown;
    const row = shown.first + shown.from + 1;
    const say = `Row ${row.toLocaleString("en")} of ${total.toLocaleString("en")}`;
    this.place.textContent = row.toLocaleString("en");
    this.dom.setAttribute("aria-valuenow", String(row));
    this.dom.setAttribute("aria-valuemax", String(total));
    this.dom.setAttribute("aria-valuetext", say);
    this.fit();
    const height = this.dom.clientHeight;
    const length = this.thumbLength(height);
    this.thumb.style.height = `${length}px`;
    this.thumb.style.transform = `translateY(${(this.share() * (height - length)).toFixed(1)}px)`;
  }

  /** Beside what it scrolls. */
  private fit(): void {
    const scroller = this.dom.previousElementSibling;
    if (!(scroller instanceof HTMLElement)) return;
    this.dom.style.top = `${scroller.offsetTop}px`;
    this.dom.style.height = `${scroller.offsetHeight}px`;
  }

  /** How far down of all the way. */
  private share(): number {
    if (!this.shown) return 0;
    const { first, from } = this.shown;
    return Math.min(Math.max((first + from) / Math.max(this.last(), 1), 0), 1);
  }

  /** The row that is at the top when the last one is seen. */
  private last(): number {
    const { total, from, to } = this.shown ?? { total: 1, from: 0, to: 0 };
    return Math.max(total - (to - from), 1);
  }

  private thumbLength(height: number): number {
    const { total, from, to } = this.shown ?? { total: 1, from: 0, to: 0 };
    return Math.max((height * (to - from + 1)) / Math.max(total, 1), THUMB_MIN_PX);
  }

  private press(start: PointerEvent): void {
    if (start.button !== 0 || !this.shown) return;
    start.preventDefault();
    const { dom, thumb } = this;
    const box = thumb.getBoundingClientRect();
    const onThumb = start.clientY >= box.top && start.clientY <= box.bottom;
    const grip = onThumb ? start.clientY - box.top : box.height / 2;
    const move = (event: PointerEvent): void => {
      const track = dom.getBoundingClientRect();
      const way = Math.max(track.height - thumb.offsetHeight, 1);
      const share = Math.min(Math.max((event.clientY - grip - track.top) / way, 0), 1);
      this.host.goTo(Math.round(share * this.last()));
    };
    const ended = new AbortController();
    const { signal } = ended;
    const end = (): void => {
      dom.classList.remove("dragged");
      ended.abort();
    };
    dom.classList.add("dragged");
    dom.setPointerCapture(start.pointerId);
    dom.addEventListener("pointermove", move, { signal });
    dom.addEventListener("pointerup", end, { signal });
    dom.addEventListener("pointercancel", end, { signal });
    if (!onThumb) move(start);
  }

  private key(event: KeyboardEvent): void {
    if (!this.shown) return;
    const { first, from, to, total } = this.shown;
    const [here, page] = [first + from, Math.max(to - from - 1, 1)];
    const goals: Partial<Record<string, number>> = {
      ArrowUp: here - 1,
      ArrowDown: here + 1,
      PageUp: here - page,
      PageDown: here + page,
      Home: 0,
      End: total - 1,
    };
    const goal = goals[event.key];
    if (event.key === "Escape" || event.key === "Enter") this.host.left();
    else if (goal !== undefined) this.host.goTo(goal);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
