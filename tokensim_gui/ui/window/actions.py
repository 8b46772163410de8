"""What the menus offer: plain data, no Qt. A test triggers every one of them."""

from dataclasses import dataclass
from enum import Enum, auto


class Action(Enum):
    """Everything that a menu or a shortcut can ask for."""

    OPEN_FILE = auto()
    OPEN_FOLDER = auto()
    FIND_CHECKPOINTS = auto()
    FETCH_ENCODER = auto()
    SAVE_MAP = auto()
    EXPORT_TABLE = auto()
    EXPORT_VECTORS = auto()
    EXPORT_SAVED = auto()
    IMPORT_SAVED = auto()
    QUIT = auto()
    UNDO = auto()
    REDO = auto()
    CUT = auto()
    COPY = auto()
    PASTE = auto()
    SELECT_ALL = auto()
    COPY_PICTURE = auto()
    TOGGLE_TRAY_TOKEN = auto()
    COPY_TRAY = auto()
    TRAY_TO_PROMPT = auto()
    CLEAR_TRAY = auto()
    PALETTE = auto()
    FOCUS_BAR = auto()
    FOCUS_FILTER = auto()
    NEXT_PANE = auto()
    RANDOM_WORD = auto()
    HISTORY = auto()
    SAVED = auto()
    SAVE_QUERY = auto()
    SAVE_TRAY = auto()
    LOOK_UP = auto()
    PAGE_SEARCH = auto()
    PAGE_PROMPT = auto()
    PAGE_COMPARE = auto()
    PAGE_ENCODERS = auto()
    SHOW_NEIGHBOURS = auto()
    SHOW_VOCABULARY = auto()
    SHOW_AMONG_IDS = auto()
    BACK = auto()
    FORWARD = auto()
    MAP = auto()
    CARD = auto()
    TRAY = auto()
    FIT_MAP = auto()
    WHOLE_MAP = auto()
    TEXT_LARGER = auto()
    TEXT_SMALLER = auto()
    TEXT_NORMAL = auto()
    FULL_SCREEN = auto()
    KEEP_ON_TOP = auto()
    SETTINGS = auto()
    HELP = auto()
    HELP_STARTER = auto()
    CHECK_UPDATES = auto()
    UPDATES_AT_START = auto()
    OPEN_LOGS = auto()
    COPY_DIAGNOSTICS = auto()
    ABOUT = auto()


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """How an action looks in the menus.

    Attributes:
        text: Menu text with its mnemonic.
        keys: Names of `QKeySequence.StandardKey`s or key sequences, with " | " between them.
        tip: One sentence for the tool tip.
        checkable: Whether it is a switch.
    """

    text: str
    keys: str = ""
    tip: str = ""
    checkable: bool = False


