// A plain outliner of nested lists: what the core shows to somebody who is alone. Written apart from
// the interface's prediction, so that each checks the other.

import type { EditIntent } from "../src/bridge/generated/EditIntent";
import type { Row } from "../src/bridge/generated/Row";
import { DOCUMENT_ROOT } from "../src/editor/tree";

export interface Line {
  readonly id: string;
  kind: string;
  text: string;
  tags: string[];
  properties: Map<string, string>;
  parent: Line | null;
  children: Line[];
}

export function newLine(id: string, kind = "text", text = ""): Line {
  return { id, kind, text, tags: [], properties: new Map(), parent: null, children: [] };
}

export class Outline {
  readonly root = newLine(DOCUMENT_ROOT);
  private readonly lines = new Map<string, Line>([[DOCUMENT_ROOT, this.root]]);
  private readonly gone = new Map<string, Line>();

  line(id: string): Line | undefined {
    return this.lines.get(id);
  }

  /** Carries out an intent; false when it names lines that are not there. */
  apply(intent: EditIntent): boolean {
    switch (intent.type) {
      case "editText": {
        const line = this.line(intent.line);
        if (!line) return false;
        const points = [...line.text];
        points.splice(intent.at, intent.delete, intent.insert);
        line.text = points.join("");
        return true;
      }
      case "split":
        return this.split(intent.line, intent.at, newLine(intent.newLine, intent.kind));
      case "join":
        return this.join(this.line(intent.line), this.line(intent.into));
      case "deleteRange":
        return this.deleteRange(intent);
      case "createLines":
        return this.create(intent);
      case "move":
        return this.move(intent);
      case "setKind":
        for (const id of intent.lines) {
          const line = this.line(id);
          if (line) line.kind = intent.kind;
        }
        return true;
      case "setProperty": {
        const { name, value } = intent;
        const properties = this.line(intent.line)?.properties;
        if (value === null) properties?.delete(name);
        else properties?.set(name, value);
        return true;
      }
      case "addTag":
        this.line(intent.line)?.tags.push(intent.tag);
        return true;
      case "removeTag": {
        const line = this.line(intent.line);
        if (line) line.tags = line.tags.filter((tag) => tag !== intent.tag);
        return true;
      }
      case "delete":
        intent.lines.forEach((id) => this.remove(this.line(id)));
        return true;
      case "putBack":
        return this.putBack(intent);
      case "restore":
      case "setTitle":
        return true;
    }
  }

  private split(id: string, at: number, created: Line): boolean {
    const line = this.line(id);
    if (!line?.parent || this.lines.has(created.id)) return false;
    const above = at === 0 && line.text !== "";
    if (!above) {
      const points = [...line.text];
      line.text = points.slice(0, at).join("");
      created.text = points.slice(at).join("");
    }
    this.place(created, line.parent, line.parent.children.indexOf(line) + (above ? 0 : 1));
    return true;
  }

  private join(line: Line | undefined, into: Line | undefined): boolean {
    if (!line?.parent || !into?.parent || line === into) return false;
    if (isBelow(into, line)) return false;
    into.text += line.text;
    this.moveChildren(line, into);
    this.remove(line);
    return true;
  }

  private moveChildren(from: Line, to: Line): void {
    for (const child of [...from.children]) {
      from.children.splice(from.children.indexOf(child), 1);
      this.place(child, to, to.children.length);
    }
  }

  private deleteRange(intent: Extract<EditIntent, { type: "deleteRange" }>): boolean {
    const order = this.order();
    const from = order.findIndex((line) => line.id === intent.first);
    const to = order.findIndex((line) => line.id === intent.last);
    const [first, last] = [order[from], order[to]];
    if (!first || !last || to <= from) return false;
    const head = [...first.text].slice(0, intent.firstAt);
    first.text = [...head, ...[...last.text].slice(intent.lastAt)].join("");
    for (const line of order.slice(from + 1, to + 1)) {
      this.moveChildren(line, first);
      this.remove(line);
    }
    return true;
  }

