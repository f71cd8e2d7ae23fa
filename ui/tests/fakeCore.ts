// A stand-in for the core, for tests and the development page: holds outlines, carries out intents,
// answers with row patches. Each panel's channel may be held back, to play a slow core.

import type { Command } from "../src/bridge/generated/Command";
import type { EditIntent } from "../src/bridge/generated/EditIntent";
import type { Message } from "../src/bridge/generated/Message";
import type { Row } from "../src/bridge/generated/Row";
import type { RowChange } from "../src/bridge/generated/RowChange";
import { pointsAt, pointsIn } from "../src/editor/offsets";
import { difference } from "../src/editor/offsets";
import { cross, movedPoint, type Step, steps } from "../src/editor/transform";
import { below, Outline } from "./outline";

interface Panel {
  readonly document: string;
  root: string | null;
  readonly near: string | null;
  readonly folds: Set<string>;
  filter: Filter | null;
  /** The rows that are held; so many are above them, so many there are. */
  rows: Row[];
  first: number;
  total: number;
  revision: number;
  ack: number;
  /** The key of its edits in `taken`. */
  readonly stream: string | null;
  readonly resumed: boolean;
  /** Commands that wait until the document has been read; null once it has. */
  waiting: Command[] | null;
  /** Text that others changed and the panel has not confirmed, by line. */
  unseen: Map<string, { revision: number; steps: readonly Step[] }[]>;
}

interface Filter {
  readonly query: string;
  readonly shown: Set<string>;
  /** All lines that there were. */
  known: ReadonlySet<string>;
}

/** A panel of more rows than `wholeMax` holds `window` of them. */
export interface Limits {
  readonly wholeMax: number;
  readonly window: number;
  /** So many rows are shown before the document has been read; all wait for it where it is 0. */
  readonly early?: number;
}

export class FakeCore {
  readonly documents = new Map<string, { title: string; outline: Outline }>();
  readonly panels = new Map<number, Panel>();
  /** The last serial taken of each stream; empty it to play a restart. */
  readonly taken = new Map<string, number>();

  constructor(
    private readonly emit: (message: Message) => void,
    private readonly limits: Limits = { wholeMax: 20_000, window: 3_000 },
  ) {}

  addDocument(id: string, title: string): Outline {
    const outline = new Outline();
    this.documents.set(id, { title, outline });
    return outline;
  }

