// Dragging a panel by its tab or header: into another stack, beside one, or out of the window.
// Pointer events, because the system's own dragging clashes with files that are dropped on a window.

import { getContext, setContext } from "svelte";

import type { Side } from "../state/layout";
import type { App } from "../state/store.svelte";

/** Less is a click with a shaking hand. */
const SLACK_PX = 6;
/** So near to an edge of a panel means beside it. */
const EDGE = 0.25;

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

type Drop =
  | { readonly type: "side"; readonly target: number; readonly side: Side }
  | { readonly type: "end"; readonly target: number }
  | { readonly type: "window" };

export class TabDrag {
  /** Where the panel would go; null while nothing is dragged. */
  box = $state.raw<Box | null>(null);
  /** What follows the pointer. */
  ghost = $state.raw<{ readonly x: number; readonly y: number; readonly title: string } | null>(
    null,
  );
  private drop: Drop | null = null;

  constructor(private readonly app: App) {}

  start(event: PointerEvent, panel: number, title: string): void {
    if (event.button !== 0) return;
    const { clientX, clientY } = event;
    const listening = new AbortController();
    const { signal } = listening;
    const stop = (): void => {
      listening.abort();
      [this.box, this.ghost, this.drop] = [null, null, null];
    };
    const move = (moved: PointerEvent): void => {
      const far = Math.hypot(moved.clientX - clientX, moved.clientY - clientY) > SLACK_PX;
      if (!this.ghost && !far) return;
      moved.preventDefault();
      this.ghost = { x: moved.clientX, y: moved.clientY, title };
      this.aim(moved);
    };
    const up = (): void => {
      const { drop, ghost } = this;
      stop();
      if (ghost && drop) this.carryOut(panel, drop);
    };
    const key = (pressed: KeyboardEvent): void => {
      if (pressed.key !== "Escape" || !this.ghost) return;
      pressed.preventDefault();
      pressed.stopPropagation();
      stop();
    };
    window.addEventListener("pointermove", move, { signal });
    window.addEventListener("pointerup", up, { signal });
    window.addEventListener("pointercancel", stop, { signal });
    window.addEventListener("keydown", key, { signal, capture: true });
  }

  private aim({ clientX: x, clientY: y }: PointerEvent): void {
    const outside = x < 0 || y < 0 || x > window.innerWidth || y > window.innerHeight;
    if (outside) return this.target({ type: "window" }, null);
    const at = document.elementFromPoint(x, y);
    const tab = at?.closest<HTMLElement>("[data-tab]");
    if (tab) {
      const { left, top, height } = tab.getBoundingClientRect();
      const drop = { type: "side", target: Number(tab.dataset["tab"]), side: "tab" } as const;
      return this.target(drop, { left: left - 1, top, width: 2, height });
    }
    const stack = at?.closest<HTMLElement>("[data-stack]");
    const shown = Number(stack?.querySelector<HTMLElement>("[data-panel]")?.dataset["panel"]);
    if (!stack || Number.isNaN(shown)) return this.target(null, null);
    const box = stack.getBoundingClientRect();
    if (at?.closest("[data-tabs]")) return this.target({ type: "end", target: shown }, box);
    const side = sideOf((x - box.left) / box.width, (y - box.top) / box.height);
    if (side === "tab") return this.target({ type: "end", target: shown }, box);
    this.target({ type: "side", target: shown, side }, half(box, side));
  }

  private target(drop: Drop | null, box: Box | null): void {
    [this.drop, this.box] = [drop, box];
  }

  private carryOut(panel: number, drop: Drop): void {
    switch (drop.type) {
      case "side":
        this.app.happen({ type: "movePanel", panel, target: drop.target, side: drop.side });
        return;
      case "end":
        this.app.happen({ type: "moveToStack", panel, target: drop.target });
        return;
      case "window":
        this.app.happen({ type: "moveToWindow", panel });
    }
  }
}

function sideOf(x: number, y: number): Side {
  const edges: readonly (readonly [number, Side])[] = [
    [x, "left"],
    [1 - x, "right"],
    [y, "above"],
    [1 - y, "below"],
  ];
  const [nearest] = [...edges].sort(([a], [b]) => a - b);
  return nearest && nearest[0] < EDGE ? nearest[1] : "tab";
}

function half({ left, top, width, height }: Box, side: Side): Box {
  switch (side) {
    case "tab":
      return { left, top, width, height };
    case "left":
      return { left, top, width: width / 2, height };
    case "right":
      return { left: left + width / 2, top, width: width / 2, height };
    case "above":
      return { left, top, width, height: height / 2 };
    case "below":
      return { left, top: top + height / 2, width, height: height / 2 };
  }
}

const KEY = Symbol("tabDrag");

export function provideTabDrag(app: App): TabDrag {
  return setContext(KEY, new TabDrag(app));
}

export function useTabDrag(): TabDrag {
  return getContext<TabDrag>(KEY);
}
