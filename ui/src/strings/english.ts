// The interface in English. What depends on a number goes through Intl, never through string tricks
// at the place of use.

const plurals = new Intl.PluralRules("en");
const numbers = new Intl.NumberFormat("en");
const moments = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

function count(many: number, one: string, other: string): string {
  return `${numbers.format(many)} ${plurals.select(many) === "one" ? one : other}`;
}

export const english = {
  product: "Tideline",
  untitled: "Untitled",
  emptyLine: "Empty line",
  opening: "Opening…",
  close: "Close",
  cancel: "Cancel",

  hint: (title: string, key: string) => (key === "" ? title : `${title} (${key})`),
  windowTitle: (document: string) => `${document} — Tideline`,
  lines: (many: number) => count(many, "line", "lines"),
  changes: (many: number) => count(many, "change", "changes"),

  groups: {
    line: "Line",
    text: "Text",
    kind: "Turn into",
    outline: "Outline",
    view: "View",
    tab: "Tab",
    go: "Go",
    document: "Document",
    tideline: "Tideline",
  },

  commands: {
    "line.new": "New line",
    "line.indent": "Indent",
    "line.outdent": "Outdent",
    "line.up": "Move up",
    "line.down": "Move down",
    "line.complete": "Complete, or make a to-do",
    "line.delete": "Delete line",
    "line.undo": "Undo",
    "line.redo": "Redo",
    "line.select": "Select more",
    "outline.fold": "Fold",
    "outline.unfold": "Unfold",
    "outline.foldAll": "Fold everything",
    "outline.unfoldAll": "Unfold everything",
    "outline.zoomIn": "Zoom into line",
    "outline.filter": "Show only lines that match…",
    "line.duplicate": "Duplicate line",
    "line.todoState": "Next state of a to-do",
    "line.history": "History of this line…",
    "text.bold": "Bold",
    "text.italic": "Italic",
    "text.strike": "Strike through",
    "text.highlight": "Highlight",
    "text.code": "Code in a line",
    "text.link": "Link",
    "text.openLink": "Open link",
    "text.caretAbove": "Add a caret above",
    "text.caretBelow": "Add a caret below",
    "text.find": "Find and replace",
    "text.findNext": "Next match",
    "text.findPrevious": "Previous match",
    "text.selectNext": "Select the same text again",
    "text.oneCaret": "Only one caret",
    "outline.zoomOut": "Zoom out",
    "go.to": "Go to document, heading or line…",
    "go.heading": "Go to heading…",
    "go.search": "Search everywhere…",
    "go.back": "Back",
    "go.forward": "Forward",
    "go.sidebar": "Go to the list of documents",
    "go.outline": "Go to the outline of headings",
    "document.new": "New document",
    "document.rename": "Rename document",
    "document.folder": "Move document to a folder…",
    "document.delete": "Move document to the bin…",
    "tab.new": "New tab…",
    "tab.next": "Next tab",
    "tab.previous": "Previous tab",
    "tab.right": "Move tab right",
    "tab.left": "Move tab left",
    "tab.panel": "Move tab to the next panel",
    "tab.splitRight": "Move tab into a new panel on the right",
    "tab.splitDown": "Move tab into a new panel below",
    "tab.window": "Move tab to a new window",
    "view.splitRight": "Split panel",
    "view.splitDown": "Split panel downwards",
    "view.close": "Close tab",
    "view.nextPanel": "Next panel",
    "view.previousPanel": "Previous panel",
    "view.sidebar": "Show or hide the sidebar",
    "view.outline": "Show or hide the outline of headings",
    "view.reading": "Read page by page",
    "view.larger": "Larger text",
    "view.smaller": "Smaller text",
    "view.follow": "Follow the next person here",
    "view.window": "New window",
    "tideline.palette": "Command palette…",
    "tideline.settings": "Settings…",
    "tideline.keys": "Change keys…",
    "tideline.status": "What is saved where…",
  },

  kinds: {
    text: "Text",
    heading1: "Heading 1",
    heading2: "Heading 2",
    heading3: "Heading 3",
    todo: "To-do",
    "todo-started": "To-do: started",
    "todo-waiting": "To-do: waiting",
    "todo-done": "To-do: done",
    "todo-cancelled": "To-do: cancelled",
    bullet: "Bullet",
    numbered: "Numbered",
    quote: "Quote",
    code: "Code",
    comment: "Comment",
    table: "Table",
    divider: "Divider",
  },

  /** Of a piece of text, as a screen reader tells it. */
  formats: {
    bold: "bold",
    italic: "italic",
    strike: "struck through",
    highlight: "highlighted",
    code: "code",
  },
  notFormatted: (format: string) => `Not ${format}`,

  panel: {
    name: (place: number | null) => (place === null ? "Panel" : `Panel ${place}`),
    labelled: (name: string, title: string) => `${name}: ${title}`,
    path: (panel: string) => `Path, ${panel}`,
    tabs: (panel: string) => `Tabs, ${panel}`,
    resize: "Resize panels",
    title: "Title",
    close: "Close tab",
    closeTab: (title: string) => `Close ${title}`,
    closeGone: "Close this tab",
    split: "Split panel",
    back: "Back",
    forward: "Forward",
    outline: "Outline of headings",
    showSidebar: "Show sidebar",
    people: "Also here",
    more: (many: number) => `+${numbers.format(many)}`,
    follow: (name: string) => `Follow ${name}`,
    unfollow: (name: string) => `Stop following ${name}`,
    following: (name: string) => `Following ${name}`,
    stopFollowing: "Stop",
    dropTab: "Put the tab here",
  },

  editor: {
    label: "Lines",
    hint: "Write here. “# ” makes a heading, “- ” a list, “[] ” a to-do.",
    language: "Language of this code",
    noLanguage: "Plain",
    rows: "Lines of this panel",
    indented: "Indented",
    outdented: "Outdented",
    folded: "Folded",
    unfolded: "Unfolded",
    moved: (many: number) => (many === 1 ? "Moved" : `Moved ${numbers.format(many)} lines`),
    tag: "Tag",
    property: "Property",
    disagreement: "Set to different values at the same time; choose one",
    newer: "made by a newer version",
    newerHint: "This kind of line is kept as it is. Update Tideline to see it in full.",
    link: (address: string) => `${address} – Ctrl+click opens it`,
    linkRefused: (address: string) =>
      `“${address}” is not opened: only addresses of the web and of mail are. Nothing was changed.`,
    pasteTooLong:
      "This is more text than can be pasted at once, so nothing was changed. Save it as a file " +
      "and import that: tideline import FILE.",
  },

  /** What a screen reader hears of a line besides its text. */
  lineFacts: {
    number: (number: number) => `number ${number}`,
    level: (depth: number) => `level ${depth}`,
    folded: "folded",
    tag: (tag: string) => `tag ${tag}`,
  },

  find: {
    label: "Find in this panel",
    find: "Find",
    replaceWith: "Replace with",
    caseSensitive: "Match upper and lower case",
    wholeWord: "Whole words only",
    regexp: "Regular expression",
    previous: "Previous match (Shift+Enter)",
    next: "Next match (Enter)",
    replace: "Replace",
    replaceHint: "Replace this match (Enter)",
    all: "All",
    allHint: "Replace all matches (Ctrl+Enter)",
    close: "Close (Escape)",
    folded: (many: number) => `${numbers.format(many)} folded`,
    unfold: "Folded lines are not searched. Unfold everything",
    invalid: "Not an expression",
    nothing: "No match",
    searching: "Searching …",
    matches: (many: number) => count(many, "match", "matches"),
    more: (many: number) => `${numbers.format(many)}+ matches`,
    place: (place: number, many: number) => `${numbers.format(place)} of ${numbers.format(many)}`,
    placeOfMore: (place: number, many: number) =>
      `${numbers.format(place)} of ${numbers.format(many)}+`,
  },

  filter: {
    label: "Show only lines that match",
    prompt: "Show only lines with… (words, #tag, is:open)",
    hint: "Words, “several words”, #tag, @person, is:open, is:done, is:heading; - leaves out what follows",
    found: (many: number, more: boolean) => {
      if (many === 0) return more ? "Looking …" : "No line matches";
      return count(many, "line", "lines") + (more ? " so far" : "");
    },
    cut: (many: number) => `The first ${count(many, "line", "lines")}`,
    close: "Show all lines (Escape)",
  },

  outline: {
    label: "Headings",
    empty: "No headings yet. Type “# ” at the start of a line to make one.",
    hide: "Hide the outline",
  },

  reading: {
    label: "Reading",
    leave: "Back to writing",
    progress: (percent: number) => `${numbers.format(percent)} %`,
    next: "Next page",
    previous: "Previous page",
  },

  empty: {
    some: "No document is open.",
    go: "Go to a document",
    none: "A document holds your lines; you have none yet.",
    create: "New document",
  },

  sidebar: {
    label: "Documents",
    create: "New document",
    hide: "Hide sidebar",
    filter: "Filter",
    filterLabel: "Filter documents",
    order: "Order of documents",
    orders: { name: "By name", changed: "Last changed first", hand: "By hand" },
    noMatch: (key: string) => ["No title matches. ", key, " searches the texts."] as const,
    empty: "Your documents will be listed here.",
    settings: "Settings",
    actions: (title: string) => `Actions for ${title}`,
  },

  documentMenu: {
    tab: "Open in a new tab",
    beside: "Open beside",
    window: "Open in a new window",
    up: "Move up",
    down: "Move down",
    folder: "Move to a folder…",
    delete: "Move to the bin…",
  },

  folderDialog: {
    title: (title: string) => `Move “${title}”`,
    label: "Folder",
    placeholder: "Name of a folder; “/” stands between folders",
    top: "No folder",
    known: "Folders",
    move: "Move",
  },

  deleteDialog: {
    title: (title: string) => `Move “${title}” to the bin?`,
    text: (group: string | null) =>
      `It disappears for ${group === null ? "you" : `everybody in the group “${group}”`} and closes in every ` +
      "panel. Nothing that was written in it is destroyed.",
    keep: "Keep it",
    delete: "Move to the bin",
  },

  history: {
    title: "History of this line",
    versions: "Versions, the latest first",
    reading: "Reading the history…",
    lost: "Tideline does not answer at the moment. The history is read when it is there again.",
    unknown:
      "This line has no history here: it was taken away for good, or is not stored yet. Nothing was changed.",
    moment: (time_ms: number) => moments.format(time_ms),
    now: "Now",
    you: "You",
    somebody: "Somebody else",
    empty: "Nothing: the line was empty.",
    changed: (inserted: number, removed: number) => {
      if (inserted > 0 && removed > 0)
        return `${count(inserted, "character", "characters")} added, ${numbers.format(removed)} removed`;
      if (inserted > 0) return `${count(inserted, "character", "characters")} added`;
      if (removed > 0) return `${count(removed, "character", "characters")} removed`;
      return "The text stayed as it was";
    },
    turned: (kind: string, time_ms: number) => `${kind} since ${moments.format(time_ms)}.`,
    first: "The line was made",
    inserted: "added:",
    removed: "removed:",
    older: "Older versions are not listed.",
    putBack: "Put this version back",
    isNow: "This is what the line says now.",
    putBackDone: "This version is back",
    gone: "The line is not in this panel any more, so no version was put back. Nothing was changed.",
  },

  palette: {
    prompts: {
      commands: "Type a command",
      everywhere: "Go to a document, a heading, or a line that says…",
      headings: "Go to a heading of this document",
    },
    found: "Found",
    nothing: "Nothing found.",
    typeSomething: "Type what it says.",
    noHeadings: "This document has no headings yet.",
    recent: "Opened lately",
    documents: "Documents",
    headings: "Headings",
    here: "In this document",
    lines: "Lines",
  },

  notices: { label: "Notices", dismiss: "Dismiss" },

  statusBar: {
    title: "What is saved where",
    selectedLines: (many: number) => `${count(many, "line", "lines")} selected`,
    selectedCharacters: (many: number) => `${count(many, "character", "characters")} selected`,
    place: (row: number, rows: number) => `Line ${numbers.format(row)} of ${numbers.format(rows)}`,
  },

  status: {
    failing: (reason: string, kept: string) =>
      `Not saved: ${reason} · ${kept} kept in memory and tried again`,
    saving: "Saving…",
    saved: "Saved on this computer",
    savedAnd: (disk: string, server: string) => `${disk} and ${server}`,
    both: (disk: string, server: string) => `${disk} · ${server}`,
    onServer: "on the server",
    connecting: (waiting: string | null) =>
      waiting === null
        ? "connecting to the server"
        : `${waiting} waiting, connecting to the server`,
    sending: (changes: string) => `sending ${changes} to the server`,
    offline: (waiting: string | null, reason: string, retry: string) =>
      `${waiting === null ? "not connected to the server" : `${waiting} waiting for the server`}: ${reason}, ${retry}`,
    refused: (waiting: string | null, reason: string) =>
      `${waiting === null ? "not connected to the server" : `${waiting} not sent`}: ${reason}`,
    retry: (seconds: number) =>
      seconds > 0 ? `trying again in ${numbers.format(seconds)} s` : "trying again now",
  },

  statusDialog: {
    title: "What is saved where",
    window: "In this window",
    connected: "Connected to Tideline on this computer.",
    disk: "On this computer",
    failing: (reason: string) => `Writing fails: ${reason}.`,
    kept: (changes: string) =>
      `${changes} are kept in memory and tried again; leave Tideline open.`,
    writing: (changes: string) => `${changes} being written.`,
    written: "Everything is on disk.",
    server: "On the server",
    unconfirmed: (changes: string) => `${changes} not confirmed by the server yet.`,
    confirmed: "The server has confirmed everything.",
    settings: "Sync server settings",
  },

  server: {
    off: "No server: documents are on this computer only.",
    connecting: (url: string) => `Connecting to ${url}…`,
    connected: (url: string) => `Connected to ${url}.`,
    offline: (url: string, reason: string) =>
      `${url} is not reached: ${reason}. It is tried again by itself; everything is safe on this computer.`,
    refused: (url: string, reason: string) =>
      `${url} refused: ${reason}. It is not tried again by itself; everything is safe on this computer.`,
    addressProblem:
      "The address starts with wss:// (or ws:// on this machine or a private network), then the server's name.",
    tokenProblem:
      "The server wants a device token; whoever runs it makes one with: tideline-server token.",
  },

  settings: {
    title: "Settings",
    pages: {
      looks: "Looks",
      writing: "Reading and writing",
      keys: "Keys",
      you: "You",
      sync: "Sync server",
    },
    theme: "Theme",
    themeText: "Light, dark, or whatever the system has at this hour.",
    themes: { system: "As the system", light: "Light", dark: "Dark" },
    contrast: "Contrast",
    contrastText: "More contrast draws text black or white and every border clearly.",
    contrasts: { system: "As the system", more: "More" },
    motion: "Motion",
    motionText: "Without motion nothing fades, slides or blinks.",
    motions: { system: "As the system", less: "None" },
    density: "Density",
    densityText:
      "Compact shows about a quarter more lines, and smaller gaps in the list of documents.",
    densities: { comfortable: "Comfortable", compact: "Compact" },
    face: "Typeface of documents",
    faceText: "A serif is for long reading; the interface stays as it is.",
    faces: { sans: "Sans", serif: "Serif" },
    size: "Size of text",
    sizeText: "Of documents. The interface follows the system's own zoom.",
    pixels: (size: number) => `${numbers.format(size)} px`,
    larger: "Larger text",
    smaller: "Smaller text",
    sample: "The tide comes in by lines, and leaves every one where it was.",
    name: "Your name",
    nameText: "Others see it beside your caret and in the history of what you wrote.",
    namePlaceholder: "How others see you",
    sync: "Everything is on this computer first. A server passes it on to your other computers and to the people you write with.",
    address: "Address",
    token: "Device token",
    tokenStored: "Stored; type a new one to replace it",
    tokenPlaceholder: "From whoever runs the server",
    connect: "Connect",
    disconnect: "Disconnect",
    newDocuments: "New documents",
    sharedWith: (group: string) => `are shared with ${group}`,
    version: (version: string) => `Tideline ${version}`,
  },

  keys: {
    explain: "Choose a command's key, then press the new one. Every command is in the palette too.",
    filter: "Find a command or a key",
    none: "no key",
    change: (title: string) => `Change the key of ${title}:`,
    capture: "Press the keys…",
    captureText: "Escape keeps what was. Backspace takes the key away.",
    reset: (title: string) => `Give ${title} back its own key`,
    resetAll: "Reset all keys",
    taken: (key: string, titles: string) => `${key} is also the key of ${titles}.`,
    notAlone: "A letter alone writes text. Add Ctrl or Alt.",
    changed: "changed",
    nothing: "No command matches.",
  },
};

export type Strings = typeof english;
