// The interface's state, what may happen to it, and what is to be done about it. Types only, and the
// state at the start.

import type { Command } from "../bridge/generated/Command";
import type { Crumb } from "../bridge/generated/Crumb";
import type { DocumentEntry } from "../bridge/generated/DocumentEntry";
import type { Folds } from "../bridge/generated/Folds";
import type { Lesson } from "../bridge/generated/Lesson";
import type { Message } from "../bridge/generated/Message";
import type { NoticeLevel } from "../bridge/generated/NoticeLevel";
import type { Person } from "../bridge/generated/Person";
import type { Place } from "../bridge/generated/Place";
import type { SearchResult } from "../bridge/generated/SearchResult";
import type { ServerAddress } from "../bridge/generated/ServerAddress";
import type { Status } from "../bridge/generated/Status";
import type { JsonValue } from "../bridge/generated/serde_json/JsonValue";
import type { PanelMessage } from "../editor/panelEditor";
import type { SelectionReport } from "../editor/selection";
import type { HistoryState } from "./history";
import type { Direction, Layout, Side } from "./layout";
import type { Memory } from "./memory";
import type { SettingChange, Settings } from "./settings";
import { defaultSettings } from "./settings";
import type { Spot } from "./spot";

export type Connection =
  | { readonly type: "starting" }
  | { readonly type: "connected" }
  | { readonly type: "lost"; readonly reason: string };

/** Somewhere one was in a panel, to go back to. */
export interface Stop {
  readonly document: string;
  readonly root: string | null;
  readonly folds: Folds;
  readonly spot: Spot | null;
}

export interface PanelState {
  readonly document: string;
  readonly title: string;
  readonly root: string | null;
  readonly breadcrumb: readonly Crumb[];
  /** Who else has a caret here. */
  readonly people: readonly Person[];
  /** A panel that sleeps has no editor: it is a tab that has not been looked at for long. */
  readonly rows: "asleep" | "loading" | "shown";
  /** Why there is nothing to show any more. */
  readonly closed: string | null;
  readonly selection: SelectionReport | null;
  readonly folds: Folds;
  readonly back: readonly Stop[];
  readonly forward: readonly Stop[];
  /** Where to return when the rows come. */
  readonly spot: Spot | null;
  /** The rows that are awaited were asked for by going somewhere, which is in `back` already. */
  readonly travelling: boolean;
  /** The title stands above the rows; not where the first row says the same. */
  readonly titled: boolean;
}

export interface Notice {
  readonly id: number;
  readonly level: NoticeLevel;
  readonly text: string;
}

/** What the palette looks for: commands; documents, headings and lines; headings of one document. */
export type PaletteMode = "commands" | "everywhere" | "headings";

export type SettingsPage = "looks" | "writing" | "keys" | "you" | "sync";

export type Dialog =
  | { readonly type: "palette"; readonly mode: PaletteMode; readonly where?: Where }
  | { readonly type: "settings"; readonly page?: SettingsPage }
  | { readonly type: "status" }
  | { readonly type: "history" }
  | { readonly type: "folder"; readonly document: string }
  | { readonly type: "delete"; readonly document: string };

export interface SearchState {
  readonly queryId: number;
  readonly text: string;
  /** One question at a time: another one waits for the answer, and only the latest. */
  readonly asking: boolean;
  readonly next: { readonly text: string; readonly mode: PaletteMode } | null;
  readonly results: readonly SearchResult[];
  readonly places: readonly Place[];
}

/** The headings of a document, as the outline beside the text shows them. */
export interface OutlineState {
  readonly queryId: number;
  readonly document: string;
  readonly headings: readonly Place[];
}

/** Somebody who is followed, in one panel. */
export interface Following {
  readonly person: Person;
  readonly panel: number;
}

export interface AppState {
  readonly connection: Connection;
  readonly user: Person | null;
  readonly version: string;
  readonly documents: readonly DocumentEntry[];
  readonly settings: Settings;
  /** Changed here, and not yet told by the core. */
  readonly settingChanges: readonly SettingChange[];
  readonly server: string | null;
  readonly status: Status | null;
  /** Counts the status messages, so that a repeated one starts its countdown anew. */
  readonly statusCount: number;
  readonly layout: Layout | null;
  readonly panels: Readonly<Record<number, PanelState>>;
  readonly focused: number | null;
  readonly nextPanel: number;
  readonly notices: readonly Notice[];
  readonly nextNotice: number;
  readonly dialog: Dialog | null;
  readonly search: SearchState;
  /** Of the line whose history was asked for last. */
  readonly history: HistoryState | null;
  /** Null while it is hidden. */
  readonly outline: OutlineState | null;
  readonly following: Following | null;
  /** The panel that is read page by page, alone in the window. */
  readonly reading: number | null;
  readonly sidebar: boolean;
  readonly foldedFolders: readonly string[];
  /** Documents in the order in which they were opened, the latest first. */
  readonly recent: readonly string[];
  /** Panels in the order in which they were shown, the latest last. */
  readonly awake: readonly number[];
  /** The panel whose title is to be typed: its document was just made. */
  readonly naming: number | null;
  /** What to show at the first boot; null afterwards. */
  readonly wanted: Wanted | null;
}

export interface Wanted {
  /** The name of this window; the first one is "main". */
  readonly window: string;
  /** The document that a link named. */
  readonly document: string | null;
}

export type Where = "here" | "tab" | "beside" | "window";

