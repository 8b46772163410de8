from tokensim_gui.state.notice import Notice, Offer
from tokensim_gui.ui import theme
from tokensim_gui.ui.window.status_line import StatusLine


def test_a_long_notice_gives_way_to_the_buttons_beside_it(qtbot, qapp):
    theme.apply(qapp, "light")
    line = StatusLine()
    qtbot.addWidget(line)
    line.set_interface("a1111")
    line.set_facts("16.5 ms · CPU")
    with qtbot.waitExposed(line):
        line.show()
    sentence = "Copied “post”. Typed alone it becomes #1549; it is #3489 only inside a word."
    line.set_notice(Notice(sentence, (Offer("Copy “postbox”", "copy", "postbox"),)))
    line.resize(536, 30)
    qapp.sendPostedEvents()
    for button in (line._interface, line._buttons[0]):
        assert button.width() >= button.sizeHint().width()
    assert line.notice() == line._notice.toolTip() == sentence
    assert 0 < line._notice.width() < line._notice.sizeHint().width()
