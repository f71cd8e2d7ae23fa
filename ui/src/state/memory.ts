// What a window remembers from one start to the next: written by the core, read here. Pure.

import type { Folds } from "../bridge/generated/Folds";
import type { JsonValue } from "../bridge/generated/serde_json/JsonValue";
import type { AppState, Look } from "./app";
import { readFolds } from "./folds";
import { type Layout, panelsIn, readLayout } from "./layout";
import type { Spot } from "./spot";

export interface TabMemory {
  readonly document: string;
  readonly root: string | null;
  readonly folds: Folds;
  readonly spot: Spot | null;
}

export interface Memory {
  readonly layout: Layout | null;
  readonly tabs: Readonly<Record<number, TabMemory>>;
  readonly focused: number | null;
  readonly sidebar: boolean;
  readonly outline: boolean;
  readonly foldedFolders: readonly string[];
  readonly recent: readonly string[];
}

export const FIRST_WINDOW = "main";
const SETTING = "window.";
const RECENT_MAX = 50;
/** Windows of a browser that were closed are not told apart from those that will be opened again. */
const WINDOWS_MAX = 12;

export function settingOf(window: string): string {
  return SETTING + window;
}

export function memoryOf(state: AppState, look: Look): Memory {
  const { layout, panels, focused, sidebar, outline, foldedFolders, recent } = state;
  const tabs = Object.fromEntries(
    Object.entries(panels).map(([panel, { document, root, folds, rows, spot }]) => {
      const seen = rows === "shown" ? look(Number(panel)) : spot;
      return [panel, { document, root, folds, spot: seen }];
    }),
  );
  return {
    layout,
    tabs,
    focused,
    sidebar,
    outline: outline !== null,
    foldedFolders,
    recent: recent.slice(0, RECENT_MAX),
  };
}

/** Of a window that shows one tab. */
export function memoryOfTab(tab: TabMemory, { sidebar }: Pick<AppState, "sidebar">): Memory {
  const layout: Layout = { type: "stack", id: 1, tabs: [1], shown: 1 };
  const tabs = { 1: tab };
  return { layout, tabs, focused: 1, sidebar, outline: false, foldedFolders: [], recent: [] };
}

type Json = Readonly<Partial<Record<string, JsonValue>>>;

/** The names of the windows that the core remembers, but for the one named. */
export function otherWindows(settings: Json, window: string): readonly string[] {
  return Object.keys(settings)
    .filter((name) => name.startsWith(SETTING) && settings[name] !== null)
    .map((name) => name.slice(SETTING.length))
    .filter((name) => name !== window);
}

export function surplusWindows(names: readonly string[]): readonly string[] {
  return names.slice(0, Math.max(names.length - WINDOWS_MAX, 0));
}

/** Null when nothing is remembered, or nothing that can be read. */
export function readMemory(settings: Json, window: string): Memory | null {
  const json = settings[settingOf(window)];
  if (typeof json !== "object" || json === null || Array.isArray(json)) return null;
  const layout = readLayout(json["layout"]);
  const known = objectOf(json["tabs"]);
  const tabs = Object.fromEntries(
    panelsIn(layout).map((panel) => [panel, readTab(objectOf(known[panel]))]),
  );
  return {
    layout,
    tabs,
    focused: typeof json["focused"] === "number" ? json["focused"] : null,
    sidebar: json["sidebar"] !== false,
    outline: json["outline"] === true,
    foldedFolders: textsOf(json["foldedFolders"]),
    recent: textsOf(json["recent"]),
  };
}

function readTab(json: Json): TabMemory {
  const { document, root, folds, spot } = json;
  return {
    document: typeof document === "string" ? document : "",
    root: typeof root === "string" ? root : null,
    folds: readFolds(folds),
    spot: readSpot(objectOf(spot)),
  };
}

function readSpot({ caret, top, above_px }: Json): Spot {
  const { line, offset, anchorLine, anchorOffset } = objectOf(caret);
  const known =
    typeof line === "string" &&
    typeof offset === "number" &&
    typeof anchorLine === "string" &&
    typeof anchorOffset === "number"
      ? { line, offset, anchorLine, anchorOffset }
      : null;
  return {
    caret: known,
    top: typeof top === "string" ? top : null,
    above_px: typeof above_px === "number" ? above_px : 0,
  };
}

function objectOf(json: JsonValue | undefined): Json {
  return typeof json === "object" && json !== null && !Array.isArray(json) ? json : {};
}

function textsOf(json: JsonValue | undefined): readonly string[] {
  return Array.isArray(json) ? json.filter((one) => typeof one === "string") : [];
}
