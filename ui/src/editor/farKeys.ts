// Keys while the caret is in rows that are not held: they wait until it is seen again. Everybody who
// writes looks at what they write.

import { EditorSelection } from "@codemirror/state";
import { EditorView, runScopeHandlers } from "@codemirror/view";

import { farEndsOf, isFar, isFarCaret } from "./far";

const CARET_KEYS: ReadonlySet<string> = new Set([
  "ArrowLeft",
  "ArrowRight",
  "ArrowUp",
  "ArrowDown",
  "Backspace",
  "Delete",
  "Enter",
  "Tab",
]);
/** Those that mean another place while the caret is on its way to one. */
const PLACE_KEYS: ReadonlySet<string> = new Set(["Home", "End", "PageUp", "PageDown"]);

export class FarKeys {
  private waiting: KeyboardEvent[] = [];
  /** Those behind a jump that is under way. */
  private held: KeyboardEvent[] = [];

  constructor(
    private readonly view: EditorView,
    private readonly host: {
      /** Runs when the rows around a line are held. */
      whenShown(line: string, run: () => void): void;
      /** Replaces what is selected, and puts the caret there. */
      replace(insert: string): void;
    },
  ) {}

  /** Whether the key waits. */
  take(event: KeyboardEvent): boolean {
    if (!isFar(this.view.state) || event.isComposing) return false;
    if (!isFarCaret(this.view.state)) return this.takeSelected(event);
    if (!CARET_KEYS.has(event.key) && !types(event)) return false;
    this.waiting.push(event);
    if (this.waiting.length === 1) this.bringCaret();
    return true;
  }

  /** Keeps a key until the jump that is under way has arrived, behind those that are kept already. */
  hold(event: KeyboardEvent, going: boolean): boolean {
    if (!going && this.held.length === 0) return false;
    const isOfCaret = CARET_KEYS.has(event.key) || PLACE_KEYS.has(event.key) || undoes(event);
    if (event.isComposing || (!isOfCaret && !types(event))) return false;
    this.held.push(event);
    return true;
  }

  /** The jump has arrived: does what was kept, up to the next jump. */
  arrived(going: () => boolean): void {
    while (!going()) {
      const next = this.held.shift();
      if (!next) return;
      this.run(next);
    }
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
      const { waiting } = this;
      this.waiting = [];
      waiting.forEach((event) => this.run(event));
    });
  }

  private run(event: KeyboardEvent): void {
    const { view } = this;
    if (runScopeHandlers(view, event, "editor") || !types(event)) return;
    view.dispatch({
      ...view.state.replaceSelection(event.key),
      userEvent: "input.type",
      scrollIntoView: true,
    });
  }
}

function undoes(event: KeyboardEvent): boolean {
  return (event.ctrlKey || event.metaKey) && /^[zy]$/i.test(event.key);
}

function types(event: KeyboardEvent): boolean {
  return [...event.key].length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
}
