// Code in colours, with the name of its language in the corner. A language's grammar is loaded when a
// block in it comes into sight.

import { type Extension, type Range, StateEffect } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import {
  Decoration,
  type DecorationSet,
  type PluginValue,
  ViewPlugin,
  type ViewUpdate,
  WidgetType,
} from "@codemirror/view";
import type { Parser } from "@lezer/common";
import { classHighlighter, highlightTree } from "@lezer/highlight";

import { strings } from "../strings/strings";
import { codeBlockAt, LANGUAGE_NAMES, languageNamed } from "./code";
import { rowsOf } from "./rowset";

/** Longer blocks stay without colours: they would cost more than a frame. */
const COLOURED_MAX = 60_000;

const parserArrived = StateEffect.define<null>();
const parsers = new Map<string, Parser | "loading" | "unknown">();

/** The grammar for a language; null while it is loading, or when there is none. */
function parserFor(name: string, view: EditorView): Parser | null {
  const known = parsers.get(name);
  if (known) return typeof known === "string" ? null : known;
  const description = languageNamed(name);
  if (!description) {
    parsers.set(name, "unknown");
    return null;
  }
  parsers.set(name, "loading");
  description.load().then(
    ({ language }) => {
      parsers.set(name, language.parser);
      view.dispatch({ effects: parserArrived.of(null) });
    },
    // Without the grammar the code is plain; the next start tries again.
    () => parsers.set(name, "unknown"),
  );
  return null;
}

class CodeColours implements PluginValue {
  decorations: DecorationSet;
  private blocks = new Map<string, readonly (readonly [number, number, string])[]>();

  constructor(
    view: EditorView,
    private readonly choose: ChooseLanguage,
  ) {
    this.decorations = this.draw(view);
  }

  update(update: ViewUpdate): void {
    if (update.view.composing) {
      this.decorations = this.decorations.map(update.changes);
      return;
    }
    const rows = rowsOf(update.startState).structure !== rowsOf(update.state).structure;
    const arrived = update.transactions.some(({ effects }) =>
      effects.some((effect) => effect.is(parserArrived)),
    );
    if (update.docChanged || rows || update.viewportChanged || arrived) {
      if (arrived) this.blocks.clear();
      this.decorations = this.draw(update.view);
    }
  }

  private draw(view: EditorView): DecorationSet {
    const { doc } = view.state;
    const rows = rowsOf(view.state).list;
    const ranges: Range<Decoration>[] = [];
    const seen = new Map<string, readonly (readonly [number, number, string])[]>();
    for (const { from, to } of view.visibleRanges) {
      const last = doc.lineAt(to).number - 1;
      for (let at = doc.lineAt(from).number - 1; at <= last; at++) {
        const block = codeBlockAt(rows, at);
        if (!block) continue;
        at = block.to;
        const [start, end] = [doc.line(block.from + 1), doc.line(block.to + 1)];
        const widget = new LanguageLabel(rows[block.from]?.id ?? "", block.language, this.choose);
        ranges.push(Decoration.widget({ widget, side: 1 }).range(start.to));
        const key = `${block.language}\n${doc.sliceString(start.from, end.to)}`;
        const colours = this.blocks.get(key) ?? colour(view, block.language, key);
        seen.set(key, colours);
        for (const [begin, stop, name] of colours) {
          ranges.push(
            Decoration.mark({ class: name }).range(start.from + begin, start.from + stop),
          );
        }
      }
    }
    this.blocks = seen;
    return Decoration.set(ranges, true);
  }
}

/** The coloured parts of a block; `key` is its language and, on the lines below, its text. */
function colour(
  view: EditorView,
  language: string,
  key: string,
): readonly (readonly [number, number, string])[] {
  const text = key.slice(language.length + 1);
  const parser = language === "" || text.length > COLOURED_MAX ? null : parserFor(language, view);
  const found: (readonly [number, number, string])[] = [];
  if (!parser) return found;
  highlightTree(parser.parse(text), classHighlighter, (from, to, name) => {
    // A mark may not go over the end of a line.
    let begin = from;
    for (const piece of text.slice(from, to).split("\n")) {
      if (piece !== "") found.push([begin, begin + piece.length, name]);
      begin += piece.length + 1;
    }
  });
  return found;
}

type ChooseLanguage = (line: string, language: string) => void;

/** The name of a block's language, in its corner; choosing another one sets it. */
class LanguageLabel extends WidgetType {
  constructor(
    private readonly line: string,
    private readonly language: string,
    private readonly choose: ChooseLanguage,
  ) {
    super();
  }

  override eq(other: LanguageLabel): boolean {
    return other.line === this.line && other.language === this.language;
  }

  override toDOM(view: EditorView): HTMLElement {
    const select = document.createElement("select");
    select.className = "code-language";
    select.setAttribute("aria-label", strings.editor.language);
    select.contentEditable = "false";
    select.tabIndex = -1;
    const known = languageNamed(this.language)?.name;
    const shown = known ?? this.language;
    const names = new Set(["", ...(known === undefined ? [shown] : []), ...LANGUAGE_NAMES]);
    // Filled when it is asked for: the list is long, and a document may have many blocks.
    select.append(option(shown, true));
    const fill = (): void => {
      if (select.options.length > 1) return;
      select.replaceChildren(...[...names].map((name) => option(name, name === shown)));
    };
    select.addEventListener("pointerdown", fill);
    select.addEventListener("focus", fill);
    select.addEventListener("change", () => {
      this.choose(this.line, select.value);
      view.focus();
    });
    return select;
  }

  override ignoreEvent(): boolean {
    return true;
  }
}

function option(name: string, selected: boolean): HTMLOptionElement {
  const made = document.createElement("option");
  made.value = name;
  made.textContent = name === "" ? strings.editor.noLanguage : name;
  made.selected = selected;
  return made;
}

export function codeColours(choose: ChooseLanguage): Extension {
  return ViewPlugin.define((view) => new CodeColours(view, choose), {
    decorations: (plugin) => plugin.decorations,
  });
}
