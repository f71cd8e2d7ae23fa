// What a figure is measured on: the app with a document of so many lines, and a bare editor with the
// same rows.

import type { Bare } from "./bare/host";
import type { Tideline } from "./tideline";

export interface Sight {
  readonly lines: number;
  /** A word that only the first line has. */
  readonly first: string;
  readonly tideline: Tideline;
  readonly bare: Bare;
  /** A figure's name with the size in front. */
  name(figure: string): string;
  /** Tells people what the figures do not say. */
  note(text: string): void;
}
