// The interface over a stand-in for the core, for looking at it while it is made. Not in the build.
// `#empty`, `#offline`, `#refused`, `#failing`, `#notice` show those states.

import type { Bridge, BridgeEvents } from "../src/bridge/bridge";
import type { Command } from "../src/bridge/generated/Command";
import type { DocumentEntry } from "../src/bridge/generated/DocumentEntry";
import type { Message } from "../src/bridge/generated/Message";
import type { RemoteCaret } from "../src/bridge/generated/RemoteCaret";
import type { Status } from "../src/bridge/generated/Status";
import type { JsonValue } from "../src/bridge/generated/serde_json/JsonValue";
import { start } from "../src/start";
import { FakeCore } from "../tests/fakeCore";
import { drawSketch } from "../tests/harness";
import { FOLDERS, LAUNCH, WELCOME } from "./samples";

const show = new Set(window.location.hash.slice(1).split(","));

function status(): Status {
  const url = "wss://sync.example.org";
  const base: Status = {
    disk: { type: "ok" },
    pendingDisk: 0,
    server: { type: "connected", url },
    pendingServer: 0,
  };
  if (show.has("offline")) {
    const reason = "server not reachable";
    return { ...base, pendingServer: 3, server: { type: "offline", url, reason, retryS: 8 } };
  }
  if (show.has("refused")) {
    const reason = "the server does not know this device token";
    return { ...base, pendingServer: 12, server: { type: "refused", url, reason } };
  }
  if (show.has("failing")) {
    return { ...base, pendingDisk: 4, disk: { type: "failing", reason: "the disk is full" } };
  }
  return show.has("local") ? { ...base, server: { type: "off" } } : base;
}

class DevBridge implements Bridge {
  private events: BridgeEvents | null = null;
  readonly core = new FakeCore((message) => this.later(message));
  private readonly entries: DocumentEntry[] = [];
  private settings: Record<string, JsonValue> = {
    name: "Mira",
    server: { url: "wss://sync.example.org" },
  };
  private made = 0;

  constructor() {
    if (show.has("empty")) return;
    this.add("Autumn release", "", LAUNCH);
    this.add("Welcome", "", WELCOME);
    this.add("Reading list", "", ["bullet: The Art of Doing Science and Engineering"]);
    for (const [folder, title] of FOLDERS) this.add(title, folder, [`heading1: ${title}`]);
  }

  private add(title: string, folder: string, sketch: readonly string[]): string {
    const id = `doc_${++this.made}`;
    drawSketch(this.core.addDocument(id, title), sketch, id);
    this.entries.push({ id, title, folder, updatedMs: 1000 - this.made, group: null });
    return id;
  }

  connect(events: BridgeEvents): void {
    this.events = events;
    events.opened();
  }

  readonly restoresWindows = false;

  openWindow(): void {
    window.open(window.location.href, "_blank");
  }

  openLink(address: string): void {
    window.open(address, "_blank", "noopener,noreferrer");
  }

  private later(message: Message): void {
    queueMicrotask(() => this.events?.message(message));
  }

  send(command: Command): void {
    if (this.core.receive(command)) {
      if (command.type === "openPanel")
        this.later({ type: "carets", panel: command.panel, carets: this.carets(command.document) });
      return;
    }
    switch (command.type) {
      case "hello":
        this.hello();
        return;
      case "createDocument": {
        const document = this.add(command.title, "", [""]);
        this.later({ type: "documents", documents: [...this.entries] });
        this.later({ type: "documentCreated", document, openIn: command.openIn });
        return;
      }
      case "search":
        this.search(command.queryId, command.text, command.document);
        return;
      case "seek":
        this.seek(command.queryId, command.text, command.document, command.scope);
        return;
      case "moveDocument":
        this.entries.forEach((entry, at) => {
          if (entry.id === command.document)
            this.entries[at] = { ...entry, folder: command.folder };
        });
        this.later({ type: "documents", documents: [...this.entries] });
        return;
      case "setSetting":
        this.settings = { ...this.settings, [command.name]: command.value };
        this.later({ type: "settings", settings: this.settings });
        return;
      default:
    }
  }

  private hello(): void {
    this.later({
      type: "boot",
      linePrefix: "line_dev_",
      firstNumber: 1,
      numbers: 1_000_000,
      user: { id: "user_me", name: "Mira", color: 4 },
      documents: [...this.entries],
      settings: this.settings,
      status: status(),
      version: "0.1.0",
    });
    if (show.has("notice")) {
      this.later({
        type: "notice",
        level: "info",
        text: "14 documents were imported from “Rust book”.",
      });
      this.later({
        type: "notice",
        level: "error",
        text: "The disk is full, so the last 4 changes are not saved. They are kept in memory and tried again: free some space, and leave Tideline open.",
      });
    }
  }

  private carets(document: string): RemoteCaret[] {
    if (document !== "doc_1" || show.has("alone")) return [];
    const at = (line: number, offset: number, anchor = offset): RemoteCaret["caret"] => {
      const id = `${document}_line_${line}`;
      return { line: id, offset, anchorLine: id, anchorOffset: anchor };
    };
    return [
      {
        person: { id: "user_1", name: "Ana Prieto", color: 0 },
        replica: "a",
        caret: at(2, 34, 11),
      },
      { person: { id: "user_2", name: "Jonas", color: 3 }, replica: "b", caret: at(13, 24) },
    ];
  }

  private seek(queryId: number, text: string, document: string | null, scope: string): void {
    const order = this.core.documents.get(document ?? "")?.outline.order() ?? [];
    const lines = order.filter(({ kind }) => kind.startsWith("heading"));
    const found = lines.map(({ id, kind, text: says }) => ({
      document: document ?? "",
      line: id,
      kind,
      text: says,
    }));
    const titles = scope === "headings" ? [] : this.entries;
    const all = [
      ...titles.map(({ id, title }) => ({ document: id, line: null, kind: "", text: title })),
      ...found,
    ];
    const places = all.flatMap((place) => {
      const at = place.text.toLowerCase().indexOf(text.toLowerCase());
      const matches: [number, number][] = text === "" ? [] : [[at, at + text.length]];
      return at < 0 ? [] : [{ ...place, matches }];
    });
    this.later({ type: "places", queryId, places });
  }

  private search(queryId: number, text: string, only: string | null): void {
    const results = this.entries
      .filter((entry) => only === null || entry.id === only)
      .flatMap((entry) =>
        (this.core.documents.get(entry.id)?.outline.order() ?? []).flatMap((line) => {
          const at = line.text.toLowerCase().indexOf(text.toLowerCase());
          if (at < 0) return [];
          const matches: [number, number][] = [[at, at + text.length]];
          return [
            { document: entry.id, title: entry.title, line: line.id, text: line.text, matches },
          ];
        }),
      );
    this.later({ type: "searchResults", queryId, results });
  }
}

const target = document.getElementById("app");
const bridge = new DevBridge();
if (target)
  Object.assign(window, { bridge, app: start(target, bridge, { window: "main", document: null }) });
