// Dragging a document in the sidebar: into a folder, or, when documents are ordered by hand, to
// another place. By keyboard the document's menu does the same.

import { documentsIn, folderTree, reordered } from "../state/documents";
import type { App } from "../state/store.svelte";

/** Less is a click with a shaking hand. */
const SLACK_PX = 6;

type Drop =
  | { readonly type: "folder"; readonly path: string }
  | { readonly type: "beside"; readonly document: string; readonly where: "before" | "behind" };

export class DocumentDrag {
  document = $state<string | null>(null);
  drop = $state.raw<Drop | null>(null);

  constructor(private readonly app: App) {}

  start(event: PointerEvent, document: string): void {
    if (event.button !== 0) return;
    const { clientX, clientY } = event;
    const listening = new AbortController();
    const { signal } = listening;
    const stop = (): void => {
      listening.abort();
      [this.document, this.drop] = [null, null];
    };
    const move = (moved: PointerEvent): void => {
      const far = Math.hypot(moved.clientX - clientX, moved.clientY - clientY) > SLACK_PX;
      if (this.document === null && !far) return;
      moved.preventDefault();
      this.document = document;
      this.drop = this.aim(moved, document);
    };
    const up = (): void => {
      const { drop, document: dragged } = this;
      stop();
      if (dragged === null) return;
      // The click that a drag ends with opens nothing.
      window.addEventListener("click", swallow, { capture: true, once: true });
      window.setTimeout(() => window.removeEventListener("click", swallow, { capture: true }), 0);
      if (drop) this.carryOut(dragged, drop);
    };
    const key = (pressed: KeyboardEvent): void => {
      if (pressed.key === "Escape" && this.document !== null) stop();
    };
    window.addEventListener("pointermove", move, { signal });
    window.addEventListener("pointerup", up, { signal });
    window.addEventListener("pointercancel", stop, { signal });
    window.addEventListener("keydown", key, { signal, capture: true });
  }

  private aim({ clientX, clientY }: PointerEvent, dragged: string): Drop | null {
    const at = document.elementFromPoint(clientX, clientY);
    const row = at?.closest<HTMLElement>("[data-document]");
    const over = row?.dataset["document"];
    if (row && over !== undefined) {
      if (over === dragged) return null;
      if (this.app.state.settings.order !== "hand") {
        const path = this.app.state.documents.find(({ id }) => id === over)?.folder ?? "";
        return { type: "folder", path };
      }
      const { top, height } = row.getBoundingClientRect();
      const where = clientY < top + height / 2 ? "before" : "behind";
      return { type: "beside", document: over, where };
    }
    const folder = at?.closest<HTMLElement>("[data-folder]");
    if (folder) return { type: "folder", path: folder.dataset["folder"] ?? "" };
    return at?.closest("[data-documents]") ? { type: "folder", path: "" } : null;
  }

  private carryOut(document: string, drop: Drop): void {
    const { documents, settings } = this.app.state;
    const entry = documents.find(({ id }) => id === document);
    if (!entry) return;
    const target = drop.type === "beside" ? drop.document : "";
    const folder =
      drop.type === "folder"
        ? drop.path
        : (documents.find(({ id }) => id === target)?.folder ?? entry.folder);
    if (folder !== entry.folder) this.app.happen({ type: "moveDocument", document, folder });
    if (drop.type !== "beside") return;
    const order = documentsIn(folderTree(documents, settings)).map(({ id }) => id);
    const next = reordered(order, document, target, drop.where);
    this.app.happen({ type: "orderDocuments", order: next });
  }
}

function swallow(event: Event): void {
  event.preventDefault();
  event.stopPropagation();
}
