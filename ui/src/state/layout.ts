// How panels share the window: a tree of splits. Pure.

export type Direction = "horizontal" | "vertical";

export type Layout =
  | { readonly type: "panel"; readonly panel: number }
  | { readonly type: "split"; readonly direction: Direction; readonly parts: readonly Layout[] };

export function panelsIn(layout: Layout | null): readonly number[] {
  if (layout === null) return [];
  return layout.type === "panel" ? [layout.panel] : layout.parts.flatMap(panelsIn);
}

/** What tells a panel from others of the same name: its place, where there are several. */
export function panelName(layout: Layout | null, panel: number): string {
  const all = panelsIn(layout);
  return all.length > 1 ? `Panel ${all.indexOf(panel) + 1}` : "Panel";
}

/** Puts `added` behind `panel`, in the same split where it runs in that direction. */
export function splitPanel(
  layout: Layout,
  panel: number,
  added: number,
  direction: Direction,
): Layout {
  const leaf: Layout = { type: "panel", panel: added };
  if (layout.type === "panel") {
    return layout.panel === panel ? { type: "split", direction, parts: [layout, leaf] } : layout;
  }
  const at = layout.parts.findIndex((part) => part.type === "panel" && part.panel === panel);
  if (at >= 0 && layout.direction === direction) {
    return { ...layout, parts: layout.parts.toSpliced(at + 1, 0, leaf) };
  }
  const parts = layout.parts.map((part) => splitPanel(part, panel, added, direction));
  return { ...layout, parts };
}

/** Without `panel`; a split of one is that one. */
export function removePanel(layout: Layout, panel: number): Layout | null {
  if (layout.type === "panel") return layout.panel === panel ? null : layout;
  const parts = layout.parts
    .map((part) => removePanel(part, panel))
    .filter((part) => part !== null);
  const [only] = parts;
  return parts.length <= 1 ? (only ?? null) : { ...layout, parts };
}

/** Names a split by the panels in it, so that it keeps its place on screen. */
export function layoutKey(layout: Layout): string {
  return layout.type === "panel" ? String(layout.panel) : `(${layout.parts.map(layoutKey).join()})`;
}

/** The panel that gets the focus when `panel` goes. */
export function neighbour(layout: Layout, panel: number): number | null {
  const all = panelsIn(layout);
  const at = all.indexOf(panel);
  return all[at - 1] ?? all[at + 1] ?? null;
}
