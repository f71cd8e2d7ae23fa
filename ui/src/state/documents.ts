// The list of documents as the sidebar shows it: folders, in order, filtered. Pure.

import type { DocumentEntry } from "../bridge/generated/DocumentEntry";
import { strings } from "../strings/strings";
import { fuzzyScore } from "./fuzzy";
import type { Settings } from "./settings";

export interface Folder {
  /** The whole path, `/`-separated; empty for the top. */
  readonly path: string;
  readonly name: string;
  readonly folders: readonly Folder[];
  readonly documents: readonly DocumentEntry[];
}

export function titleOf(entry: { readonly title: string } | undefined): string {
  return entry?.title.trim() === "" || !entry ? strings.untitled : entry.title;
}

const byName = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

type Ordering = Pick<Settings, "order" | "documentOrder">;

/** Documents by folder; folders by name, documents as the user wants them. */
export function folderTree(entries: readonly DocumentEntry[], ordering: Ordering): Folder {
  return folderAt("", "", entries, compareBy(ordering));
}

type Compare = (a: DocumentEntry, b: DocumentEntry) => number;

function compareBy({ order, documentOrder }: Ordering): Compare {
  const names: Compare = (a, b) => byName.compare(titleOf(a), titleOf(b));
  switch (order) {
    case "name":
      return names;
    case "changed":
      return (a, b) => b.updatedMs - a.updatedMs || names(a, b);
    case "hand": {
      const places = new Map(documentOrder.map((id, at) => [id, at]));
      const place = ({ id }: DocumentEntry): number => places.get(id) ?? documentOrder.length;
      return (a, b) => place(a) - place(b) || names(a, b);
    }
  }
}

function folderAt(
  path: string,
  name: string,
  entries: readonly DocumentEntry[],
  compare: Compare,
): Folder {
  const inside = path === "" ? "" : `${path}/`;
  const names = new Set<string>();
  for (const { folder } of entries) {
    if (folder !== path) names.add(folder.slice(inside.length).split("/")[0] ?? "");
  }
  const folders = [...names].sort(byName.compare).map((child) => {
    const below = inside + child;
    const within = entries.filter(
      ({ folder }) => folder === below || folder.startsWith(`${below}/`),
    );
    return folderAt(below, child, within, compare);
  });
  const documents = entries.filter((entry) => entry.folder === path).sort(compare);
  return { path, name, folders, documents };
}

/** All documents from top to bottom, whatever is folded away. */
export function documentsIn({ documents, folders }: Folder): readonly DocumentEntry[] {
  return [...documents, ...folders.flatMap(documentsIn)];
}

/** The paths of all folders, parents too. */
export function foldersOf(entries: readonly DocumentEntry[]): readonly string[] {
  const paths = new Set<string>();
  for (const { folder } of entries) {
    const names = folder.split("/").filter(Boolean);
    names.forEach((_, at) => paths.add(names.slice(0, at + 1).join("/")));
  }
  return [...paths].sort(byName.compare);
}

/** `order` with `document` before or behind `target`. */
export function reordered(
  order: readonly string[],
  document: string,
  target: string,
  where: "before" | "behind",
): readonly string[] {
  const others = order.filter((id) => id !== document);
  const at = others.indexOf(target);
  return at < 0 ? order : others.toSpliced(where === "before" ? at : at + 1, 0, document);
}

/** Documents whose title or folder matches, best first; all of them for an empty text. */
export function filtered(
  entries: readonly DocumentEntry[],
  text: string,
): readonly DocumentEntry[] {
  if (text.trim() === "") return entries;
  return entries
    .map((entry) => {
      const title = fuzzyScore(text, titleOf(entry));
      const path = fuzzyScore(text, `${entry.folder}/${titleOf(entry)}`);
      return { entry, score: Math.max(title, path * 0.8) };
    })
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || b.entry.updatedMs - a.entry.updatedMs)
    .map(({ entry }) => entry);
}
