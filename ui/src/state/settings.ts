// Settings as the interface reads them. The core keeps them as plain JSON; what is missing or of
// another form has its default here.

import type { JsonValue } from "../bridge/generated/serde_json/JsonValue";

export type Theme = "light" | "dark" | "system";

export interface Settings {
  readonly theme: Theme;
  /** Size of the text in documents, in pixels. */
  readonly fontSize_px: number;
  readonly name: string;
  /** The groups on the sync server that this person is in. */
  readonly groups: readonly Group[];
  /** The id of the group that new documents go to; empty: the first one. */
  readonly homeGroup: string;
}

export interface Group {
  readonly id: string;
  readonly name: string;
}

export const FONT_SIZE_MIN_PX = 13;
export const FONT_SIZE_MAX_PX = 22;

export const defaultSettings: Settings = {
  theme: "system",
  fontSize_px: 16,
  name: "",
  groups: [],
  homeGroup: "",
};

type Json = Readonly<Partial<Record<string, JsonValue>>>;

export function readSettings(json: Json): Settings {
  const { theme, fontSize, name, groups, homeGroup } = json;
  return {
    theme: theme === "light" || theme === "dark" ? theme : "system",
    fontSize_px: typeof fontSize === "number" ? clamp(fontSize) : defaultSettings.fontSize_px,
    name: typeof name === "string" ? name : "",
    groups: Array.isArray(groups) ? groups.flatMap(readGroup) : [],
    homeGroup: typeof homeGroup === "string" ? homeGroup : "",
  };
}

function readGroup(json: JsonValue): Group[] {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return [];
  const { id, name } = json;
  return typeof id === "string" && typeof name === "string" ? [{ id, name }] : [];
}

/** The address of the sync server; its token never leaves the core. */
export function readServer(json: Json): string | null {
  const { server } = json;
  if (typeof server !== "object" || server === null || Array.isArray(server)) return null;
  return typeof server["url"] === "string" ? server["url"] : null;
}

function clamp(size: number): number {
  return Math.min(Math.max(Math.round(size), FONT_SIZE_MIN_PX), FONT_SIZE_MAX_PX);
}
