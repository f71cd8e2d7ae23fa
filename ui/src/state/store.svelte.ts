// Holds the state, hands out what happened to the reducer, and carries out the effects. The one
// owner of the panels' editors.

import { Compartment, Prec, StateEffect } from "@codemirror/state";
import { type KeyBinding, keymap } from "@codemirror/view";
import { tick } from "svelte";

import type { Bridge } from "../bridge/bridge";
import type { Command } from "../bridge/generated/Command";
import { TypedLessons } from "../commands/lessons";
import { type EditorHost, PanelEditor, type PanelMessage } from "../editor/panelEditor";
import { type AppState, type Effect, type Happening, initialState, type Wanted } from "./app";
import { LineNumbers } from "./lineNumbers";
import { type Memory, memoryOf, settingOf } from "./memory";
import { newWindowName } from "./newWindow";
import { type Parts, partsOf } from "./parts.svelte";
import { scrollerOf } from "../editor/scrolling";
import { returnTo, showLine, type Spot, spotOf } from "./spot";
import { step } from "./step";

export interface Surroundings {
  readonly bridge: Bridge;
  readonly wanted: Wanted;
  readonly keys: (app: App, editor: PanelEditor) => readonly KeyBinding[];
}

/** A change of what is shown is remembered so long after it, a caret that moved a little later. */
const REMEMBER_MS = 400;
const REMEMBER_CARET_MS = 10_000;
/** Headings are read again when typing pauses. */
const SEEK_HEADINGS_MS = 300;

export class App {
  private current: AppState;
  private readonly parts: Parts<AppState>;
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- editors draw themselves
  private readonly editors = new Map<number, PanelEditor>();
  private readonly numbers: LineNumbers;
  private readonly window: string;
  /** Where panels return to when their rows have come. */
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- never shown
  private readonly returning = new Map<number, Spot>();
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- never shown
  private readonly scrolls = new Map<number, number>();
  private readonly keymap = new Compartment();
  private remembering: { readonly timer: number; readonly due_ms: number } | null = null;
  private remembered = "";
  private seeking: number | null = null;
  private readonly typed = new TypedLessons();

  constructor(private readonly around: Surroundings) {
    this.current = initialState(around.wanted);
    this.parts = partsOf(this.current);
    this.window = around.wanted.window;
    this.numbers = new LineNumbers(() => around.bridge.send({ type: "hello" }));
  }

  /** For whoever draws it. */
  get state(): AppState {
    return this.parts.shown;
  }

  connect(): void {
    this.around.bridge.connect({
      opened: () => this.happen({ type: "opened" }),
      lost: (reason) => this.happen({ type: "lost", reason }),
      message: (message) => this.happen({ type: "message", message }),
    });
  }

  happen(happening: Happening): void {
    const { keys } = this.current.settings;
    // The panel goes to another place on the page, perhaps before it has told where it was scrolled to.
    if (happening.type === "toggleReading") this.keepScrolls();
    const { state, effects } = step(this.current, happening, (panel) => this.look(panel));
    this.current = state;
    this.parts.show(state);
    effects.forEach((effect) => this.carryOut(effect));
    if (state.settings.keys !== keys) this.rebind();
    if (happening.type === "selected") this.remember(REMEMBER_CARET_MS);
  }

  editor(panel: number): PanelEditor | undefined {
    return this.editors.get(panel);
  }

  get focusedEditor(): PanelEditor | undefined {
    return this.state.focused === null ? undefined : this.editors.get(this.state.focused);
  }

  /** A panel's text was scrolled; the editor may be off the page when that is asked for. */
  scrolled(panel: number, top_px: number): void {
    this.scrolls.set(panel, top_px);
    this.remember(REMEMBER_CARET_MS);
  }

  private keepScrolls(): void {
    for (const [panel, { view }] of this.editors) {
      const scroller = view.dom.isConnected ? scrollerOf(view) : null;
      if (scroller) this.scrolls.set(panel, scroller.scrollTop);
    }
  }

  /** A panel is on the page, perhaps again: it is scrolled as it was. */
  shown(panel: number): void {
    const top_px = this.scrolls.get(panel);
    const editor = this.editors.get(panel);
    if (!editor || this.returning.has(panel)) return;
    requestAnimationFrame(() => {
      if (top_px !== undefined) scrollerOf(editor.view)?.scrollTo({ top: top_px });
    });
  }

  /** Sends what was typed, and where one is: before the window goes out of sight or closes. */
  settle(): void {
    this.editors.forEach((editor) => editor.settle());
    this.saveMemory();
  }

  private look(panel: number): Spot | null {
    const editor = this.editors.get(panel);
    if (!editor) return null;
    return this.returning.get(panel) ?? spotOf(editor);
  }

