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

export function livePreview(open: (address: string) => void): Extension {
  return [
    plugin,
    EditorView.bidiIsolatedRanges.of(
      (view) => view.plugin(plugin)?.drawn.isolates ?? Decoration.none,
    ),
    Prec.high(EditorView.domEventHandlers({ mousedown: (event) => follow(event, open) })),
  ];
}

/** Ctrl and a click open a link. */
function follow(event: MouseEvent, open: (address: string) => void): boolean {
  if (event.button !== 0 || !(event.ctrlKey || event.metaKey)) return false;
  const target = event.target instanceof Element ? event.target.closest("[data-href]") : null;
  const address = target?.getAttribute("data-href");
  if (!address) return false;
  event.preventDefault();
  open(address);
  return true;
}

/** The address of the link at the caret. */
export function addressAt(state: EditorState): string | null {
  const { head } = state.selection.main;
  const line = state.doc.lineAt(head);
  const at = head - line.from;
  const found = spansOf(line.text).find(
    (span) => span.href !== undefined && span.from <= at && at <= span.to,
  );
  return found?.href ?? null;
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