  /** Commands about panels; answers whether the command was one. */
  receive(command: Command): boolean {
    if (command.type === "openPanel") this.load(command.panel);
    else if ("panel" in command && this.panels.get(command.panel)?.waiting) {
      this.panels.get(command.panel)?.waiting?.push(command);
      return true;
    }
    switch (command.type) {
      case "openPanel": {
        const { document, root, near = null, again = false } = command;
        const stream = command.stream === undefined ? null : `${command.stream} ${document}`;
        const taken = stream === null ? undefined : this.taken.get(stream);
        if (stream !== null && taken === undefined) this.taken.set(stream, 0);
        const fresh = {
          revision: 0,
          ack: taken ?? 0,
          stream,
          resumed: again && taken !== undefined,
          rows: [],
          first: 0,
          total: 0,
          waiting: null,
          unseen: new Map(),
          folds: new Set<string>(),
          filter: null,
        };
        this.panels.set(command.panel, { document, root, near, ...fresh });
        if (this.limits.early === undefined || again) this.sendRows(command.panel);
        else this.sendEarlyRows(command.panel, this.limits.early);
        return true;
      }
      case "moveWindow":
        this.update(command.panel, false, command.first);
        return true;
      case "editSpan": {
        // What the core does with it is its own business; here it is only answered.
        const panel = this.panels.get(command.panel);
        if (panel) this.take(panel, command.serial);
        this.update(command.panel, true);
        return true;
      }
      case "showLine":
        this.showLine(command.panel, command.line);
        return true;
      case "closePanel":
        this.panels.delete(command.panel);
        return true;
      case "zoom": {
        const panel = this.panels.get(command.panel);
        if (panel) [panel.root, panel.filter] = [command.root, null];
        this.sendRows(command.panel);
        return true;
      }
      case "filter": {
        const panel = this.panels.get(command.panel);
        const { query, queryId } = command;
        if (!panel) return true;
        panel.filter = query === "" ? null : { query, shown: new Set(), known: new Set() };
        this.update(command.panel, false);
        const all = this.outlineOf(panel).order();
        const found = query === "" ? 0 : all.filter(({ text }) => text.includes(query)).length;
        this.emit({
          type: "filtered",
          panel: command.panel,
          queryId,
          found,
          more: false,
          isCut: false,
          marks: query === "" ? [] : [{ letters: query, isName: false }],
        });
        return true;
      }
      case "setFold": {
        const panel = this.panels.get(command.panel);
        if (panel?.filter) {
          this.foldFiltered(panel, panel.filter.shown, command.line, command.folded);
          this.update(command.panel, false);
          return true;
        }
        if (command.folded) panel?.folds.add(command.line);
        else panel?.folds.delete(command.line);
        this.update(command.panel, false);
        return true;
      }
      case "foldAll": {
        const panel = this.panels.get(command.panel);
        panel?.folds.clear();
        if (command.folded)
          this.outlineOf(panel)
            .order()
            .forEach(({ id }) => panel?.folds.add(id));
        this.update(command.panel, false);
        return true;
      }
      case "edit":
        this.edit(command.panel, command.serial, command.revision, command.intents);
        return true;
      default:
        return false;
    }
  }

  /** The panel's document has been read: what waits for it is done. */
  load(number: number): void {
    const panel = this.panels.get(number);
    const waiting = panel?.waiting;
    if (!panel || !waiting) return;
    panel.waiting = null;
    this.update(number, "anew");
    waiting.forEach((command) => this.receive(command));
  }

  private outlineOf(panel: Panel | undefined): Outline {
    const found = panel && this.documents.get(panel.document);
    if (!found) throw new Error("no such document");
    return found.outline;
  }

  private foldFiltered(panel: Panel, shown: Set<string>, id: string, folded: boolean): void {
    const line = this.outlineOf(panel).line(id);
    if (!line) return;
    if (folded) below(line).forEach((one) => shown.delete(one.id));
    else line.children.forEach((child) => shown.add(child.id));
    shown.add(id);
  }

  /** All rows of a panel; `own`: what came last was written in it, and stays in sight. */
  rowsOf(panel: Panel, own = false): Row[] {
    const outline = this.outlineOf(panel);
    const { filter } = panel;
    if (!filter) return outline.rows(panel.root, panel.folds);
    const all = outline.rows(panel.root, new Set());
    const parents = new Map(all.map((row) => [row.id, row.parent]));
    const isNew = (id: string): boolean => own && !filter.known.has(id);
    for (const { id, text } of all) {
      if (!filter.shown.has(id) && !isNew(id) && !text.includes(filter.query)) continue;
      for (let above: string | undefined = id; above !== undefined; above = parents.get(above)) {
        filter.shown.add(above);
      }
    }
    filter.known = new Set(parents.keys());
    const shown = all.filter(({ id }) => filter.shown.has(id) || id === panel.root);
    const open = new Set(shown.map((row) => row.parent));
    return shown.map((row) => {
      const folded = row.hasChildren && !open.has(row.id) && row.id !== panel.root;
      return { ...row, folded };
    });
  }

  private edit(number: number, serial: number, revision: number, intents: EditIntent[]): void {
    const panel = this.panels.get(number);
    if (!panel) return;
    for (const [line, all] of panel.unseen) {
      panel.unseen.set(
        line,
        all.filter((entry) => entry.revision > revision),
      );
    }
    for (const intent of intents) {
      for (const moved of rebased(intent, panel)) this.outlineOf(panel).apply(moved);
    }
    this.take(panel, serial);
    this.update(number, true);
    this.updateOthers(panel.document, number);
  }