  private create(intent: Extract<EditIntent, { type: "createLines" }>): boolean {
    const parent = this.line(intent.parent);
    const index = parent && this.indexAfter(parent, intent.after);
    if (!parent || index === undefined) return false;
    let next = index;
    const path: Line[] = [];
    for (const draft of intent.lines) {
      const line = newLine(draft.id, draft.kind, draft.text);
      path.length = draft.depth;
      const above = path[draft.depth - 1];
      if (above) this.place(line, above, above.children.length);
      else this.place(line, parent, next++);
      path.push(line);
    }
    return true;
  }

  private putBack(intent: Extract<EditIntent, { type: "putBack" }>): boolean {
    const parent = this.line(intent.parent);
    let index = parent && this.indexAfter(parent, intent.after);
    if (!parent || index === undefined) return false;
    for (const { id } of intent.lines.filter(({ depth }) => depth === 0)) {
      const line = this.gone.get(id);
      if (!line) return false;
      this.place(line, parent, index++);
      below(line).forEach((child) => this.lines.set(child.id, child));
    }
    return true;
  }

  private move(intent: Extract<EditIntent, { type: "move" }>): boolean {
    const parent = this.line(intent.parent);
    let after = intent.after;
    for (const id of intent.lines) {
      const line = this.line(id);
      if (!parent || !line?.parent || isBelow(parent, line)) return false;
      line.parent.children.splice(line.parent.children.indexOf(line), 1);
      this.place(line, parent, this.indexAfter(parent, after) ?? parent.children.length);
      after = id;
    }
    return true;
  }

  private indexAfter(parent: Line, after: string | null): number | undefined {
    if (after === null) return 0;
    const index = parent.children.findIndex((child) => child.id === after);
    return index < 0 ? undefined : index + 1;
  }

  private place(line: Line, parent: Line, index: number): void {
    line.parent = parent;
    parent.children.splice(index, 0, line);
    this.lines.set(line.id, line);
  }

  private remove(line: Line | undefined): void {
    if (!line?.parent) return;
    line.parent.children.splice(line.parent.children.indexOf(line), 1);
    line.parent = null;
    this.gone.set(line.id, line);
    for (const gone of [line, ...below(line)]) this.lines.delete(gone.id);
  }

  /** All lines in display order. */
  order(): Line[] {
    return below(this.root);
  }

  /** The visible rows of a panel. */
  rows(root: string | null, folds: ReadonlySet<string>): Row[] {
    const rows: Row[] = [];
    const show = (line: Line, depth: number, number: number): void => {
      const { id, kind, text, children } = line;
      const zoomed = id === root;
      const folded = !zoomed && children.length > 0 && folds.has(id);
      rows.push({
        id,
        parent: zoomed ? DOCUMENT_ROOT : (line.parent?.id ?? DOCUMENT_ROOT),
        depth,
        kind,
        text,
        hasChildren: children.length > 0,
        folded,
        number: number > 0 && !zoomed ? number : null,
        tags: [...line.tags],
        properties: [...line.properties].map(([name, value]) => ({ name, values: [value] })),
        newerVersion: false,
      });
      if (!folded) showAll(children, depth + 1);
    };
    const showAll = (lines: readonly Line[], depth: number): void => {
      let number = 0;
      for (const line of lines) {
        number = line.kind === "numbered" ? number + 1 : 0;
        show(line, depth, number);
      }
    };
    const top = root === null ? null : this.line(root);
    if (top) show(top, 0, 0);
    else if (root === null) showAll(this.root.children, 0);
    return rows;
  }
}

export function below(line: Line): Line[] {
  return line.children.flatMap((child) => [child, ...below(child)]);
}

/** Whether `line` is `above` or stands somewhere below it. */
function isBelow(line: Line, above: Line): boolean {
  for (let at: Line | null = line; at; at = at.parent) if (at === above) return true;
  return false;
}
