// The page beside which Tideline is measured: the same rows in CodeMirror, and nothing else.

import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, keymap } from "@codemirror/view";

const rows = await (await fetch("/rows")).text();

new EditorView({
  parent: document.body,
  state: EditorState.create({
    doc: rows,
    extensions: [
      history(),
      drawSelection(),
      EditorView.lineWrapping,
      keymap.of([...defaultKeymap, ...historyKeymap]),
    ],
  }),
});
