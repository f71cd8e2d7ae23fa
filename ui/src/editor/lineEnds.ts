// Home and End in lines of two writing directions: they go to where the text begins and ends, not to
// whatever stands at the edge of the screen. Other lines are left to CodeMirror.

import { EditorSelection, type Extension, Prec, type SelectionRange } from "@codemirror/state";
import { type Command, Direction, type EditorView, keymap } from "@codemirror/view";

export function lineEnds(): Extension {
  return Prec.high(
    keymap.of([
      { key: "Home", run: go(false, false), shift: go(false, true) },
      { key: "End", run: go(true, false), shift: go(true, true) },
    ]),
  );
}

function go(forward: boolean, selects: boolean): Command {
  return (view) => {
    const { selection } = view.state;
    if (!selection.ranges.some((range) => isMixed(view, range.head))) return false;
    const ranges = selection.ranges.map((range) => {
      const head = boundary(view, range, forward);
      return EditorSelection.range(selects ? range.anchor : head, head);
    });
    view.dispatch({
      selection: EditorSelection.create(ranges, selection.mainIndex),
      scrollIntoView: true,
      userEvent: "select",
    });
    return true;
  };
}

function isMixed(view: EditorView, position: number): boolean {
  const spans = view.bidiSpans(view.state.doc.lineAt(position));
  return spans.length > 1 || spans.some(({ dir }) => dir === Direction.RTL);
}

/** The end of the row on screen; that of the text where it is in this row. */
function boundary(view: EditorView, range: SelectionRange, forward: boolean): number {
  const line = view.state.doc.lineAt(range.head);
  const end = forward ? line.to : line.from;
  const { head } = view.moveToLineBoundary(range, forward);
  const [here, there] = [view.coordsAtPos(range.head), view.coordsAtPos(end)];
  const sameRow = here && there && here.top < there.bottom && there.top < here.bottom;
  return sameRow ? end : head;
}
