// Keys that are typed before a document's rows have come. They wait, and are typed once the caret
// stands where it belongs.

import { type Extension, Prec, type Transaction } from "@codemirror/state";
import { EditorView, runScopeHandlers } from "@codemirror/view";

/** More than anybody types while a document opens; what lies on the keyboard is not kept. */
const KEYS_MAX = 1_000;

export class TypedAhead {
  private keys: KeyboardEvent[] = [];
  readonly extension: Extension;

  /** `coming`: the rows on the screen are of something that was left. */
  constructor(coming: () => boolean) {
    this.extension = Prec.highest(
      EditorView.domEventHandlers({
        keydown: (event) => {
          const waits = coming() || this.keys.length > 0;
          if (!waits || !isTyping(event)) return false;
          if (this.keys.length < KEYS_MAX) this.keys.push(event);
          return true;
        },
      }),
    );
  }

  forget(): void {
    this.keys = [];
  }

  type(view: EditorView): void {
    this.keys.splice(0).forEach((event) => type(view, event));
  }
}

function isTyping({ key, ctrlKey, metaKey, altKey, isComposing }: KeyboardEvent): boolean {
  if (ctrlKey || metaKey || altKey || isComposing) return false;
  return isLetter(key) || ["Enter", "Backspace", "Delete", "Tab"].includes(key);
}

/** One character, of whatever size. */
function isLetter(key: string): boolean {
  return [...key].length === 1;
}

function type(view: EditorView, event: KeyboardEvent): void {
  if (!isLetter(event.key)) {
    runScopeHandlers(view, event, "editor");
    return;
  }
  const { key } = event;
  const { from, to } = view.state.selection.main;
  const insert = (): Transaction =>
    view.state.update({ ...view.state.replaceSelection(key), userEvent: "input.type" });
  const handlers = view.state.facet(EditorView.inputHandler);
  if (!handlers.some((handle) => handle(view, from, to, key, insert))) view.dispatch(insert());
}
