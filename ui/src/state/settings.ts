// Settings as the interface reads them. The core keeps them as plain JSON; what is missing or of
// another form has its default here.

import type { JsonValue } from "../bridge/generated/serde_json/JsonValue";

export type Theme = "light" | "dark" | "system";

export interface Settings {
  readonly theme: Theme;
  /** Size of the text in documents, in pixels. */
  readonly fontSize_px: number;
  readonly name: string;
}

export const FONT_SIZE_MIN_PX = 13;
export const FONT_SIZE_MAX_PX = 22;

export const defaultSettings: Settings = { theme: "system", fontSize_px: 16, name: "" };

type Json = Readonly<Partial<Record<string, JsonValue>>>;

export function readSettings(json: Json): Settings {
  const { theme, fontSize, name } = json;
  return {
    theme: theme === "light" || theme === "dark" ? theme : "system",
    fontSize_px: typeof fontSize === "number" ? clamp(fontSize) : defaultSettings.fontSize_px,
    name: typeof name === "string" ? name : "",
  };
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
