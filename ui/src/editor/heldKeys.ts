// Keys that cannot be carried out yet. They wait in the order in which they were pressed, and are
// pressed again once the caret stands where it belongs.

import type { Transaction } from "@codemirror/state";
import { EditorView, runScopeHandlers } from "@codemirror/view";

/** More than anybody types in the meantime; what lies on the keyboard is not kept. */
const KEYS_MAX = 1_000;

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

export class HeldKeys {
  private keys: KeyboardEvent[] = [];
  /** What is pressed again does not wait again. */
  private isReleasing = false;

  get isEmpty(): boolean {
    return this.keys.length === 0;
  }

  /** Whether the key is one that waits: it changes something, or where the caret is. */
  hold(event: KeyboardEvent): boolean {
    if (this.isReleasing) return false;
    if (!isOfCaret(event) && !goesElsewhere(event) && !undoes(event)) return false;
    if (this.keys.length < KEYS_MAX) this.keys.push(event);
    return true;
  }

  forget(): void {
    this.keys = [];
  }

  /** Presses what was held, until the next has to wait again. */
  release(view: EditorView, waits: () => boolean = () => false): void {
    while (!waits()) {
      const next = this.keys.shift();
      if (!next) return;
      this.isReleasing = true;
      try {
        press(view, next);
      } finally {
        this.isReleasing = false;
      }
    }
  }
}

/** Whether a key is meant for the place of the caret. */
export function isOfCaret(event: KeyboardEvent): boolean {
  return CARET_KEYS.has(event.key) || types(event);
}

/** Whether a key inserts one character, of whatever size. */
export function types({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  return [...key].length === 1 && !ctrlKey && !metaKey && !altKey;
}

/** With Alt, and pages with Ctrl, they lead from tab to tab. */
function goesElsewhere({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  const isPage = key.startsWith("Page");
  return PLACE_KEYS.has(key) && !altKey && !(isPage && (ctrlKey || metaKey));
}

function undoes({ key, ctrlKey, metaKey }: KeyboardEvent): boolean {
  return (ctrlKey || metaKey) && /^[zy]$/i.test(key);
}

/** Does what the key does, with what is made of typed characters on the way. */
function press(view: EditorView, event: KeyboardEvent): void {
  if (runScopeHandlers(view, event, "editor")) return;
  if (!types(event)) {
    // It may be a command of the window.
    view.contentDOM.dispatchEvent(new KeyboardEvent(event.type, event));
    return;
  }
  const { key } = event;
  const { from, to } = view.state.selection.main;
  const insert = (): Transaction =>
    view.state.update({
      ...view.state.replaceSelection(key),
      userEvent: "input.type",
      scrollIntoView: true,
    });
  const handlers = view.state.facet(EditorView.inputHandler);
  if (!handlers.some((handle) => handle(view, from, to, key, insert))) view.dispatch(insert());
}