  private take(panel: Panel, serial: number): void {
    panel.ack = serial;
    if (panel.stream !== null) this.taken.set(panel.stream, serial);
  }

  /** Somebody else's intents. */
  remote(document: string, intents: readonly EditIntent[]): void {
    const outline = this.documents.get(document)?.outline;
    intents.forEach((intent) => outline?.apply(intent));
    this.updateOthers(document, null);
  }

  private updateOthers(document: string, except: number | null): void {
    for (const [number, panel] of this.panels) {
      if (panel.document !== document || number === except || panel.waiting) continue;
      this.update(number, false);
    }
  }

  private sendEarlyRows(number: number, count: number): void {
    const panel = this.panels.get(number);
    if (!panel) return;
    panel.waiting = [];
    const all = this.outlineOf(panel).rows(panel.root, panel.folds);
    panel.rows = all.slice(0, count);
    panel.total = Math.min(all.length, count + 1);
    this.tellRows(number, panel.rows.length < all.length);
  }

  private sendRows(number: number): void {
    const panel = this.panels.get(number);
    if (!panel) return;
    const all = this.rowsOf(panel);
    const near = all.findIndex((row) => row.id === panel.near);
    this.hold(panel, all, Math.max(near, 0) - (this.limits.window >> 1));
    this.tellRows(number, false);
  }

  private tellRows(number: number, early: boolean): void {
    const panel = this.panels.get(number);
    const found = panel && this.documents.get(panel.document);
    if (!panel || !found) return;
    panel.revision++;
    panel.unseen.clear();
    this.emit({
      type: "panelRows",
      panel: number,
      revision: panel.revision,
      ack: panel.ack,
      resumed: panel.resumed,
      document: panel.document,
      title: found.title,
      root: panel.root,
      breadcrumb: breadcrumb(found.outline, panel.root),
      ...extent(panel),
      early,
      rows: structuredClone(panel.rows),
    });
  }

  private showLine(number: number, line: string): void {
    const panel = this.panels.get(number);
    if (!panel) return;
    const all = this.rowsOf(panel);
    const ordinal = all.findIndex((row) => row.id === line);
    const held = ordinal >= panel.first && ordinal < panel.first + panel.rows.length;
    if (ordinal >= 0 && !held) {
      this.update(number, false, ordinal - (this.limits.window >> 1));
    }
    const shown = ordinal >= 0 ? ordinal : null;
    this.emit({ type: "lineShown", panel: number, line, ordinal: shown });
  }

  private hold(panel: Panel, all: Row[], wanted: number): void {
    const { wholeMax, window } = this.limits;
    const count = all.length > wholeMax ? window : all.length;
    panel.total = all.length;
    panel.first = Math.max(Math.min(wanted, all.length - count), 0);
    panel.rows = all.slice(panel.first, panel.first + count);
  }

  /** `own`: the panel has drawn it; "anew": it is told even when nothing changed. */
  private update(number: number, own: boolean | "anew", wanted?: number): void {
    const panel = this.panels.get(number);
    if (!panel) return;
    const outline = this.outlineOf(panel);
    if (panel.root !== null && !outline.line(panel.root)) {
      this.panels.delete(number);
      this.emit({ type: "panelClosed", panel: number, reason: "This line was deleted." });
      return;
    }
    const all = this.rowsOf(panel, own === true);
    const { rows: before, first, total } = panel;
    this.hold(panel, all, wanted ?? stayingFirst(before, first, all));
    const changes = rowChanges(before, panel.rows);
    const same = panel.first === first && panel.total === total;
    if (changes.length === 0 && same && !own) return;
    panel.revision++;
    if (own !== true) remember(panel, changes);
    const { revision, ack } = panel;
    this.emit({
      type: "panelPatch",
      panel: number,
      revision,
      ack,
      ...extent(panel),
      changes: structuredClone(changes),
    });
  }
}

