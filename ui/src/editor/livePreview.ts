// Draws the marks inside lines: bold is bold, and its asterisks show only where the caret is. Marks
// are made small, never replaced, so that the caret and an input method find every character.

import { type EditorState, type Extension, Prec, type Range, StateEffect } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  Direction,
  EditorView,
  type PluginValue,
  ViewPlugin,
  type ViewUpdate,
} from "@codemirror/view";

import { strings } from "../strings/strings";
import { type InlineSpan, type InlineType, spansOf } from "./inline";
import { rowsOf } from "./rowset";

const MARK = Decoration.mark({ class: "md-mark" });
const HIDDEN = Decoration.mark({ class: "md-mark md-hidden" });
/** Text that keeps its own direction in a line of another one. */
const LEFT_TO_RIGHT = { bidiIsolate: Direction.LTR, attributes: { dir: "ltr" } };
const OWN_DIRECTION = { bidiIsolate: null, attributes: { dir: "auto" } };

const STYLES: Readonly<Record<Exclude<InlineType, "link" | "url">, Decoration>> = {
  bold: Decoration.mark({ class: "md-bold" }),
  italic: Decoration.mark({ class: "md-italic" }),
  strike: Decoration.mark({ class: "md-strike" }),
  highlight: Decoration.mark({ class: "md-highlight" }),
  code: Decoration.mark({ class: "md-code", ...LEFT_TO_RIGHT }),
  tag: Decoration.mark({ class: "md-tag", ...OWN_DIRECTION }),
  person: Decoration.mark({ class: "md-person", ...OWN_DIRECTION }),
};

/** Asks for another look at where the carets are. */
const look = StateEffect.define<null>();

/** Ranges near which marks show; nobody writes in an editor without the focus. */
type Carets = readonly { readonly from: number; readonly to: number }[];

interface Drawn {
  readonly decorations: DecorationSet;
  /** Those that keep a direction of their own. */
  readonly isolates: DecorationSet;
}

class LivePreview implements PluginValue {
  drawn: Drawn;
  /** While the mouse is down nothing that is pointed at may shift. */
  pressed: Carets | null = null;

  constructor(view: EditorView) {
    this.drawn = draw(view, this.carets(view));
  }

  update(update: ViewUpdate): void {
    const { view } = update;
    if (view.composing) {
      const { decorations, isolates } = this.drawn;
      this.drawn = {
        decorations: decorations.map(update.changes),
        isolates: isolates.map(update.changes),
      };
      return;
    }
    if (update.docChanged) this.pressed = null;
    const rows = rowsOf(update.startState).structure !== rowsOf(update.state).structure;
    const looked = update.viewportChanged || update.selectionSet || update.focusChanged;
    const asked = update.transactions.some(({ effects }) => effects.some((one) => one.is(look)));
    if (update.docChanged || rows || looked || asked) {
      this.drawn = draw(view, this.carets(view));
    }
  }

  carets(view: EditorView): Carets {
    return this.pressed ?? (view.hasFocus ? view.state.selection.ranges : []);
  }
}

const plugin = ViewPlugin.fromClass(LivePreview, {
  decorations: (preview) => preview.drawn.decorations,
  eventHandlers: {
    mousedown(_event, view): void {
      this.pressed = this.carets(view);
      const released = (): void => {
        window.removeEventListener("mouseup", released);
        this.pressed = null;
        // The caret is where it was put: what stands there shows now.
        window.setTimeout(() => view.dispatch({ effects: look.of(null) }));
      };
      window.addEventListener("mouseup", released);
    },
  },
});

/** What is done with what a text leads to. */
export interface Ways {
  openLink(address: string): void;
  /** `#tag` or `@person`. */
  openName(name: string): void;
}

export function livePreview(ways: Ways): Extension {
  return [
    plugin,
    EditorView.bidiIsolatedRanges.of(
      (view) => view.plugin(plugin)?.drawn.isolates ?? Decoration.none,
    ),
    Prec.high(
      EditorView.domEventHandlers({ mousedown: (event, view) => follow(event, view, ways) }),
    ),
  ];
}

/** Ctrl and a click open a link, or what a tag or a person's name leads to. */
function follow(event: MouseEvent, view: EditorView, ways: Ways): boolean {
  if (event.button !== 0 || !(event.ctrlKey || event.metaKey)) return false;
  const marked = event.target instanceof Element ? event.target.closest(LEADING) : null;
  const target = marked && targetAt(view.state, view.posAtDOM(marked));
  if (!target) return false;
  event.preventDefault();
  followTarget(target, ways);
  return true;
}

const LEADING = ".md-link, .md-url, .md-tag, .md-person";

/** Where a piece of text leads. */
export type Target = { readonly href: string } | { readonly name: string };

export function followTarget(target: Target, ways: Ways): void {
  if ("href" in target) ways.openLink(target.href);
  else ways.openName(target.name);
}

/** Where the text at a position leads: the address of a link, or a name. */
export function targetAt(state: EditorState, position: number): Target | null {
  const { from, text } = state.doc.lineAt(position);
  const at = position - from;
  // Where one ends and another begins, the latter; of those inside others, the inner one.
  for (const span of [...spansOf(text)].reverse()) {
    if (at < span.from || at > span.to) continue;
    if (span.href !== undefined) return { href: span.href };
    if (span.type === "tag" || span.type === "person") {
      return { name: text.slice(span.from, span.to) };
    }
  }
  return null;
}

function draw(view: EditorView, carets: Carets): Drawn {
  const rows = rowsOf(view.state).list;
  const ranges: Range<Decoration>[] = [];
  for (const { from, to } of view.visibleRanges) {
    for (let position = from; position <= to;) {
      const line = view.state.doc.lineAt(position);
      const kind = rows[line.number - 1]?.kind;
      if (kind !== undefined && kind !== "code" && kind !== "divider") {
        for (const span of spansOf(line.text)) drawSpan(ranges, line.from, span, carets);
      }
      position = line.to + 1;
    }
  }
  const isolated = ranges.filter(({ value }) => "bidiIsolate" in (value.spec as object));
  return {
    decorations: Decoration.set(ranges, true),
    isolates: Decoration.set(isolated, true),
  };
}

function drawSpan(
  ranges: Range<Decoration>[],
  start: number,
  span: InlineSpan,
  carets: Carets,
): void {
  const [from, to] = [start + span.from, start + span.to];
  const [inner, outer] = [from + span.open, to - span.close];
  if (outer > inner) ranges.push(styleOf(span).range(inner, outer));
  const near = carets.some((caret) => caret.from <= to && caret.to >= from);
  // A link without a name has nothing else to show.
  const mark = near || inner === outer ? MARK : HIDDEN;
  if (span.open > 0) ranges.push(mark.range(from, inner));
  if (span.close > 0) ranges.push(mark.range(outer, to));
}

function styleOf(span: InlineSpan): Decoration {
  if (span.type !== "link" && span.type !== "url") return STYLES[span.type];
  const href = span.href ?? "";
  const direction = span.type === "url" ? LEFT_TO_RIGHT : OWN_DIRECTION;
  return Decoration.mark({
    class: `md-${span.type}`,
    bidiIsolate: direction.bidiIsolate,
    attributes: {
      ...direction.attributes,
      "data-href": href,
      title: strings.editor.link(href),
    },
  });
}
