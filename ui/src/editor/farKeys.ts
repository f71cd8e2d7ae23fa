// Keys while the caret is in rows that are not held: they wait until it is seen again. Everybody who
// writes looks at what they write.

import { EditorSelection } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

import { farEndsOf, isFar, isFarCaret } from "./far";
import { HeldKeys, isOfCaret, types } from "./heldKeys";

export class FarKeys {
  private readonly held = new HeldKeys();

  constructor(
    private readonly view: EditorView,
    private readonly host: {
      /** Runs when the rows around a line are held. */
      whenShown(line: string, run: () => void): void;
      /** Replaces what is selected, and puts the caret there. */
      replace(insert: string): void;
    },
  ) {}

  /** Whether the key waits. `going`: the caret is on its way to somewhere. */
  take(event: KeyboardEvent, going: boolean): boolean {
    if (event.isComposing) return false;
    if (going || !this.held.isEmpty) return this.held.hold(event);
    if (!isFar(this.view.state)) return false;
    if (!isFarCaret(this.view.state)) return this.takeSelected(event);
    if (!isOfCaret(event)) return false;
    this.held.hold(event);
    this.bringCaret();
    return true;
  }

  /** Does what was kept, unless the caret is still on its way, or until it goes on. */
  arrived(going: () => boolean): void {
    if (!this.held.isEmpty && !going() && isFarCaret(this.view.state)) this.bringCaret();
    this.held.release(this.view, going);
  }

  forget(): void {
    this.held.forget();
  }

  private takeSelected(event: KeyboardEvent): boolean {
    const deletes = event.key === "Backspace" || event.key === "Delete" || event.key === "Enter";
    if (!deletes && !types(event)) return false;
    this.host.replace(deletes ? "" : event.key);
    return true;
  }

  /** Shows the caret. */
  bringCaret(): void {
    const { head } = farEndsOf(this.view.state);
    if (!head || head.line === null) return;
    this.host.whenShown(head.line, () => {
      const caret = this.view.state.selection.main.head;
      this.view.dispatch({
        selection: EditorSelection.cursor(caret),
        effects: EditorView.scrollIntoView(caret, { y: "center" }),
      });
    });
  }
}
