// Finding in a panel of which not all rows are held: the core looks, some rows at a time, and a match
// is shown when its row is here. Where all rows are held the editor's own search does it.

import { getSearchQuery, type SearchQuery } from "@codemirror/search";
import { EditorSelection } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

import type { Command } from "../bridge/generated/Command";
import type { FindQuery } from "../bridge/generated/FindQuery";
import type { Message } from "../bridge/generated/Message";
import type { TextMatch } from "../bridge/generated/TextMatch";
import { pointsAt, unitAt } from "./offsets";
import { rowsOf } from "./rowset";
import type { FarEdit } from "./sync";

type Found = Extract<Message, { type: "found" }>;
type Matches = Extract<Message, { type: "matches" }>;

export interface FinderHost {
  readonly panel: number;
  readonly view: EditorView;
  send(command: Command): void;
  /** Runs when the rows around a line are held. */
  whenShown(line: string, run: () => void): void;
  edit(edit: FarEdit): void;
}

/** How many matches there are, as far as they are counted, and which of them is selected. */
export interface Count {
  readonly total: number;
  readonly current: number;
  readonly done: boolean;
}

interface Search {
  readonly id: number;
  readonly query: FindQuery;
  readonly backwards: boolean;
  /** It has come to the end and goes on from the other one. */
  readonly wrapped: boolean;
}

export class Finder {
  private ids = 0;
  private search: Search | null = null;
  private counting: { id: number; query: FindQuery; count: Count } | null = null;
  /** A direction in which to look when it is known which rows these are. */
  private wanted: { readonly backwards: boolean } | null = null;
  private counted: (count: Count) => void = () => undefined;

  constructor(private readonly host: FinderHost) {}

  /** Whether the core is needed. */
  get isNeeded(): boolean {
    return !rowsOf(this.host.view.state).isWhole;
  }

  /** Whether the caret will go to what is found. */
  get isLooking(): boolean {
    return this.search !== null || this.wanted !== null;
  }

  /** Nobody answers what was asked before. */
  reconnected(): void {
    const { search } = this;
    this.search = null;
    if (search) this.next(search.backwards);
  }

  /** The panel goes to another document. */
  leave(): void {
    this.search = null;
    this.wanted = null;
  }

  /** Goes to the next match, or to the one before. */
  next(backwards: boolean): boolean {
    const query = queryOf(this.host.view);
    if (!query) return false;
    const { state } = this.host.view;
    if (rowsOf(state).extent.early) {
      this.wanted = { backwards };
      return true;
    }
    const { from, to } = state.selection.main;
    const line = state.doc.lineAt(backwards ? from : to);
    const offset = pointsAt(line.text, (backwards ? from : to) - line.from);
    const ordinal = rowsOf(state).extent.first + line.number - 1;
    this.search = { id: ++this.ids, query, backwards, wrapped: false };
    this.ask(this.search, ordinal, offset);
    return true;
  }

  /** The core has sent rows. */
  rowsCame(): void {
    const { wanted } = this;
    if (!wanted || rowsOf(this.host.view.state).extent.early) return;
    this.wanted = null;
    this.next(wanted.backwards);
  }

  private ask({ id, query, backwards }: Search, ordinal: number, offset: number): void {
    const { panel } = this.host;
    this.host.send({ type: "find", panel, queryId: id, query, ordinal, offset, backwards });
  }

  /** Counts all matches; `told` hears of it more than once. */
  count(told: (count: Count) => void): void {
    const query = queryOf(this.host.view);
    this.counting = null;
    if (!query) return;
    this.counted = told;
    this.counting = { id: ++this.ids, query, count: { total: 0, current: 0, done: false } };
    this.askCount(0);
  }

  private askCount(ordinal: number): void {
    if (!this.counting) return;
    const { id, query } = this.counting;
    this.host.send({ type: "countMatches", panel: this.host.panel, queryId: id, query, ordinal });
  }

  replaceAll(): boolean {
    const query = queryOf(this.host.view);
    if (!query) return false;
    const replacement = getSearchQuery(this.host.view.state).replace;
    this.host.edit({ type: "replace", query, replacement });
    return true;
  }

  received(message: Found | Matches): void {
    if (message.type === "found") this.found(message);
    else this.matches(message);
  }

  private found({ queryId, found, next }: Found): void {
    const { search } = this;
    if (search?.id !== queryId) return;
    if (found) {
      this.search = null;
      this.host.whenShown(found.line, () => this.show(found));
    } else if (next !== null) {
      this.ask(search, next, search.backwards ? FAR_RIGHT : 0);
    } else if (!search.wrapped) {
      this.search = { ...search, wrapped: true };
      const last = Math.max(rowsOf(this.host.view.state).extent.total - 1, 0);
      this.ask(this.search, search.backwards ? last : 0, search.backwards ? FAR_RIGHT : 0);
    } else {
      this.search = null;
    }
  }

  private show({ line, offset, length }: TextMatch): void {
    const { view } = this.host;
    const at = rowsOf(view.state).at(line);
    if (at < 0) return;
    const { from, text } = view.state.doc.line(at + 1);
    const start = from + unitAt(text, offset);
    const range = EditorSelection.range(start, from + unitAt(text, offset + length));
    const effects = EditorView.scrollIntoView(range, { y: "center" });
    view.dispatch({ selection: range, effects, userEvent: "select.search" });
  }

  private matches({ queryId, rows, next }: Matches): void {
    const { counting } = this;
    if (counting?.id !== queryId) return;
    const { state } = this.host.view;
    const line = state.doc.lineAt(state.selection.main.from);
    const here = rowsOf(state).extent.first + line.number - 1;
    const offset = pointsAt(line.text, state.selection.main.from - line.from);
    let { total, current } = counting.count;
    for (const [ordinal, places] of rows) {
      const place = ordinal === here && !state.selection.main.empty ? places.indexOf(offset) : -1;
      if (place >= 0) current = total + place + 1;
      total += places.length;
    }
    counting.count = { total, current, done: next === null };
    this.counted(counting.count);
    if (next !== null) this.askCount(next);
  }
}

const FAR_RIGHT = 0xffff_ffff;

function queryOf(view: EditorView): FindQuery | null {
  const query: SearchQuery = getSearchQuery(view.state);
  if (query.search === "" || !query.valid) return null;
  const { search: text, caseSensitive, wholeWord, regexp } = query;
  return { text, caseSensitive, wholeWord, regexp };
}
