// The list of documents as the sidebar shows it: folders, in order, filtered. Pure.

import type { DocumentEntry } from "../bridge/generated/DocumentEntry";
import { fuzzyScore } from "./fuzzy";

export interface Folder {
  /** The whole path, `/`-separated; empty for the top. */
  readonly path: string;
  readonly name: string;
  readonly folders: readonly Folder[];
  readonly documents: readonly DocumentEntry[];
}

export function titleOf(entry: { readonly title: string } | undefined): string {
  return entry?.title.trim() === "" || !entry ? "Untitled" : entry.title;
}

const byName = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** Documents by folder; folders and documents by name. */
export function folderTree(entries: readonly DocumentEntry[]): Folder {
  return folderAt("", "", entries);
}

function folderAt(path: string, name: string, entries: readonly DocumentEntry[]): Folder {
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
    return folderAt(below, child, within);
  });
  const documents = entries
    .filter((entry) => entry.folder === path)
    .sort((a, b) => byName.compare(titleOf(a), titleOf(b)));
  return { path, name, folders, documents };
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