  private carryOut(effect: Effect): void {
    const { bridge } = this.around;
    switch (effect.type) {
      case "send":
        bridge.send(effect.command);
        return;
      case "takeNumbers":
        if (effect.instead) this.numbers.clear();
        this.numbers.add(effect.prefix, effect.first, effect.count);
        return;
      case "openEditor":
        this.openEditor(effect);
        return;
      case "closeEditor":
        this.editors.get(effect.panel)?.destroy();
        this.editors.delete(effect.panel);
        this.returning.delete(effect.panel);
        this.scrolls.delete(effect.panel);
        return;
      case "deliver":
        this.editors.get(effect.message.panel)?.receive(effect.message);
        if (this.isAwaited(effect.message)) this.returnSoon(effect.message.panel);
        return;
      case "reconnectEditors":
        this.editors.forEach((editor) => editor.reconnected());
        return;
      case "focusEditor":
        // The panel may not be on the page yet; the next key must find it there.
        void tick().then(() => this.focus(effect.panel));
        return;
      case "revealLine":
        this.returning.delete(effect.panel);
        this.editors.get(effect.panel)?.revealLine(effect.line);
        return;
      case "zoomEditor":
        this.editors.get(effect.panel)?.zoom(effect.root);
        return;
      case "returnTo":
        this.returning.set(effect.panel, effect.spot);
        if (!this.current.panels[effect.panel]?.travelling) this.returnSoon(effect.panel);
        return;
      case "showLine": {
        const editor = this.editors.get(effect.panel);
        if (editor) showLine(editor, effect.line);
        return;
      }
      case "openWindow": {
        const name = newWindowName();
        this.save(name, effect.memory);
        bridge.openWindow(name);
        return;
      }
      case "restoreWindows":
        if (bridge.restoresWindows) effect.names.forEach((name) => bridge.openWindow(name));
        return;
      case "forgetWindows":
        effect.names.forEach((name) => this.save(name, null));
        return;
      case "remember":
        this.remember(REMEMBER_MS);
        return;
      case "seekHeadingsSoon":
        if (this.seeking !== null) window.clearTimeout(this.seeking);
        this.seeking = window.setTimeout(
          () => this.happen({ type: "seekHeadings" }),
          SEEK_HEADINGS_MS,
        );
    }
  }

  private openEditor({ panel, document, root, line, spot }: Effect & { type: "openEditor" }): void {
    const editor = this.editors.get(panel) ?? this.newEditor(panel);
    this.returning.delete(panel);
    this.scrolls.delete(panel);
    if (spot) this.returning.set(panel, spot);
    editor.open(document, root, line ?? spot?.top ?? spot?.caret?.line ?? undefined);
    if (line !== null) editor.revealLine(line);
  }

  /** Whether these are the rows that a panel goes to, and not those of a place it has left since. */
  private isAwaited(message: PanelMessage): boolean {
    const shown = this.current.panels[message.panel];
    if (message.type !== "panelRows" || shown?.rows !== "shown") return false;
    return shown.document === message.document && shown.root === message.root;
  }

  /** Once the rows are on the page and measured. */
  private returnSoon(panel: number): void {
    if (!this.returning.has(panel)) {
      this.editors.get(panel)?.caretReturned();
      return;
    }
    requestAnimationFrame(() => {
      const [editor, spot] = [this.editors.get(panel), this.returning.get(panel)];
      this.returning.delete(panel);
      if (editor && spot) returnTo(editor, spot);
      editor?.caretReturned();
    });
  }

  private focus(panel: number): void {
    // Somebody may be typing into a dialog by now.
    if (this.current.dialog === null) this.editors.get(panel)?.focus();
  }

  private newEditor(panel: number): PanelEditor {
    const host: EditorHost & { openLink(address: string): void } = {
      send: (command) => this.send(command),
      newLine: () => this.numbers.take(),
      focused: () => this.happen({ type: "focusPanel", panel }),
      reports: (report) => this.happen({ type: "selected", panel, report }),
      warn: (text) => this.happen({ type: "notify", level: "warning", text }),
      openLink: (address) => this.around.bridge.openLink(address),
    };
    const editor = new PanelEditor(panel, host, () => []);
    const keys = this.keymap.of(this.bindings(editor));
    editor.view.dispatch({ effects: StateEffect.appendConfig.of(keys) });
    this.editors.set(panel, editor);
    return editor;
  }

  private bindings(editor: PanelEditor): ReturnType<typeof Prec.highest> {
    return Prec.highest(keymap.of([...this.around.keys(this, editor)]));
  }

  /** The user has changed the keys of commands. */
  private rebind(): void {
    for (const editor of this.editors.values()) {
      editor.view.dispatch({ effects: this.keymap.reconfigure(this.bindings(editor)) });
    }
  }

  /** A command of an editor; what it says of folds is remembered, and given when a panel opens. */
  private send(command: Command): void {
    switch (command.type) {
      case "openPanel": {
        const shown = this.current.panels[command.panel];
        const known = shown?.document === command.document ? { folds: shown.folds } : {};
        this.around.bridge.send({ ...command, ...known });
        return;
      }
      case "setFold":
      case "foldAll": {
        const line = command.type === "setFold" ? command.line : null;
        const { panel, folded } = command;
        // Where not all lines are shown, folds are only for that while.
        if (this.editors.get(panel)?.filter.isOn !== true) {
          this.happen({ type: "folded", panel, line, folded });
        }
        break;
      }
      case "edit":
        if (this.current.following?.panel === command.panel) this.happen({ type: "stopFollowing" });
        break;
      default:
    }
    this.around.bridge.send(command);
    const lesson = this.typed.lessonOf(command);
    if (lesson) this.happen({ type: "learned", lesson });
  }

  // What this window shows, for the next start.

  private remember(delay_ms: number): void {
    const due_ms = performance.now() + delay_ms;
    if (this.remembering && this.remembering.due_ms <= due_ms) return;
    if (this.remembering) window.clearTimeout(this.remembering.timer);
    const timer = window.setTimeout(() => this.saveMemory(), delay_ms);
    this.remembering = { timer, due_ms };
  }

  private saveMemory(): void {
    if (this.remembering) window.clearTimeout(this.remembering.timer);
    this.remembering = null;
    if (this.current.wanted) return;
    const memory = memoryOf(this.current, (panel) => this.look(panel));
    const text = JSON.stringify(memory);
    if (text === this.remembered) return;
    this.remembered = text;
    this.save(this.window, memory);
  }

  private save(name: string, memory: Memory | null): void {
    const value = JSON.parse(JSON.stringify(memory)) as Extract<
      Command,
      { type: "setSetting" }
    >["value"];
    this.around.bridge.send({ type: "setSetting", name: settingOf(name), value });
  }
}
