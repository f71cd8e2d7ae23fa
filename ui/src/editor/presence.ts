// The carets of a panel: its own, told to others a little behind the text it stands in, and theirs,
// drawn when no composition would end by it.

import type { EditorView } from "@codemirror/view";

import type { Command } from "../bridge/generated/Command";
import type { RemoteCaret } from "../bridge/generated/RemoteCaret";
import { ownCaret, setCarets } from "./carets";
import { Timers } from "./timers";

const CARET_DELAY_MS = 60;

export interface PresenceHost {
  readonly panel: number;
  readonly view: EditorView;
  /** Sends a command behind everything that was typed. */
  send(command: Command): void;
}

export class Presence {
  private readonly timers = new Timers<"caret">(() => this.due());
  /** Other people's carets that are not drawn yet. */
  private carets: readonly RemoteCaret[] | null = null;
  private lastCaret = "";

  constructor(private readonly host: PresenceHost) {}

  received(carets: readonly RemoteCaret[]): void {
    this.carets = carets;
    this.show();
  }

  /** A flag in the text that is being composed would end the composition. */
  show(): void {
    const { view } = this.host;
    if (!this.carets || view.composing) return;
    const { carets } = this;
    this.carets = null;
    view.dispatch({ effects: setCarets.of(carets) });
  }

  /** The panel's own caret is somewhere else. */
  moved(): void {
    this.timers.startOnce("caret", CARET_DELAY_MS);
  }

  /** The panel has no caret any more. */
  left(): void {
    this.tell(null);
  }

  destroy(): void {
    this.timers.cancelAll();
  }

  private due(): void {
    const { view } = this.host;
    // The caret follows the text it stands in, which is not sent yet.
    if (view.composing) this.timers.restart("caret", CARET_DELAY_MS);
    else if (view.hasFocus) this.tell(ownCaret(view.state));
  }

  private tell(caret: ReturnType<typeof ownCaret>): void {
    const text = JSON.stringify(caret);
    if (text === this.lastCaret) return;
    this.lastCaret = text;
    this.host.send({ type: "caret", panel: this.host.panel, caret });
  }
}
