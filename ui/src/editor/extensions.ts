// The CodeMirror extensions of a panel, put together.

import { standardKeymap } from "@codemirror/commands";
import { EditorState, type Extension, Prec } from "@codemirror/state";
import {
  crosshairCursor,
  drawSelection,
  EditorView,
  type KeyBinding,
  keymap,
  placeholder,
  rectangularSelection,
} from "@codemirror/view";

import { strings } from "../strings/strings";
import { lineAnnouncements } from "./access";
import { remoteCarets } from "./carets";
import { clipboard } from "./clipboard";
import { rowDecorations } from "./decorations";
import { codeColours } from "./codeColours";
import { draggedField } from "./drag";
import { farField } from "./far";
import { filterMarks } from "./filterMarks";
import { find, type FindHost } from "./find";
import { smartPrefix } from "./gestures";
import { graphemes } from "./graphemes";
import { structuralEdits } from "./intents";
import { lineEnds } from "./lineEnds";
import { livePreview, type Ways } from "./livePreview";
import type { Copied } from "./paste";
import { type NewLine, placeAt, Planner } from "./planner";
import { type MarkerClicks, markerClicks } from "./pointer";
import { rowsField, rowsOf } from "./rowset";
import type { History } from "./sync";
import { tables } from "./tables";

export interface PanelExtensions {
  readonly keys: readonly KeyBinding[];
  readonly newLine: NewLine;
  readonly clicks: MarkerClicks;
  readonly history: (history: History) => boolean;
  readonly warn: (text: string) => void;
  /** The document that the panel shows. */
  readonly document: () => string;
  readonly ways: Ways;
  readonly find: FindHost;
  readonly copyFar: () => Promise<Copied | null>;
  readonly cutFar: () => void;
  readonly chooseLanguage: (line: string, language: string) => void;
}

export function extensions(panel: PanelExtensions): Extension {
  const { keys, newLine, clicks, history, warn, ways, chooseLanguage } = panel;
  return [
    rowsField,
    farField,
    structuralEdits(newLine),
    Prec.high(keymap.of([...keys])),
    lineEnds(),
    keymap.of(standardKeymap),
    EditorState.allowMultipleSelections.of(true),
    EditorView.clickAddsSelectionRange.of((event) => event.altKey),
    rectangularSelection(),
    crosshairCursor(),
    EditorState.tabSize.of(4),
    EditorView.lineWrapping,
    EditorView.scrollMargins.of(scrollMargins),
    EditorView.perLineTextDirection.of(true),
    EditorView.contentAttributes.of({
      "aria-label": strings.editor.label,
      "aria-multiline": "true",
      spellcheck: "true",
      autocapitalize: "off",
    }),
    drawSelection({ cursorBlinkRate: prefersStillness() ? 0 : 1060 }),
    placeholder(strings.editor.hint),
    rowDecorations,
    livePreview(ways),
    codeColours(chooseLanguage),
    tables,
    graphemes,
    filterMarks,
    lineAnnouncements,
    remoteCarets,
    markerClicks(clicks),
    draggedField,
    clipboard({
      newLine,
      warn,
      document: panel.document,
      far: { copy: panel.copyFar, cut: panel.cutFar },
    }),
    smartTyping(newLine),
    menuHistory(history),
    find(panel.find),
  ];
}

/** What the caret goes to is not glued to the edge; with the first row the title is seen. */
function scrollMargins({ state }: EditorView): { top: number; bottom: number } {
  const { head } = state.selection.main;
  const first = state.doc.lineAt(head).number === 1 && rowsOf(state).extent.first === 0;
  return { top: first ? 88 : 8, bottom: 32 };
}

function prefersStillness(): boolean {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** `- `, `# `, `[] `, … at the start of a row, when their last character is typed. */
function smartTyping(newLine: NewLine): Extension {
  return EditorView.inputHandler.of((view, from, to, text) => {
    if (view.composing || from !== to || ![" ", "`", "-"].includes(text)) return false;
    const place = placeAt(view.state, from);
    if (!place || view.state.selection.ranges.length > 1) return false;
    const planner = new Planner(view.state, newLine);
    if (smartPrefix(planner, place, text) !== "done") return false;
    view.dispatch(planner.transaction("input.type"));
    return true;
  });
}

/** Undo from a menu or a gesture of the system; the keys are commands. */
function menuHistory(history: (history: History) => boolean): Extension {
  return EditorView.domEventHandlers({
    beforeinput(event) {
      if (event.inputType !== "historyUndo" && event.inputType !== "historyRedo") return false;
      event.preventDefault();
      return history(event.inputType === "historyUndo" ? "undo" : "redo");
    },
  });
}
