// The status as it is shown: bad news at once, good news after a moment, so that typing does not make
// it flicker. What is shown is never better than what is true.

import { strings } from "../strings/strings";
import { isBetter, type StatusSentence } from "./status";

const CALM_MS = 500;

export class CalmStatus {
  shown = $state.raw<StatusSentence>({ level: "busy", text: strings.opening });
  private timer: number | undefined;

  tell(next: StatusSentence): void {
    window.clearTimeout(this.timer);
    if (!isBetter(next.level, this.shown.level)) this.shown = next;
    else this.timer = window.setTimeout(() => (this.shown = next), CALM_MS);
  }
}
