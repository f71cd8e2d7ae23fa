// Characters as people count them: a caret never stands inside one, and one key deletes one. The
// boundaries are those of Unicode (Intl.Segmenter); CodeMirror's own are a subset of them.

import { findClusterBreak, RangeSet, RangeSetBuilder, RangeValue } from "@codemirror/state";
import { EditorView, type PluginValue, ViewPlugin, type ViewUpdate } from "@codemirror/view";

/** Texts in these letters have nothing that takes more than one code point. */
const SIMPLE =
  /^[\t\u0020-\u02ff\u0370-\u0482\u048a-\u0590\u2010-\u201f\u2026\u3000-\u3029\u3041-\u3096\u30a0-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff00-\uffef]*$/;

const CACHE_MAX = 4000;
const cache = new Map<string, readonly Span[]>();

/** Start and end in UTF-16 units. */
type Span = readonly [number, number];

class Whole extends RangeValue {}

const WHOLE = new Whole();
const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The characters of `text` that CodeMirror would stop in, or take apart when it deletes. */
export function wholeCharacters(text: string): readonly Span[] {
  if (SIMPLE.test(text)) return [];
  const known = cache.get(text);
  if (known) return known;
  const found: Span[] = [];
  for (const { index, segment } of segmenter.segment(text)) {
    if (segment.length === 1) continue;
    const end = index + segment.length;
    const forward = findClusterBreak(text, index, true, true);
    const backward = findClusterBreak(text, end, false, false);
    if (forward < end || backward > index) found.push([index, end]);
  }
  if (cache.size >= CACHE_MAX) cache.clear();
  cache.set(text, found);
  return found;
}

class Graphemes implements PluginValue {
  ranges: RangeSet<Whole>;

  constructor(view: EditorView) {
    this.ranges = collect(view);
  }

  update(update: ViewUpdate): void {
    if (update.docChanged || update.viewportChanged) this.ranges = collect(update.view);
  }
}

function collect(view: EditorView): RangeSet<Whole> {
  const builder = new RangeSetBuilder<Whole>();
  for (const { from, to } of view.visibleRanges) {
    for (let position = from; position <= to;) {
      const line = view.state.doc.lineAt(position);
      for (const [start, end] of wholeCharacters(line.text)) {
        builder.add(line.from + start, line.from + end, WHOLE);
      }
      position = line.to + 1;
    }
  }
  return builder.finish();
}

const plugin = ViewPlugin.fromClass(Graphemes);

export const graphemes = [
  plugin,
  EditorView.atomicRanges.of((view) => view.plugin(plugin)?.ranges ?? RangeSet.empty),
];
