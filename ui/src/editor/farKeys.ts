// Keys while the caret is in rows that are not held: they wait until it is seen again. Everybody who
// writes looks at what they write.

import { EditorSelection } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

import { farEndsOf, isFar, isFarCaret } from "./far";
import { HeldKeys, isOfCaret, types } from "./heldKeys";

export class FarKeys {
  /** Until the caret is shown. */
  private readonly unseen = new HeldKeys();
  /** Behind a jump that is under way. */
  private readonly behindJump = new HeldKeys();

  constructor(
    private readonly view: EditorView,
    private readonly host: {
      /** Runs when the rows around a line are held. */
      whenShown(line: string, run: () => void): void;
      /** Replaces what is selected, and puts the caret there. */
      replace(insert: string): void;
    },
  ) {}

  /** Whether the key waits. `going`: a jump is under way. */
  take(event: KeyboardEvent, going: boolean): boolean {
    if (event.isComposing) return false;
    if (going || !this.behindJump.isEmpty) return this.behindJump.hold(event);
    if (!isFar(this.view.state)) return false;
    if (!isFarCaret(this.view.state)) return this.takeSelected(event);
    if (!isOfCaret(event)) return false;
    const isFirst = this.unseen.isEmpty;
    this.unseen.hold(event);
    if (isFirst) this.bringCaret();
    return true;
  }

  /** The jump has arrived: does what was kept, up to the next jump. */
  arrived(going: () => boolean): void {
    this.behindJump.release(this.view, going);
  }

  private takeSelected(event: KeyboardEvent): boolean {
    const deletes = event.key === "Backspace" || event.key === "Delete" || event.key === "Enter";
    if (!deletes && !types(event)) return false;
    this.host.replace(deletes ? "" : event.key);
    return true;
  }

  /** Shows the caret, and does what waits for it. */
  bringCaret(): void {
    const { head } = farEndsOf(this.view.state);
    if (!head || head.line === null) return;
    this.host.whenShown(head.line, () => {
      const caret = this.view.state.selection.main.head;
      this.view.dispatch({
        selection: EditorSelection.cursor(caret),
        effects: EditorView.scrollIntoView(caret, { y: "center" }),
      });
      this.unseen.release(this.view);
    });
  }
}
