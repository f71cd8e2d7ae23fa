// Draws tables: neighbouring rows of Markdown, `| one | two |`, with their columns aligned. The text
// stays what is written; its bars have no size.

import { type Extension, type Range } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  type EditorView,
  type PluginValue,
  ViewPlugin,
  type ViewUpdate,
} from "@codemirror/view";

import type { Row } from "../bridge/generated/Row";
import { plainText } from "./inline";
import { rowsOf } from "./rowset";
import { cellsIn, cellsOf, isRule, tableAt } from "./table";

/** Columns are as wide as the cells of so many rows around those in sight need. */
const ROWS_MEASURED = 100;
/** Longer cells break their column; the others stay aligned. */
const COLUMN_MAX_PX = 360;
const COLUMN_MIN_PX = 40;

class Tables implements PluginValue {
  decorations: DecorationSet;

  constructor(view: EditorView) {
    this.decorations = draw(view);
  }

  update(update: ViewUpdate): void {
    if (update.view.composing) {
      this.decorations = this.decorations.map(update.changes);
      return;
    }
    const rows = rowsOf(update.startState).structure !== rowsOf(update.state).structure;
    const looked = update.selectionSet || update.focusChanged || update.viewportChanged;
    if (update.docChanged || rows || looked || update.geometryChanged) {
      this.decorations = draw(update.view);
    }
  }
}

export const tables: Extension = ViewPlugin.fromClass(Tables, {
  decorations: (plugin) => plugin.decorations,
});

function draw(view: EditorView): DecorationSet {
  const rows = rowsOf(view.state).list;
  const ranges: Range<Decoration>[] = [];
  for (const { from, to } of view.visibleRanges) {
    const first = view.state.doc.lineAt(from).number - 1;
    const last = view.state.doc.lineAt(to).number - 1;
    for (let at = first; at <= last; at++) {
      const table = tableAt(rows, at);
      if (!table) continue;
      at = table.to;
      const near = {
        from: Math.max(table.from, first - ROWS_MEASURED),
        to: Math.min(table.to, last + ROWS_MEASURED),
      };
      drawTable(view, rows, near, ranges);
    }
  }
  return Decoration.set(ranges, true);
}

function drawTable(
  view: EditorView,
  rows: readonly Row[],
  table: { from: number; to: number },
  ranges: Range<Decoration>[],
): void {
  const { doc } = view.state;
  const texts = rows.slice(table.from, table.to + 1).map((row) => row.text);
  const widths = columnWidths(texts, fontOf(view));
  const rule = texts.findIndex((text) => isRule(cellsOf(text)));
  const sides = alignments(rule >= 0 ? (texts[rule] ?? "") : "");
  texts.forEach((text, index) => {
    const line = doc.line(table.from + index + 1);
    const head = rule > 0 && index < rule;
    const classes = ["table-row", head ? "table-head" : "", index === rule ? "table-rule" : ""];
    ranges.push(Decoration.line({ class: classes.join(" ").trim() }).range(line.from));
    const cells = cellsIn(text);
    cells.forEach(({ from, to }, column) => {
      const style = `min-width: ${widths[column] ?? COLUMN_MIN_PX}px; text-align: ${sides[column] ?? "start"}`;
      if (to > from) {
        const cell = Decoration.mark({
          class: "table-cell",
          attributes: { style },
          inclusive: true,
        });
        ranges.push(cell.range(line.from + from, line.from + to));
      }
      const bar = Decoration.mark({ class: "table-bar" });
      if (from > 0) ranges.push(bar.range(line.from + from - 1, line.from + from));
      const isLast = to < text.length && column === cells.length - 1;
      if (isLast) ranges.push(bar.range(line.from + to, line.from + to + 1));
    });
  });
}

/** `---:` and `:---:` below the head set a column to the right and in the middle. */
function alignments(rule: string): readonly string[] {
  return cellsOf(rule).map((cell) => {
    if (!cell.endsWith(":")) return "start";
    return cell.startsWith(":") ? "center" : "end";
  });
}

let canvas: CanvasRenderingContext2D | null | undefined;

const WIDTHS_MAX = 4000;
const measured = new Map<string, number>();

function fontOf(view: EditorView): string {
  const { fontSize, fontFamily } = getComputedStyle(view.contentDOM);
  return `600 ${fontSize} ${fontFamily}`;
}

function columnWidths(texts: readonly string[], font: string): readonly number[] {
  const widths: number[] = [];
  for (const text of texts) {
    const cells = cellsOf(text);
    if (isRule(cells)) continue;
    cells.forEach((cell, column) => {
      const width = widthOf(plainText(cell).replace(/\d/g, "0"), font);
      const needed = Math.min(Math.max(Math.ceil(width) + 30, COLUMN_MIN_PX), COLUMN_MAX_PX);
      widths[column] = Math.max(widths[column] ?? 0, needed);
    });
  }
  return widths;
}

function widthOf(text: string, font: string): number {
  const known = measured.get(`${font}\n${text}`);
  if (known !== undefined) return known;
  canvas ??= document.createElement("canvas").getContext("2d");
  if (canvas) canvas.font = font;
  // Where nothing can be measured, as in tests, a letter is taken to be 9 px wide.
  const width = canvas ? canvas.measureText(text).width : text.length * 9;
  if (measured.size >= WIDTHS_MAX) measured.clear();
  measured.set(`${font}\n${text}`, width);
  return width;
}
