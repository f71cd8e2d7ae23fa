// Other people's carets and selections in this panel. Drawn, never part of the text.

import { type EditorState, type Range, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, WidgetType } from "@codemirror/view";

import type { Caret } from "../bridge/generated/Caret";
import type { RemoteCaret } from "../bridge/generated/RemoteCaret";
import { pointsAt, unitAt } from "./offsets";
import { rowAt, rowsOf } from "./rowset";

/** All carets of others in the panel, each time. */
export const setCarets = StateEffect.define<readonly RemoteCaret[]>();

interface Carets {
  readonly carets: readonly RemoteCaret[];
  readonly decorations: DecorationSet;
}

export const remoteCarets = StateField.define<Carets>({
  create: () => ({ carets: [], decorations: Decoration.none }),
  update(shown, transaction) {
    for (const effect of transaction.effects) {
      if (effect.is(setCarets)) {
        return { carets: effect.value, decorations: draw(transaction.state, effect.value) };
      }
    }
    if (!transaction.docChanged) return shown;
    return { ...shown, decorations: shown.decorations.map(transaction.changes) };
  },
  provide: (field) => EditorView.decorations.from(field, (shown) => shown.decorations),
});

function draw(state: EditorState, carets: readonly RemoteCaret[]): DecorationSet {
  const ranges: Range<Decoration>[] = [];
  for (const { person, replica, caret } of carets) {
    const head = positionOf(state, caret.line, caret.offset);
    const anchor = positionOf(state, caret.anchorLine, caret.anchorOffset);
    if (head === null) continue;
    if (anchor !== null && anchor !== head) {
      const mark = Decoration.mark({ class: `presence-selection presence-${person.color % 8}` });
      ranges.push(mark.range(Math.min(anchor, head), Math.max(anchor, head)));
    }
    const place = `${caret.line} ${caret.offset}`;
    const widget = new Flag(person.name, person.color % 8, replica, place);
    ranges.push(Decoration.widget({ widget, side: 1 }).range(head));
  }
  return Decoration.set(ranges, true);
}

class Flag extends WidgetType {
  constructor(
    private readonly name: string,
    private readonly color: number,
    private readonly replica: string,
    /** A caret that moved shows its name again. */
    private readonly place: string,
  ) {
    super();
  }

  override eq(other: Flag): boolean {
    return (
      other.name === this.name &&
      other.color === this.color &&
      other.replica === this.replica &&
      other.place === this.place
    );
  }

  override toDOM(): HTMLElement {
    const caret = document.createElement("span");
    caret.className = `presence-caret presence-${this.color}`;
    caret.dataset["replica"] = this.replica;
    caret.setAttribute("aria-hidden", "true");
    const flag = caret.appendChild(document.createElement("span"));
    flag.className = "presence-flag";
    flag.textContent = this.name;
    return caret;
  }

  override ignoreEvent(): boolean {
    return true;
  }
}

function positionOf(state: EditorState, line: string, offset: number): number | null {
  const rows = rowsOf(state);
  const at = rows.at(line);
  if (at < 0) return null;
  return state.doc.line(at + 1).from + unitAt(rows.list[at]?.text ?? "", offset);
}

/** This panel's own caret, as others are told of it; none in an empty panel. */
export function ownCaret(state: EditorState): Caret | null {
  const { anchor, head } = state.selection.main;
  const [row, anchorRow] = [rowAt(state, head), rowAt(state, anchor)];
  if (!row || !anchorRow) return null;
  return {
    line: row.id,
    offset: pointsAt(row.text, head - state.doc.lineAt(head).from),
    anchorLine: anchorRow.id,
    anchorOffset: pointsAt(anchorRow.text, anchor - state.doc.lineAt(anchor).from),
  };
}