ACTIONS: dict[Action, ActionSpec] = {
    Action.OPEN_FILE: ActionSpec(
        "&Open checkpoint…", "StandardKey.Open", "Read the token vectors out of a model file"
    ),
    Action.OPEN_FOLDER: ActionSpec(
        "Open model &folder…", "Ctrl+Shift+O", "Read the token vectors out of a model folder"
    ),
    Action.FIND_CHECKPOINTS: ActionSpec(
        "Find on this &computer…", "", "Look for checkpoints in the folders of other programs"
    ),
    Action.FETCH_ENCODER: ActionSpec(
        "Fetc&h an encoder…", "", "What can be fetched: CLIP, T5, Qwen and others, with their sizes"
    ),
    Action.SAVE_MAP: ActionSpec("&Save map as…", "StandardKey.Save", "Write the map as PNG or SVG"),
    Action.EXPORT_TABLE: ActionSpec(
        "&Export table…", "Ctrl+E", "Write the tokens shown as CSV, TSV or JSON"
    ),
    Action.EXPORT_VECTORS: ActionSpec(
        "Export vec&tors…",
        "Ctrl+Shift+E",
        "Write the vectors of the tokens shown for PyTorch, NumPy, gensim or a projector",
    ),
    Action.EXPORT_SAVED: ActionSpec(
        "Export sa&ved queries…", "", "Write saved queries, trays and the history as one JSON file"
    ),
    Action.IMPORT_SAVED: ActionSpec(
        "&Import saved queries…", "", "Add what such a file holds; nothing here is lost"
    ),
    Action.QUIT: ActionSpec("&Quit", "StandardKey.Quit"),
    Action.UNDO: ActionSpec("&Undo", "StandardKey.Undo"),
    Action.REDO: ActionSpec("&Redo", "StandardKey.Redo"),
    Action.CUT: ActionSpec("Cu&t", "StandardKey.Cut"),
    Action.PASTE: ActionSpec("Past&e", "StandardKey.Paste"),
    Action.SELECT_ALL: ActionSpec("Select &all", "StandardKey.SelectAll"),
    Action.COPY: ActionSpec("&Copy", "StandardKey.Copy", "Copy the selected tokens as typed"),
    Action.COPY_PICTURE: ActionSpec(
        "Copy as &picture", "Ctrl+Alt+C", "Query, encoder, list and map as one picture"
    ),
    Action.TOGGLE_TRAY_TOKEN: ActionSpec("&Add to tray, or take out", "Ctrl+T"),
    Action.COPY_TRAY: ActionSpec("Copy &tray", "Ctrl+Shift+T"),
    Action.TRAY_TO_PROMPT: ActionSpec("Add tray to the pro&mpt", "Ctrl+Shift+Return"),
    Action.CLEAR_TRAY: ActionSpec("C&lear tray"),
    Action.PALETTE: ActionSpec(
        "Comman&d palette…",
        "Ctrl+K | Ctrl+Shift+P",
        "Find any action, encoder, token, region or query by its name",
    ),
    Action.FOCUS_BAR: ActionSpec("&Find tokens near…", "Ctrl+L"),
    Action.FOCUS_FILTER: ActionSpec("F&ilter the table", "StandardKey.Find"),
    Action.NEXT_PANE: ActionSpec("&Next pane", "F6"),
    Action.RANDOM_WORD: ActionSpec(
        "Random &word", "", "A word that passes the filter, whichever chance picks"
    ),
    Action.HISTORY: ActionSpec("&History…", "Ctrl+H", "The queries asked, the last first"),
    Action.SAVED: ActionSpec("Sa&ved…", "Ctrl+B", "Queries and trays kept by name"),
    Action.SAVE_QUERY: ActionSpec("Save this &query…", "Ctrl+D"),
    Action.SAVE_TRAY: ActionSpec("Save the &tray…"),
    Action.LOOK_UP: ActionSpec("Look &up the selected token", "Ctrl+Return"),
    Action.PAGE_SEARCH: ActionSpec("&Search", "Ctrl+1"),
    Action.PAGE_PROMPT: ActionSpec("&Prompt", "Ctrl+2"),
    Action.PAGE_COMPARE: ActionSpec("Co&mpare", "Ctrl+3"),
    Action.PAGE_ENCODERS: ActionSpec("&Encoders", "Ctrl+4"),
    Action.SHOW_NEIGHBOURS: ActionSpec("&Neighbours", "Alt+N"),
    Action.SHOW_VOCABULARY: ActionSpec("&Vocabulary", "Alt+B"),
    Action.SHOW_AMONG_IDS: ActionSpec(
        "Show among its &ids", "Ctrl+G", "The selected token in the vocabulary, by id"
    ),
    Action.BACK: ActionSpec("&Back", "StandardKey.Back"),
    Action.FORWARD: ActionSpec("For&ward", "StandardKey.Forward"),
    Action.MAP: ActionSpec("&Map", "F7", checkable=True),
    Action.CARD: ActionSpec("T&oken", "F8", checkable=True),
    Action.TRAY: ActionSpec("T&ray", "F9", checkable=True),
    Action.FIT_MAP: ActionSpec("&Fit map", "", "0 does the same while the map has the keyboard"),
    Action.WHOLE_MAP: ActionSpec(
        "W&hole map", "", "Every token as a landscape: regions, colours, axes of two words"
    ),
    Action.TEXT_LARGER: ActionSpec("&Larger text", "Ctrl++ | Ctrl+="),
    Action.TEXT_SMALLER: ActionSpec("&Smaller text", "Ctrl+-"),
    Action.TEXT_NORMAL: ActionSpec("Text as lar&ge as the system’s", "Ctrl+0"),
    Action.FULL_SCREEN: ActionSpec("F&ull screen", "StandardKey.FullScreen", checkable=True),
    Action.SETTINGS: ActionSpec(
        "Settin&gs…",
        "StandardKey.Preferences | Ctrl+,",
        "Theme, size of text, how many tokens the map shows, folders",
    ),
    Action.KEEP_ON_TOP: ActionSpec("&Keep on top", "", checkable=True),
    Action.HELP: ActionSpec("&Help", "StandardKey.HelpContents"),
    Action.HELP_STARTER: ActionSpec("What are &starter vectors?"),
    Action.CHECK_UPDATES: ActionSpec(
        "Check for &updates now", "", "Ask the project's page for the newest version"
    ),
    Action.UPDATES_AT_START: ActionSpec(
        "Check for updates once a da&y", "", "Off until you turn it on", checkable=True
    ),
    Action.OPEN_LOGS: ActionSpec("Open &log folder"),
    Action.COPY_DIAGNOSTICS: ActionSpec("Copy &diagnostics"),
    Action.ABOUT: ActionSpec("&About TokenSim"),
}