function remember(panel: Panel, changes: readonly RowChange[]): void {
  for (const change of changes) {
    if (change.type !== "text") continue;
    const all = panel.unseen.get(change.line) ?? [];
    const found = steps(change.offset, change.delete, change.insert);
    panel.unseen.set(change.line, [...all, { revision: panel.revision, steps: found }]);
  }
}

/** An intent moved over what its panel had not seen. */
function rebased(intent: EditIntent, panel: Panel): EditIntent[] {
  const point = (line: string, at: number): number =>
    (panel.unseen.get(line) ?? []).flatMap((entry) => entry.steps).reduce(movedPoint, at);
  if (intent.type === "split") return [{ ...intent, at: point(intent.line, intent.at) }];
  if (intent.type === "deleteRange") {
    const firstAt = point(intent.first, intent.firstAt);
    return [{ ...intent, firstAt, lastAt: point(intent.last, intent.lastAt) }];
  }
  if (intent.type !== "editText") return [intent];
  let own: readonly Step[] = steps(intent.at, intent.delete, intent.insert);
  const entries = panel.unseen.get(intent.line) ?? [];
  for (const entry of entries) [own, entry.steps] = cross(own, entry.steps);
  return own.map(({ at, length, text }) => {
    const remove = text === null ? length : 0;
    return { type: "editText", line: intent.line, at, delete: remove, insert: text ?? "" };
  });
}

function extent({ first, total }: Panel): { first: number; total: number } {
  return { first, total };
}

/** Where the rows begin when the first one that stays keeps its place among those held. */
function stayingFirst(before: readonly Row[], first: number, all: readonly Row[]): number {
  const places = new Map(all.map((row, at) => [row.id, at]));
  const at = before.findIndex((row) => places.has(row.id));
  return at < 0 ? first : (places.get(before[at]?.id ?? "") ?? 0) - at;
}

function rowChanges(before: readonly Row[], after: readonly Row[]): RowChange[] {
  const changes: RowChange[] = [];
  const same = (a: number, b: number): boolean => before[a]?.id === after[b]?.id;
  let start = 0;
  while (start < before.length && start < after.length && same(start, start)) start++;
  let end = 0;
  const shortest = Math.min(before.length, after.length) - start;
  while (end < shortest && same(before.length - 1 - end, after.length - 1 - end)) end++;
  const insert = after.slice(start, after.length - end);
  const remove = before.length - end - start;
  if (remove > 0 || insert.length > 0) {
    changes.push({ type: "splice", at: start, delete: remove, insert });
  }
  for (let at = 0; at < after.length; at++) {
    if (at >= start && at < after.length - end) continue;
    const [was, is] = [before[at < start ? at : at - after.length + before.length], after[at]];
    if (was && is) changes.push(...rowChange(at, was, is));
  }
  return changes;
}

function rowChange(at: number, was: Row, is: Row): RowChange[] {
  if (JSON.stringify({ ...was, text: "" }) !== JSON.stringify({ ...is, text: "" })) {
    return [{ type: "row", at, row: is }];
  }
  if (was.text === is.text) return [];
  const { from, to, insert } = difference(was.text, is.text);
  const offset = pointsAt(was.text, from);
  const remove = pointsIn(was.text.slice(from, to));
  return [{ type: "text", at, line: is.id, offset, delete: remove, insert }];
}

function breadcrumb(outline: Outline, root: string | null): { line: string; text: string }[] {
  const crumbs: { line: string; text: string }[] = [];
  for (let line = root ? outline.line(root) : null; line?.parent; line = line.parent) {
    crumbs.unshift({ line: line.id, text: line.text });
  }
  return crumbs;
}
