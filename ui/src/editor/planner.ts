// One gesture being put together: intents in order, the rows as they will be, and where the carets
// go. Its transaction shows the outcome at once and carries the intents to whoever sends them.

import {
  Annotation,
  EditorSelection,
  type EditorState,
  type SelectionRange,
  type TransactionSpec,
} from "@codemirror/state";

import type { EditIntent } from "../bridge/generated/EditIntent";
import type { Row } from "../bridge/generated/Row";
import { rowChanges } from "./diff";
import { pointsAt, pointsIn, unitAt } from "./offsets";
import { predict } from "./rows";
import { type RowSet, rowsOf, setRows } from "./rowset";
import { indexOf, subtreeEnd } from "./tree";

/** Intents that a transaction carries out; its document shows them already. */
export const carriesOut = Annotation.define<readonly EditIntent[]>();

/** Gives out ids for new lines. */
export type NewLine = () => string;

/** A point in a line's text, in scalar values. */
export interface Place {
  readonly line: string;
  readonly at: number;
}

interface PlacedRange {
  readonly anchor: Place | null;
  readonly head: Place | null;
}

export class Planner {
  readonly intents: EditIntent[] = [];
  rows: readonly Row[];
  readonly root: string | null;
  private readonly before: RowSet;
  private ranges: readonly PlacedRange[];

  constructor(
    private readonly state: EditorState,
    readonly newLine: NewLine,
  ) {
    this.before = rowsOf(state);
    this.rows = this.before.list;
    this.root = this.before.root;
    this.ranges = state.selection.ranges.map((range) => ({
      anchor: placeAt(state, range.anchor),
      head: placeAt(state, range.head),
    }));
  }

  do(intent: EditIntent): void {
    this.moveCarets((caret) => caret && moved(caret, intent, this.rows));
    this.rows = predict(this.rows, intent);
    this.intents.push(intent);
  }

  moveCarets(move: (caret: Place | null) => Place | null): void {
    this.ranges = this.ranges.map(({ anchor, head }) => ({
      anchor: move(anchor),
      head: move(head),
    }));
  }

  /** Puts a single caret at a place. */
  select(head: Place, anchor: Place = head): void {
    this.ranges = [{ anchor, head }];
  }

  row(line: string): Row | undefined {
    return this.rows[indexOf(this.rows, line)];
  }

  transaction(userEvent: string): TransactionSpec {
    const changes = this.state.changes(rowChanges(this.state.doc, this.before.list, this.rows));
    const doc = changes.apply(this.state.doc);
    const after = this.before.changed(this.rows);
    const main = this.state.selection.mainIndex;
    const ranges = this.ranges.map(({ anchor, head }, index): SelectionRange => {
      const old = this.state.selection.ranges[index];
      const position = (place: Place | null, fallback: number): number => {
        const at = place ? after.at(place.line) : -1;
        if (!place || at < 0) return changes.mapPos(fallback, 1);
        return doc.line(at + 1).from + unitAt(this.rows[at]?.text ?? "", place.at);
      };
      return EditorSelection.range(
        position(anchor, old?.anchor ?? 0),
        position(head, old?.head ?? 0),
      );
    });
    return {
      changes,
      selection: EditorSelection.create(ranges, Math.min(main, ranges.length - 1)),
      effects: setRows.of(after),
      annotations: carriesOut.of([...this.intents]),
      userEvent,
      scrollIntoView: true,
    };
  }
}

/** The place of a position; none in an empty panel. */
export function placeAt(state: EditorState, position: number): Place | null {
  const line = state.doc.lineAt(position);
  const row = rowsOf(state).list[line.number - 1];
  return row ? { line: row.id, at: pointsAt(line.text, position - line.from) } : null;
}

/** Where a place is after an intent on `rows`; text that comes in at the place goes before it. */
export function moved(place: Place, intent: EditIntent, rows: readonly Row[]): Place {
  const { line, at } = place;
  switch (intent.type) {
    case "editText":
      if (line !== intent.line || at < intent.at) return place;
      return {
        line,
        at: Math.max(at - intent.delete, intent.at) + pointsIn(intent.insert),
      };
    case "split": {
      if (line !== intent.line || at < intent.at) return place;
      const above = intent.at === 0 && textOf(rows, line) !== "";
      return above ? place : { line: intent.newLine, at: at - intent.at };
    }
    case "join":
      if (line !== intent.line) return place;
      return { line: intent.into, at: pointsIn(textOf(rows, intent.into)) + at };
    case "deleteRange":
      return movedOverRange(place, intent, rows);
    case "delete":
      return intent.lines.reduce((kept, gone) => movedOverTree(kept, gone, rows), place);
    case "createLines":
    case "putBack":
    case "move":
    case "setKind":
    case "setProperty":
    case "addTag":
    case "removeTag":
    case "restore":
    case "setTitle":
      return place;
  }
}

function textOf(rows: readonly Row[], line: string): string {
  return rows[indexOf(rows, line)]?.text ?? "";
}

function movedOverRange(
  place: Place,
  { first, firstAt, last, lastAt }: Extract<EditIntent, { type: "deleteRange" }>,
  rows: readonly Row[],
): Place {
  const index = indexOf(rows, place.line);
  const [from, to] = [indexOf(rows, first), indexOf(rows, last)];
  if (index < from || index > to || (index === from && place.at <= firstAt)) return place;
  return { line: first, at: firstAt + (index === to ? Math.max(place.at - lastAt, 0) : 0) };
}

/** A caret in lines that go moves to the next row, or to the end of the one above. */
function movedOverTree(place: Place, gone: string, rows: readonly Row[]): Place {
  const from = indexOf(rows, gone);
  const end = from < 0 ? from : subtreeEnd(rows, from);
  const index = indexOf(rows, place.line);
  if (index < from || index >= end) return place;
  const next = rows[end];
  if (next) return { line: next.id, at: Math.min(place.at, pointsIn(next.text)) };
  const above = rows[from - 1];
  return above ? { line: above.id, at: pointsIn(above.text) } : place;
}