# None is a separator; a string names a menu that the window fills from its settings.
MENUS: tuple[tuple[str, tuple[Action | str | None, ...]], ...] = (
    (
        "&File",
        (
            Action.OPEN_FILE,
            Action.OPEN_FOLDER,
            Action.FIND_CHECKPOINTS,
            Action.FETCH_ENCODER,
            "recent",
            None,
            Action.SAVE_MAP,
            Action.EXPORT_TABLE,
            Action.EXPORT_VECTORS,
            None,
            Action.EXPORT_SAVED,
            Action.IMPORT_SAVED,
            None,
            Action.SETTINGS,
            Action.QUIT,
        ),
    ),
    (
        "&Edit",
        (
            Action.UNDO,
            Action.REDO,
            None,
            Action.CUT,
            Action.COPY,
            "copy_as",
            Action.PASTE,
            Action.SELECT_ALL,
            None,
            "write_for",
            Action.COPY_PICTURE,
            None,
            Action.TOGGLE_TRAY_TOKEN,
            Action.COPY_TRAY,
            Action.TRAY_TO_PROMPT,
            Action.CLEAR_TRAY,
            None,
            Action.FOCUS_BAR,
            Action.FOCUS_FILTER,
            Action.NEXT_PANE,
        ),
    ),
    (
        "&View",
        (
            Action.PALETTE,
            None,
            Action.PAGE_SEARCH,
            Action.PAGE_PROMPT,
            Action.PAGE_COMPARE,
            Action.PAGE_ENCODERS,
            None,
            Action.SHOW_NEIGHBOURS,
            Action.SHOW_VOCABULARY,
            Action.SHOW_AMONG_IDS,
            Action.LOOK_UP,
            Action.BACK,
            Action.FORWARD,
            None,
            Action.MAP,
            Action.CARD,
            Action.TRAY,
            "columns",
            Action.FIT_MAP,
            Action.WHOLE_MAP,
            None,
            "theme",
            Action.TEXT_LARGER,
            Action.TEXT_SMALLER,
            Action.TEXT_NORMAL,
            Action.FULL_SCREEN,
            Action.KEEP_ON_TOP,
        ),
    ),
    (
        "&Search",
        (
            Action.RANDOM_WORD,
            Action.HISTORY,
            Action.SAVED,
            Action.SAVE_QUERY,
            Action.SAVE_TRAY,
            None,
            "order",
            "options",
            None,
            "level",
            "script",
            "finders",
        ),
    ),
    ("En&coder", ("encoders",)),
    (
        "&Help",
        (
            Action.HELP,
            Action.HELP_STARTER,
            None,
            Action.CHECK_UPDATES,
            Action.UPDATES_AT_START,
            None,
            Action.OPEN_LOGS,
            Action.COPY_DIAGNOSTICS,
            None,
            Action.ABOUT,
        ),
    ),
)
