// The interface's state, what may happen to it, and what is to be done about it. Types only, and the
// state at the start.

import type { Command } from "../bridge/generated/Command";
import type { Crumb } from "../bridge/generated/Crumb";
import type { DocumentEntry } from "../bridge/generated/DocumentEntry";
import type { Message } from "../bridge/generated/Message";
import type { NoticeLevel } from "../bridge/generated/NoticeLevel";
import type { Person } from "../bridge/generated/Person";
import type { SearchResult } from "../bridge/generated/SearchResult";
import type { ServerAddress } from "../bridge/generated/ServerAddress";
import type { Status } from "../bridge/generated/Status";
import type { JsonValue } from "../bridge/generated/serde_json/JsonValue";
import type { PanelMessage, SelectionReport } from "../editor/panelEditor";
import type { Direction, Layout } from "./layout";
import type { Settings } from "./settings";
import { defaultSettings } from "./settings";

export type Connection =
  | { readonly type: "starting" }
  | { readonly type: "connected" }
  | { readonly type: "lost"; readonly reason: string };

export interface PanelState {
  readonly document: string;
  readonly title: string;
  readonly root: string | null;
  readonly breadcrumb: readonly Crumb[];
  /** Who else has a caret here. */
  readonly people: readonly Person[];
  readonly rows: "loading" | "shown";
  /** Why there is nothing to show any more. */
  readonly closed: string | null;
  readonly selection: SelectionReport | null;
}

export interface Notice {
  readonly id: number;
  readonly level: NoticeLevel;
  readonly text: string;
}

/** What the palette looks for: commands, documents and lines everywhere, or lines of one document. */
export type PaletteMode = "commands" | "everywhere" | "document";

export type Dialog =
  | { readonly type: "palette"; readonly mode: PaletteMode }
  | { readonly type: "settings" }
  | { readonly type: "status" }
  | { readonly type: "delete"; readonly document: string };

export interface SearchState {
  readonly queryId: number;
  readonly text: string;
  readonly results: readonly SearchResult[];
}

/** What a window remembers from one start to the next. */
export interface Memory {
  readonly layout: Layout | null;
  readonly documents: Readonly<Record<number, { document: string; root: string | null }>>;
  readonly focused: number | null;
  readonly sidebar: boolean;
}

export interface AppState {
  readonly connection: Connection;
  readonly user: Person | null;
  readonly version: string;
  readonly documents: readonly DocumentEntry[];
  readonly settings: Settings;
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
  readonly sidebar: boolean;
  readonly foldedFolders: readonly string[];
  /** The panel whose title is to be typed: its document was just made. */
  readonly naming: number | null;
  /** What to show at the first boot; null afterwards. */
  readonly wanted: Wanted | null;
}

export interface Wanted {
  readonly memory: Memory | null;
  /** The document that this window was opened for. */
  readonly document: string | null;
}

export type Where = "here" | "beside" | "window";

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
  | { readonly type: "named" }
  | { readonly type: "splitPanel"; readonly direction: Direction }
  | { readonly type: "closePanel"; readonly panel: number }
  | { readonly type: "focusPanel"; readonly panel: number }
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
    }
  | { readonly type: "closeEditor"; readonly panel: number }
  | { readonly type: "deliver"; readonly message: PanelMessage }
  | { readonly type: "reconnectEditors" }
  | { readonly type: "focusEditor"; readonly panel: number }
  | { readonly type: "revealLine"; readonly panel: number; readonly line: string }
  | { readonly type: "zoomEditor"; readonly panel: number; readonly root: string | null }
  | { readonly type: "openWindow"; readonly document: string | null }
  | { readonly type: "remember"; readonly memory: Memory };

export function initialState(wanted: Wanted): AppState {
  return {
    connection: { type: "starting" },
    user: null,
    version: "",
    documents: [],
    settings: defaultSettings,
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
    search: { queryId: 0, text: "", results: [] },
    sidebar: wanted.memory?.sidebar ?? true,
    foldedFolders: [],
    naming: null,
    wanted,
  };
}
