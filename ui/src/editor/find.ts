// Finding and replacing in a panel's rows: a bar above them. The search itself is CodeMirror's.

import {
  closeSearchPanel,
  findNext,
  findPrevious,
  getSearchQuery,
  openSearchPanel,
  replaceAll,
  replaceNext,
  search,
  SearchQuery,
  selectMatches,
  setSearchQuery,
} from "@codemirror/search";
import type { Extension } from "@codemirror/state";
import { EditorView, type Panel, panels, type ViewUpdate } from "@codemirror/view";

import { strings } from "../strings/strings";
import { button, element, input, takeKeys } from "./bars";
import type { Count, Finder } from "./finder";
import { rowsOf } from "./rowset";

const say = strings.find;

/** More matches are not counted. */
const COUNT_MAX = 9999;
/** Counting waits for a pause in typing. */
const COUNT_DELAY_MS = 80;

export interface FindHost {
  /** Looks where rows are not held. */
  finder(): Finder;
  /** Where the bar is shown. */
  readonly container: HTMLElement;
  /** Carries out a change that is undone by itself. */
  alone(run: () => void): void;
  unfoldAll(): void;
}

export function find(host: FindHost): Extension {
  return [
    panels({ topContainer: host.container }),
    search({
      top: true,
      literal: true,
      createPanel: (view) => new FindBar(view, host),
      scrollToMatch: (range) => EditorView.scrollIntoView(range, { y: "nearest", yMargin: 96 }),
    }),
  ];
}

export function openFind(view: EditorView): boolean {
  return openSearchPanel(view);
}

type Toggle = "caseSensitive" | "wholeWord" | "regexp";

const TOGGLES: readonly (readonly [Toggle, string])[] = [
  ["caseSensitive", "Aa"],
  ["wholeWord", "W"],
  ["regexp", ".*"],
];

class FindBar implements Panel {
  readonly dom = element("div", "find");
  readonly top = true;
  private readonly field = input(say.find, "find-field");
  private readonly replacement = input(say.replaceWith, "find-field");
  private readonly status = element("span", "find-status");
  private readonly folded = button("", say.unfold);
  private readonly toggles = new Map<Toggle, HTMLButtonElement>();
  private timer: number | undefined;

  constructor(
    private readonly view: EditorView,
    private readonly host: FindHost,
  ) {
    this.dom.setAttribute("role", "search");
    this.dom.setAttribute("aria-label", say.label);
    this.status.setAttribute("role", "status");
    this.field.setAttribute("main-field", "true");
    this.folded.classList.add("find-folded");
    this.dom.append(this.findGroup(), this.replaceGroup(), this.closeButton());
    this.take(getSearchQuery(view.state));
    this.dom.addEventListener("input", () => this.commit());
    takeKeys(this.dom, (event) => this.actionOf(event));
    this.folded.addEventListener("click", () => host.unfoldAll());
  }

  private findGroup(): HTMLElement {
    const group = element("div", "find-group find-what");
    const box = element("div", "find-box");
    box.append(this.field);
    for (const [name, sign] of TOGGLES) {
      const toggle = button(sign, say[name]);
      toggle.classList.add("find-toggle");
      toggle.addEventListener("click", () => {
        toggle.setAttribute("aria-pressed", String(!isPressed(toggle)));
        this.commit();
        this.field.focus();
      });
      this.toggles.set(name, toggle);
      box.append(toggle);
    }
    const previous = button("↑", say.previous);
    const next = button("↓", say.next);
    previous.addEventListener("click", () => this.go(true));
    next.addEventListener("click", () => this.go(false));
    group.append(box, this.status, previous, next, this.folded);
    return group;
  }

  private replaceGroup(): HTMLElement {
    const group = element("div", "find-group");
    const box = element("div", "find-box");
    box.append(this.replacement);
    const one = button(say.replace, say.replaceHint);
    const all = button(say.all, say.allHint);
    one.addEventListener("click", () => this.replace(replaceNext));
    all.addEventListener("click", () => this.replaceAll());
    group.append(box, one, all);
    return group;
  }

  private closeButton(): HTMLElement {
    const close = button("×", say.close);
    close.classList.add("find-close");
    close.addEventListener("click", () => this.close());
    return close;
  }

