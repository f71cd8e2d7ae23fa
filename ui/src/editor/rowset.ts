// The rows behind the lines of a CodeMirror state: line n shows row n. The index changes only when
// rows come, go or move; typing copies pointers, nothing else.

import { type EditorState, StateEffect, StateField, Text } from "@codemirror/state";

import type { Row } from "../bridge/generated/Row";

/** Which rows of a panel are held here: all of them, or a window of many. */
export interface Extent {
  /** How many rows the panel has. */
  readonly total: number;
  /** How many of them are above the first one held. */
  readonly first: number;
  /** Neither is known yet: the core still reads the document, and there are more rows than these. */
  readonly early: boolean;
}

export class RowSet {
  private places: ReadonlyMap<string, number> | undefined;

  constructor(
    readonly list: readonly Row[],
    readonly root: string | null,
    readonly extent: Extent,
    /** Rows with the same token differ in their texts alone. */
    readonly structure: object = {},
    places?: ReadonlyMap<string, number>,
  ) {
    this.places = places;
  }

  /** The index of a line's row, -1 where it is not shown. */
  at(line: string): number {
    this.places ??= new Map(this.list.map((row, at) => [row.id, at]));
    return this.places.get(line) ?? -1;
  }

  withTexts(texts: ReadonlyMap<number, string>): RowSet {
    const list = this.list.slice();
    for (const [at, text] of texts) {
      const row = list[at];
      if (row) list[at] = { ...row, text };
    }
    return this.replaced(list);
  }

  /** Rows that differ from these in their texts alone. */
  replaced(list: readonly Row[]): RowSet {
    return new RowSet(list, this.root, this.extent, this.structure, this.places);
  }

  /** Rows that come after something was done here: other ones, and as many more or fewer in all. */
  changed(list: readonly Row[]): RowSet {
    const total = this.extent.total + list.length - this.list.length;
    return new RowSet(list, this.root, { ...this.extent, total });
  }

  get isWhole(): boolean {
    return this.list.length >= this.extent.total;
  }

  /** Whether the row with so many rows above it is held. */
  holds(ordinal: number): boolean {
    const { first } = this.extent;
    return ordinal >= first && ordinal < first + this.list.length;
  }
}

export const NO_ROWS: Extent = { total: 0, first: 0, early: false };

/** The rows that belong to the document of the transaction that carries it. */
export const setRows = StateEffect.define<RowSet>();

export const rowsField = StateField.define<RowSet>({
  create: () => new RowSet([], null, NO_ROWS),
  update(rows, transaction) {
    for (const effect of transaction.effects) if (effect.is(setRows)) return effect.value;
    if (!transaction.docChanged) return rows;
    const texts = new Map<number, string>();
    const doc = transaction.newDoc;
    transaction.changes.iterChangedRanges((_fromA, _toA, from, to) => {
      for (let at = doc.lineAt(from).number; at <= doc.lineAt(to).number; at++) {
        texts.set(at - 1, doc.line(at).text);
      }
    });
    return rows.withTexts(texts);
  },
});

export function rowsOf(state: EditorState): RowSet {
  return state.field(rowsField);
}

/** The row under a position; none in an empty panel. */
export function rowAt(state: EditorState, position: number): Row | undefined {
  return rowsOf(state).list[state.doc.lineAt(position).number - 1];
}

/** The editor's text for rows. An empty panel shows one empty line that is no row. */
export function textOf(rows: readonly Row[]): Text {
  return Text.of(rows.length > 0 ? rows.map((row) => row.text) : [""]);
}
