// The words that a filter asks for, marked in the rows in sight. What is marked the core says; how a
// text is searched for it is written down once for both, in cases that the tests of each read.

import { type Extension, RangeSetBuilder, StateEffect, StateField } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  type EditorView,
  ViewPlugin,
  type ViewUpdate,
} from "@codemirror/view";

import type { FilterMark } from "../bridge/generated/FilterMark";

export const setMarks = StateEffect.define<readonly FilterMark[]>();

const NO_LETTER_FOLLOWS = "(?![\\p{Alphabetic}\\p{M}\\p{Decimal_Number}\\p{Pc}\\p{Join_Control}])";

function patternOf({ letters, isName }: FilterMark): RegExp {
  const escaped = letters.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  return new RegExp(escaped + (isName ? NO_LETTER_FOLLOWS : ""), "giu");
}

/** Where a text says what is marked, in UTF-16 units, in order. */
export function placesOf(
  patterns: readonly RegExp[],
  text: string,
): { readonly from: number; readonly to: number }[] {
  const places = patterns.flatMap((pattern) =>
    [...text.matchAll(pattern)].map(({ index, 0: said }) => ({
      from: index,
      to: index + said.length,
    })),
  );
  return places.sort((a, b) => a.from - b.from || a.to - b.to);
}

export const patternsOf = (marks: readonly FilterMark[]): RegExp[] => marks.map(patternOf);

const patterns = StateField.define<readonly RegExp[]>({
  create: () => [],
  update(before, transaction) {
    const said = transaction.effects.find((effect) => effect.is(setMarks));
    return said ? patternsOf(said.value) : before;
  },
});

const MARK = Decoration.mark({ class: "filter-mark" });

function decorate({ state, visibleRanges }: EditorView): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  const asked = state.field(patterns);
  if (asked.length === 0) return Decoration.none;
  for (const { from, to } of visibleRanges) {
    for (let position = from; position <= to;) {
      const line = state.doc.lineAt(position);
      for (const place of placesOf(asked, line.text)) {
        builder.add(line.from + place.from, line.from + place.to, MARK);
      }
      position = line.to + 1;
    }
  }
  return builder.finish();
}

class Marks {
  decorations: DecorationSet;

  constructor(view: EditorView) {
    this.decorations = decorate(view);
  }

  update({ view, startState, state, docChanged, viewportChanged }: ViewUpdate): void {
    const isOther = startState.field(patterns) !== state.field(patterns);
    if (isOther || docChanged || viewportChanged) this.decorations = decorate(view);
  }
}

export const filterMarks: Extension = [
  patterns,
  ViewPlugin.fromClass(Marks, { decorations: (plugin) => plugin.decorations }),
];
