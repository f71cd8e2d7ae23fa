// How a document of the sidebar asks for its menu, and to be dragged.

import type { DocumentDrag } from "./documentDrag.svelte";

export interface OpenMenu {
  /** The document whose menu is open. */
  readonly document: string | null;
  readonly drag: DocumentDrag;
  open(document: string, anchor: HTMLElement): void;
}
