"""The style sheet of the window, with the names of colours and sizes that the theme puts in."""

# Widgets take a look by the dynamic property "look"; names are said once, here.
STYLE = """
* {{ outline: none; }}
QToolTip {{ background: {base}; color: {text}; border: 1px solid {border}; padding: 4px; }}
QMenuBar {{ background: {window}; padding: 2px 8px; }}
QMenuBar::item {{ padding: 4px 8px; background: transparent; border-radius: 4px; }}
QMenuBar::item:selected {{ background: {selection}; }}
QMenu {{ background: {base}; border: 1px solid {border}; padding: 4px; }}
QMenu::item {{ padding: 5px 24px 5px 24px; border-radius: 4px; }}
QMenu::item:selected {{ background: {selection}; }}
QMenu::item:disabled {{ color: {text2}; }}
QMenu::separator {{ height: 1px; background: {hair}; margin: 4px 8px; }}
QMenu::indicator {{ width: 12px; height: 12px; left: 6px; }}
QListView::indicator {{
    width: 11px; height: 11px; border: 1px solid {text2}; border-radius: 3px;
    background: {base}; }}
QListView::indicator:checked {{ background: {accent}; border-color: {accent}; }}
QLineEdit, QPushButton, QToolButton, QComboBox, QSpinBox {{
    background: {field}; color: {text}; border: 1px solid {border}; border-radius: 6px;
    padding: 0 10px; min-height: {inside}px; }}
QLineEdit, QSpinBox {{
    selection-background-color: {selection}; selection-color: {text}; }}
QSpinBox::up-button, QSpinBox::down-button {{ width: 0; border: none; }}
QSpinBox QLineEdit {{ background: transparent; border: none; padding: 0; min-height: 0; }}
QPushButton:hover, QToolButton:hover, QComboBox:hover {{ border-color: {text2}; }}
QPushButton:pressed, QToolButton:pressed {{ background: {selection}; }}
QLineEdit:focus, QPushButton:focus, QToolButton:focus, QComboBox:focus, QSpinBox:focus {{
    border: 1px solid {accent}; }}
QPushButton:disabled, QToolButton:disabled {{ color: {text2}; }}
QToolButton::menu-indicator {{ image: none; width: 0; }}
QPushButton[look="primary"] {{
    background: {accent}; color: {on_accent}; border-color: {accent}; font-weight: 600; }}
QPushButton[look="primary"]:focus {{ border: 2px solid {text}; }}
QPushButton[look="primary"]:disabled {{
    background: {field}; color: {text2}; border-color: {border}; }}
QLineEdit[look="query"], QLineEdit[look="query"]:focus {{
    background: transparent; border: none; min-height: {bar}px; padding: 0 10px 0 6px;
    font-size: {query_pt}pt; }}
QToolButton[look="flat"], QPushButton[look="flat"], QToolButton[look="flat words"],
QPushButton[look="flat words"] {{
    background: transparent; border: 1px solid transparent; padding: 0 6px; }}
QToolButton[look="flat"], QPushButton[look="flat"] {{ min-width: 16px; }}
QToolButton[look="flat"]:hover, QPushButton[look="flat"]:hover,
QToolButton[look="flat words"]:hover, QPushButton[look="flat words"]:hover {{
    border-color: {border}; }}
QToolButton[look="flat"]:focus, QPushButton[look="flat"]:focus,
QToolButton[look="flat words"]:focus, QPushButton[look="flat words"]:focus {{
    border-color: {accent}; }}
QToolButton[look="flat"]:checked {{ background: {selection}; border-color: {accent}; }}
QToolButton[look="quiet"] {{
    background: transparent; border: 1px solid transparent; color: {text2}; padding: 0 6px; }}
QToolButton[look="quiet"]:hover {{ color: {text}; border-color: {border}; }}
QToolButton[look="quiet"]:focus {{ color: {text}; border-color: {accent}; }}
QToolButton[look="badge"] {{
    background: {notice}; color: {notice_text}; border: 1px solid {notice}; border-radius: 10px;
    padding: 0 9px; min-height: {badge}px; font-size: {small_pt}pt; font-weight: 500; }}
QToolButton[look="badge"]:hover, QToolButton[look="badge"]:focus {{
    border-color: {notice_text}; }}
QToolButton[look="cross"] {{
    background: transparent; border: none; color: {text2}; padding: 0; min-height: 20px; }}
QToolButton[look="cross"]:hover {{ color: {text}; }}
QToolButton[look="fold"] {{
    background: transparent; border: 1px solid transparent; color: {text2};
    padding: 0; margin-left: -5px; min-height: 20px; }}
QToolButton[look="fold"]:hover {{ color: {text}; }}
QToolButton[look="fold"]:focus {{ border-color: {accent}; }}
QPushButton[look="link"] {{
    background: transparent; border: 1px solid transparent; color: {accent};
    padding: 0 4px; min-height: 20px; }}
QPushButton[look="link"][flush="true"] {{ padding-left: 0; }}
QPushButton[look="link"]:focus {{ border-color: {accent}; }}
QPushButton[look="chip"] {{
    background: {chip}; border: 1px solid {chip}; border-radius: 6px;
    min-height: {chip_inside}px; max-height: {chip_inside}px; padding: 0 10px; }}
QPushButton[look="chip"]:hover {{ border-color: {text2}; }}
QPushButton[look="chip"]:focus, QPushButton[look="chip"]:checked {{ border-color: {accent}; }}
QPushButton[look="tray chip"], QPushButton[look="absent chip"] {{
    background: {selection}; border: 1px solid {selection}; border-radius: 6px; font-weight: 500;
    min-height: {chip_inside}px; max-height: {chip_inside}px; padding: 0 22px 0 18px; }}
QPushButton[look="absent chip"] {{
    background: transparent; border: 1px dashed {dim}; color: {text2}; font-weight: 400; }}
QPushButton[look="tray chip"]:hover {{ border-color: {text2}; }}
QPushButton[look="tray chip"]:focus, QPushButton[look="absent chip"]:focus {{
    border-color: {accent}; }}
QPushButton[look="tab"] {{
    background: transparent; border: none; border-bottom: 2px solid transparent;
    border-radius: 0; color: {text2}; padding: 0 3px; margin: 0 8px; min-height: {tab}px; }}
QPushButton[look="tab"]:hover {{ color: {text}; }}
QPushButton[look="tab"]:checked {{
    color: {text}; font-weight: 600; border-bottom-color: {accent}; }}
QPushButton[look="tab"]:focus {{ color: {accent}; }}
QFrame[look="switch"] {{ background: {track}; border: none; border-radius: 6px; }}
QPushButton[look="part"] {{
    background: transparent; border: 1px solid transparent; color: {text2};
    min-height: {part}px; border-radius: 5px; }}
QPushButton[look="part"]:checked {{
    background: {field}; color: {text}; border-color: {border}; font-weight: 500; }}
QPushButton[look="part"]:focus {{ border-color: {accent}; }}
QToolButton[popupMode="2"] {{ padding-right: 24px; }}
QToolButton[popupMode="2"][look="flat words"], QToolButton[popupMode="2"][look="quiet"] {{
    padding-right: 22px; }}
QToolButton[popupMode="2"][look="flat"] {{ padding-right: 6px; }}
QWidget[look="header"] {{ background: {window}; }}
QFrame[look="panel"], QWidget[look="sheet"] {{ background: {base}; border: none; }}
QFrame[look="side"] {{ background: {side}; border: none; }}
QFrame[look="strip"] {{ background: {base}; border: none; border-top: 1px solid {border}; }}
QFrame[look="card"] {{
    background: {base}; border: 1px solid {border}; border-radius: 8px; }}
QFrame[look="line"] {{ background: {border}; border: none; }}
QFrame[look="hair"] {{ background: {hair}; border: none; }}
QFrame[look="notice"] {{ background: {notice}; border: none; border-radius: 6px; }}
QFrame[look="error"] {{ background: {error_ground}; border: none; border-radius: 6px; }}
QFrame[look="message"] {{
    background: {base}; border: 1px solid {border}; border-radius: 8px; }}
QLabel {{ background: transparent; }}
QLabel[look="dim"] {{ color: {text2}; }}
QLabel[look="caption"] {{ color: {text2}; font-size: {caption_pt}pt; }}
QLabel[look="title"] {{ font-weight: 600; }}
QLabel[look="block"] {{ color: {text2}; font-weight: 600; padding-top: 8px; }}
QLabel[look="heading"] {{ font-size: {heading_pt}pt; font-weight: 600; }}
QLabel[look="error"] {{ color: {error}; }}
QLabel[look="subject"] {{ font-size: {query_pt}pt; font-weight: 600; }}
QLabel[look="disc"] {{
    background: {notice}; color: {notice_text}; font-size: {small_pt}pt; font-weight: 600;
    border-radius: {disc}px; min-width: {disc2}px; min-height: {disc2}px; max-height: {disc2}px; }}
QLabel[look="amber"] {{
    background: {notice}; color: {notice_text}; border-radius: 6px; padding: 2px 8px; }}
QLabel[look="piece"], QLineEdit[look="piece"] {{ font-family: "{mono}"; }}
QTableView, QListView, QTreeView {{
    background: {base}; color: {text}; border: none;
    selection-background-color: {selection}; selection-color: {text}; }}
QTableView[look="plain"]::item, QListView[look="plain"]::item {{ padding: 0 8px; border: none; }}
QTableView[look="plain"]::item:selected, QListView[look="plain"]::item:selected {{
    background: {selection}; color: {text}; }}
QHeaderView {{ background: transparent; border: none; }}
QHeaderView::section {{
    background: {base}; color: {text2}; border: none; border-bottom: 1px solid {hair};
    padding: 6px 8px; }}
QHeaderView::section:first {{ padding-left: 12px; }}
QTableView[look="plain"] QHeaderView::section {{ padding: 6px 11px; }}
QTableView[look="tokens"] QHeaderView::section:first {{ padding-left: 28px; }}
QTableView[look="ranks"] QHeaderView::section:first {{ padding-left: {rank}px; }}
QSplitter::handle {{ background: transparent; }}
QSplitter[look="sheets"]::handle {{ background: {border}; }}
QScrollArea {{ background: transparent; border: none; }}
QScrollArea > QWidget > QWidget {{ background: transparent; }}
QScrollArea[look="sheet"] {{ background: {base}; }}
QAbstractScrollArea::corner {{ background: transparent; border: none; }}
QHeaderView::up-arrow, QHeaderView::down-arrow {{ image: none; width: 0; height: 0; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 2px; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 2px; }}
QScrollBar::handle {{ background: {border}; border-radius: 3px; min-height: 28px;
    min-width: 28px; }}
QScrollBar::handle:hover {{ background: {text2}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QProgressBar {{ background: {track}; border: none; border-radius: 3px; max-height: 6px; }}
QProgressBar::chunk {{ background: {accent}; border-radius: 3px; }}
QTextEdit, QPlainTextEdit, QTextBrowser {{
    background: {field}; color: {text}; border: 1px solid {border}; border-radius: 6px;
    selection-background-color: {selection}; selection-color: {text}; padding: 4px; }}
QTextEdit:focus, QPlainTextEdit:focus {{ border-color: {accent}; }}
QTextEdit[look="sheet"] {{
    background: {base}; border: none; border-radius: 0; padding: 0; font-size: {editor_pt}pt; }}
"""
