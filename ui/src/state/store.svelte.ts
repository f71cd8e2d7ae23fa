// Holds the state, hands out what happened to the reducer, and carries out the effects. The one
// owner of the panels' editors.

import type { KeyBinding } from "@codemirror/view";

import type { Bridge } from "../bridge/bridge";
import { PanelEditor } from "../editor/panelEditor";
import { type AppState, type Effect, type Happening, initialState, type Wanted } from "./app";
import { LineNumbers } from "./lineNumbers";
import { remember } from "./memory";
import { step } from "./step";

export interface Surroundings {
  readonly bridge: Bridge;
  readonly wanted: Wanted;
  /** Where the layout is remembered; a window opened for one document remembers nothing. */
  readonly store: Storage | null;
  readonly keys: (app: App, editor: PanelEditor) => readonly KeyBinding[];
}

export class App {
  state: AppState;
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- editors draw themselves
  private readonly editors = new Map<number, PanelEditor>();
  private readonly numbers: LineNumbers;

  constructor(private readonly around: Surroundings) {
    this.state = $state.raw(initialState(around.wanted));
    this.numbers = new LineNumbers(() => around.bridge.send({ type: "hello" }));
  }

  connect(): void {
    this.around.bridge.connect({
      opened: () => this.happen({ type: "opened" }),
      lost: (reason) => this.happen({ type: "lost", reason }),
      message: (message) => this.happen({ type: "message", message }),
    });
  }

  happen(happening: Happening): void {
    const { state, effects } = step(this.state, happening);
    this.state = state;
    effects.forEach((effect) => this.carryOut(effect));
  }

  editor(panel: number): PanelEditor | undefined {
    return this.editors.get(panel);
  }

  get focusedEditor(): PanelEditor | undefined {
    return this.state.focused === null ? undefined : this.editors.get(this.state.focused);
  }

  /** Sends what was typed: before the window goes out of sight or closes. */
  settle(): void {
    this.editors.forEach((editor) => editor.settle());
  }

  private carryOut(effect: Effect): void {
    const { bridge, store } = this.around;
    switch (effect.type) {
      case "send":
        bridge.send(effect.command);
        return;
      case "takeNumbers":
        if (effect.instead) this.numbers.clear();
        this.numbers.add(effect.prefix, effect.first, effect.count);
        return;
      case "openEditor": {
        const editor = this.editors.get(effect.panel) ?? this.newEditor(effect.panel);
        editor.open(effect.document, effect.root);
        if (effect.line !== null) editor.revealLine(effect.line);
        return;
      }
      case "closeEditor":
        this.editors.get(effect.panel)?.destroy();
        this.editors.delete(effect.panel);
        return;
      case "deliver":
        this.editors.get(effect.message.panel)?.receive(effect.message);
        return;
      case "reconnectEditors":
        this.editors.forEach((editor) => editor.reconnected());
        return;
      case "focusEditor":
        // The panel may not be on the page yet.
        requestAnimationFrame(() => this.editors.get(effect.panel)?.focus());
        return;
      case "revealLine":
        this.editors.get(effect.panel)?.revealLine(effect.line);
        return;
      case "zoomEditor":
        this.editors.get(effect.panel)?.zoom(effect.root);
        return;
      case "openWindow":
        bridge.openWindow(effect.document);
        return;
      case "remember":
        if (store) remember(store, effect.memory);
    }
  }

  private newEditor(panel: number): PanelEditor {
    const host = {
      send: (command: Parameters<Bridge["send"]>[0]) => this.around.bridge.send(command),
      newLine: () => this.numbers.take(),
      focused: () => this.happen({ type: "focusPanel", panel }),
      reports: (report: Extract<Happening, { type: "selected" }>["report"]) =>
        this.happen({ type: "selected", panel, report }),
      warn: (text: string) => this.happen({ type: "notify", level: "warning", text }),
      openLink: (address: string) => this.around.bridge.openLink(address),
    };
    const editor = new PanelEditor(panel, host, (created) => this.around.keys(this, created));
    this.editors.set(panel, editor);
    return editor;
  }
}