/** Everything that can happen. */
export type Happening =
  | { readonly type: "opened" }
  | { readonly type: "lost"; readonly reason: string }
  | { readonly type: "message"; readonly message: Message }
  | {
      readonly type: "openDocument";
      readonly document: string;
      readonly line?: string | null;
      readonly where: Where;
    }
  | { readonly type: "createDocument" }
  | { readonly type: "renameDocument"; readonly document: string; readonly title: string }
  | { readonly type: "deleteDocument"; readonly document: string }
  | { readonly type: "moveDocument"; readonly document: string; readonly folder: string }
  | { readonly type: "orderDocuments"; readonly order: readonly string[] }
  | { readonly type: "nameDocument"; readonly panel: number }
  | { readonly type: "named" }
  | { readonly type: "splitPanel"; readonly direction: Direction }
  | { readonly type: "closePanel"; readonly panel: number }
  | { readonly type: "focusPanel"; readonly panel: number }
  | { readonly type: "focusStack"; readonly step: 1 | -1 }
  | { readonly type: "showTab"; readonly panel: number }
  | { readonly type: "nextTab"; readonly step: 1 | -1 }
  | { readonly type: "shiftTab"; readonly step: 1 | -1 }
  | {
      readonly type: "movePanel";
      readonly panel: number;
      readonly target: number;
      readonly side: Side;
    }
  | { readonly type: "moveToStack"; readonly panel: number; readonly target: number }
  | { readonly type: "moveToNextStack" }
  | { readonly type: "moveToWindow"; readonly panel: number }
  | { readonly type: "resized"; readonly key: string; readonly sizes: readonly number[] }
  | { readonly type: "goBack" }
  | { readonly type: "goForward" }
  | {
      readonly type: "folded";
      readonly panel: number;
      readonly line: string | null;
      readonly folded: boolean;
    }
  | { readonly type: "follow"; readonly person: Person; readonly panel: number }
  | { readonly type: "stopFollowing" }
  | { readonly type: "learned"; readonly lesson: Lesson }
  | { readonly type: "focusEditor" }
  | { readonly type: "zoom"; readonly panel: number; readonly root: string | null }
  | { readonly type: "zoomOut" }
  | {
      readonly type: "selected";
      readonly panel: number;
      readonly report: SelectionReport;
    }
  | { readonly type: "openWindow" }
  | { readonly type: "showDialog"; readonly dialog: Dialog }
  | { readonly type: "closeDialog" }
  | { readonly type: "search"; readonly text: string; readonly mode: PaletteMode }
  | { readonly type: "showHistory"; readonly panel: number; readonly line: string }
  | { readonly type: "seekHeadings" }
  | { readonly type: "toggleOutline" }
  | { readonly type: "toggleReading" }
  | { readonly type: "toggleSidebar" }
  | { readonly type: "toggleFolder"; readonly path: string }
  | { readonly type: "setSetting"; readonly name: string; readonly value: JsonValue }
  | { readonly type: "setServer"; readonly server: ServerAddress | null }
  | { readonly type: "dismissNotice"; readonly notice: number }
  | { readonly type: "notify"; readonly level: NoticeLevel; readonly text: string };

/** What is to be done outside the state, in order. */
export type Effect =
  | { readonly type: "send"; readonly command: Command }
  | {
      readonly type: "takeNumbers";
      readonly prefix: string;
      readonly first: number;
      readonly count: number;
      /** Those given before must not be used any more. */
      readonly instead: boolean;
    }
  | {
      readonly type: "openEditor";
      readonly panel: number;
      readonly document: string;
      readonly root: string | null;
      readonly line: string | null;
      readonly spot: Spot | null;
    }
  | { readonly type: "closeEditor"; readonly panel: number }
  | { readonly type: "deliver"; readonly message: PanelMessage }
  | { readonly type: "reconnectEditors" }
  | { readonly type: "focusEditor"; readonly panel: number }
  | { readonly type: "revealLine"; readonly panel: number; readonly line: string }
  | { readonly type: "zoomEditor"; readonly panel: number; readonly root: string | null }
  /** Brings the caret and what is seen back; when the rows come, if they are on their way. */
  | { readonly type: "returnTo"; readonly panel: number; readonly spot: Spot }
  /** Shows a line without moving the caret. */
  | { readonly type: "showLine"; readonly panel: number; readonly line: string }
  | { readonly type: "openWindow"; readonly memory: Memory }
  | { readonly type: "restoreWindows"; readonly names: readonly string[] }
  | { readonly type: "forgetWindows"; readonly names: readonly string[] }
  | { readonly type: "remember" }
  | { readonly type: "seekHeadingsSoon" };

/** Where one is in a panel now; null where nothing is shown. */
export type Look = (panel: number) => Spot | null;

export function initialState(wanted: Wanted): AppState {
  return {
    connection: { type: "starting" },
    user: null,
    version: "",
    documents: [],
    settings: defaultSettings,
    settingChanges: [],
    server: null,
    status: null,
    statusCount: 0,
    layout: null,
    panels: {},
    focused: null,
    nextPanel: 1,
    notices: [],
    nextNotice: 1,
    dialog: null,
    search: { queryId: 0, text: "", asking: false, next: null, results: [], places: [] },
    history: null,
    outline: null,
    following: null,
    reading: null,
    sidebar: true,
    foldedFolders: [],
    recent: [],
    awake: [],
    naming: null,
    wanted,
  };
}
