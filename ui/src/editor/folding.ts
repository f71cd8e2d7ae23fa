// Folding and unfolding in one panel. The core knows what is folded; nothing is drawn ahead of it.

import { EditorView } from "@codemirror/view";

import type { Command } from "../bridge/generated/Command";
import type { Row } from "../bridge/generated/Row";
import { strings } from "../strings/strings";
import { rowsOf } from "./rowset";
import { rangeOf } from "./selection";
import { indexOf, parentIndex, subtreeEnd } from "./tree";

export interface FoldingHost {
  readonly panel: number;
  readonly view: EditorView;
  /** Sends a command behind everything that was typed. */
  send(command: Command): void;
}

export class Folding {
  constructor(private readonly host: FoldingHost) {}

  /** Folds the caret's row, or the one above it in the tree. */
  fold(): boolean {
    const { list, root } = rowsOf(this.host.view.state);
    const at = this.caretRow();
    const own = list[at];
    const row = own?.hasChildren && !own.folded ? own : list[parentIndex(list, at)];
    if (row && row.id !== root) this.set(row, true);
    return true;
  }

  unfold(): boolean {
    const row = rowsOf(this.host.view.state).list[this.caretRow()];
    if (row?.folded) this.set(row, false);
    return true;
  }

  all(folded: boolean): boolean {
    this.host.send({ type: "foldAll", panel: this.host.panel, folded });
    return true;
  }

  set(row: Row, folded: boolean): void {
    const { view, panel } = this.host;
    if (folded) this.leaveSubtree(row);
    this.host.send({ type: "setFold", panel, line: row.id, folded });
    const what = folded ? strings.editor.folded : strings.editor.unfolded;
    view.dispatch({ effects: EditorView.announce.of(what) });
  }

  /** A caret that is about to be hidden goes to the end of the row that hides it. */
  private leaveSubtree(row: Row): void {
    const { view } = this.host;
    const { list } = rowsOf(view.state);
    const [at, caret] = [indexOf(list, row.id), this.caretRow()];
    if (caret <= at || caret >= subtreeEnd(list, at)) return;
    view.dispatch({ selection: { anchor: view.state.doc.line(at + 1).to } });
  }

  private caretRow(): number {
    const { state } = this.host.view;
    return rangeOf(state, state.selection.main).from;
  }
}