  private replace(run: (view: EditorView) => boolean): void {
    this.host.alone(() => run(this.view));
  }

  private close(): void {
    closeSearchPanel(this.view);
    this.view.focus();
  }

  private actionOf(event: KeyboardEvent): (() => unknown) | null {
    const { key, shiftKey, altKey } = event;
    const mod = event.ctrlKey || event.metaKey;
    if (key === "Escape") return () => this.close();
    if (mod && key.toLowerCase() === "f") return () => this.field.select();
    if (key === "F3" || (mod && key.toLowerCase() === "g")) return () => this.go(shiftKey);
    if (key !== "Enter" || event.target instanceof HTMLButtonElement) return null;
    if (event.target === this.replacement)
      return () => (mod ? this.replaceAll() : this.replace(replaceNext));
    if (altKey) {
      return () => {
        selectMatches(this.view);
        this.view.focus();
      };
    }
    return () => this.go(shiftKey);
  }

  private go(backwards: boolean): void {
    const finder = this.host.finder();
    if (finder.isNeeded) finder.next(backwards);
    else (backwards ? findPrevious : findNext)(this.view);
  }

  private replaceAll(): void {
    const finder = this.host.finder();
    if (finder.isNeeded) finder.replaceAll();
    else this.replace(replaceAll);
  }

  private commit(): void {
    const pressed = (name: Toggle): boolean => isPressed(this.toggles.get(name));
    const query = new SearchQuery({
      search: this.field.value,
      replace: this.replacement.value,
      caseSensitive: pressed("caseSensitive"),
      wholeWord: pressed("wholeWord"),
      regexp: pressed("regexp"),
      literal: !pressed("regexp"),
    });
    if (query.eq(getSearchQuery(this.view.state))) return;
    this.view.dispatch({ effects: setSearchQuery.of(query) });
  }

  private take(query: SearchQuery): void {
    if (this.field.value !== query.search) this.field.value = query.search;
    if (this.replacement.value !== query.replace) this.replacement.value = query.replace;
    for (const [name, toggle] of this.toggles) {
      toggle.setAttribute("aria-pressed", String(query[name]));
    }
    this.count();
  }

  update(update: ViewUpdate): void {
    const changed = update.transactions.some((transaction) =>
      transaction.effects.some((effect) => effect.is(setSearchQuery)),
    );
    if (changed) this.take(getSearchQuery(update.state));
    else if (update.docChanged || update.selectionSet) this.countSoon();
  }

  mount(): void {
    this.field.select();
  }

  destroy(): void {
    window.clearTimeout(this.timer);
  }

  private countSoon(): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.count(), COUNT_DELAY_MS);
  }

  private count(): void {
    const { state } = this.view;
    const query = getSearchQuery(state);
    const hidden = rowsOf(state).list.filter((row) => row.folded).length;
    this.folded.hidden = hidden === 0;
    this.folded.textContent = say.folded(hidden);
    this.field.setAttribute("aria-invalid", String(query.search !== "" && !query.valid));
    const finder = this.host.finder();
    if (query.search === "" || !query.valid || !finder.isNeeded) {
      this.say(query.search === "" ? "" : statusOf(this.view, query));
    } else {
      finder.count((count) => this.say(countOf(count)));
    }
  }

  private say(status: string): void {
    this.status.textContent = status;
    this.status.classList.toggle("find-nothing", status === say.nothing);
  }
}

function statusOf({ state }: EditorView, query: SearchQuery): string {
  if (!query.valid) return say.invalid;
  const { from, to } = state.selection.main;
  let [total, current] = [0, 0];
  const cursor = query.getCursor(state);
  for (let next = cursor.next(); !next.done && total <= COUNT_MAX; next = cursor.next()) {
    total++;
    if (next.value.from === from && next.value.to === to) current = total;
  }
  return countOf({ total: Math.min(total, COUNT_MAX), current, done: total <= COUNT_MAX });
}

function countOf({ total, current, done }: Count): string {
  if (total === 0) return done ? say.nothing : say.searching;
  if (current > 0) return (done ? say.place : say.placeOfMore)(current, total);
  return (done ? say.matches : say.more)(total);
}

function isPressed(toggle: HTMLButtonElement | undefined): boolean {
  return toggle?.getAttribute("aria-pressed") === "true";
}
