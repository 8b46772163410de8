import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QMenu

from tokensim_gui.ui.widgets.choice_button import ChoiceButton
from tokensim_gui.ui.widgets.menu_button import MenuButton


@pytest.fixture
def button(qtbot):
    button = MenuButton()
    button.setText("Nearest")
    qtbot.addWidget(button)
    menu = QMenu(button)
    menu.addAction("Opposite")
    button.setMenu(menu)
    with qtbot.waitExposed(button):
        button.show()
    return button


def test_a_button_whose_menu_closed_forgets_the_mouse_that_went_into_it(button, qtbot):
    button.setAttribute(Qt.WidgetAttribute.WA_UnderMouse)
    menu = button.menu()
    menu.popup(button.mapToGlobal(QPoint(0, button.height())))
    QCursor.setPos(button.mapToGlobal(QPoint(10, button.height() + 60)))
    menu.setActiveAction(menu.actions()[0])
    qtbot.keyClick(menu, Qt.Key.Key_Return)
    assert not menu.isVisible() and not button.underMouse()


def test_a_button_is_as_wide_as_the_widest_text_it_may_have(button):
    button.reserve(["Nearest", "Something much longer"])
    wide = button.sizeHint()
    button.setText("Something much longer")
    assert button.sizeHint() == wide


def test_the_menu_of_a_choice_opens_at_what_is_chosen(qtbot):
    choice = ChoiceButton("Theme", {"light": "Light", "dark": "Dark"})
    qtbot.addWidget(choice)
    choice.set_current("dark")
    choice.menu().popup(QPoint(0, 0))
    assert choice.menu().activeAction().text() == "Dark"
    choice.menu().close()
