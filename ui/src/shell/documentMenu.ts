// How a document of the sidebar asks for its menu.

export interface OpenMenu {
  /** The document whose menu is open. */
  readonly document: string | null;
  open(document: string, anchor: HTMLElement): void;
}
