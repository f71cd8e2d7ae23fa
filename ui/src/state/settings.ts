// Settings as the interface reads them. The core keeps them as plain JSON; what is missing or of
// another form has its default here.

import type { JsonValue } from "../bridge/generated/serde_json/JsonValue";

export type Theme = "light" | "dark" | "system";
export type Contrast = "system" | "more";
export type Motion = "system" | "less";
export type Density = "comfortable" | "compact";
export type Face = "sans" | "serif";
/** How the sidebar orders documents: by name, the latest first, or as the user put them. */
export type Order = "name" | "changed" | "hand";

/** The keys of commands that the user changed, by the command's id. */
export type Keys = Readonly<Partial<Record<string, readonly string[]>>>;

export interface Settings {
  readonly theme: Theme;
  readonly contrast: Contrast;
  readonly motion: Motion;
  readonly density: Density;
  /** Of the text in documents. */
  readonly face: Face;
  /** Size of the text in documents, in pixels. */
  readonly fontSize_px: number;
  readonly keys: Keys;
  readonly order: Order;
  /** Documents as the user ordered them; others come behind. */
  readonly documentOrder: readonly string[];
  /** What the Welcome document has taught. */
  readonly lessons: readonly string[];
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
  contrast: "system",
  motion: "system",
  density: "comfortable",
  face: "sans",
  fontSize_px: 16,
  keys: {},
  order: "name",
  documentOrder: [],
  lessons: [],
  name: "",
  groups: [],
  homeGroup: "",
};

type Json = Readonly<Partial<Record<string, JsonValue>>>;

export function readSettings(json: Json): Settings {
  const { fontSize, name, groups, homeGroup } = json;
  return {
    theme: oneOf(json["theme"], ["system", "light", "dark"]),
    contrast: oneOf(json["contrast"], ["system", "more"]),
    motion: oneOf(json["motion"], ["system", "less"]),
    density: oneOf(json["density"], ["comfortable", "compact"]),
    face: oneOf(json["face"], ["sans", "serif"]),
    fontSize_px: typeof fontSize === "number" ? clamp(fontSize) : defaultSettings.fontSize_px,
    keys: readKeys(json["keys"]),
    order: oneOf(json["order"], ["name", "changed", "hand"]),
    documentOrder: texts(json["documentOrder"]),
    lessons: texts(json["lessons"]),
    name: typeof name === "string" ? name : "",
    groups: Array.isArray(groups) ? groups.flatMap(readGroup) : [],
    homeGroup: typeof homeGroup === "string" ? homeGroup : "",
  };
}

/** The settings with one of them changed, as the core will tell them. */
export function withSetting(settings: Settings, name: string, value: JsonValue): Settings {
  const field = fieldOf(name);
  if (field === null) return settings;
  return { ...settings, [field]: readSettings({ [name]: value })[field] };
}

/** A setting that was changed here. */
export interface SettingChange {
  readonly name: string;
  readonly value: JsonValue;
}

/** `json` is what the core told; of `changes`, in the order in which they were made here, it has not told
 * all yet, and tells each once. */
export function withChanges(
  json: Json,
  changes: readonly SettingChange[],
): { readonly settings: Settings; readonly changes: readonly SettingChange[] } {
  const [first, ...others] = changes;
  const isTold = first !== undefined && isSame(json[first.name] ?? null, first.value);
  const left = isTold ? others : changes;
  const settings = left.reduce(
    (settings, { name, value }) => withSetting(settings, name, value),
    readSettings(json),
  );
  return { settings, changes: left };
}

function isSame(one: JsonValue | undefined, other: JsonValue | undefined): boolean {
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) {
    return one === other;
  }
  const entries = Object.entries(one);
  return (
    Array.isArray(one) === Array.isArray(other) &&
    entries.length === Object.keys(other).length &&
    entries.every(([name, value]) => isSame(value, (other as Json)[name]))
  );
}

function fieldOf(name: string): keyof Settings | null {
  const field = name === "fontSize" ? "fontSize_px" : name;
  return isField(field) ? field : null;
}

function isField(name: string): name is keyof Settings {
  return name in defaultSettings;
}

/** Whether it is one that an interface shows: the core tells of those. */
export const isShown = (name: string): boolean => fieldOf(name) !== null;

/** The first choice is the default. */
function oneOf<Choice extends string>(
  json: JsonValue | undefined,
  choices: readonly [Choice, ...Choice[]],
): Choice {
  return choices.find((choice) => choice === json) ?? choices[0];
}

function texts(json: JsonValue | undefined): readonly string[] {
  return Array.isArray(json) ? json.filter((one) => typeof one === "string") : [];
}

function readKeys(json: JsonValue | undefined): Keys {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return {};
  return Object.fromEntries(
    Object.entries(json).flatMap(([id, keys]) => (Array.isArray(keys) ? [[id, texts(keys)]] : [])),
  );
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
