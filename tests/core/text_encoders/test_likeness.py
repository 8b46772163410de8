"""What is said of encodings that are there already."""

from tokensim_gui.core.text_encoders.likeness import Swap, Variation, correlation_words


def test_rank_correlation_says_which_way_it_goes() -> None:
    def made(values: list[tuple[float, float]]) -> tuple[Variation, ...]:
        return tuple(Variation("", Swap(0, 0, "", a), b) for a, b in values)

    assert "farther" in correlation_words(made([(0.1, 0.9), (0.2, 0.8), (0.3, 0.7)]))
    assert "no sign" in correlation_words(made([(0.1, 0.5), (0.2, 0.5), (0.3, 0.5)]))
    assert correlation_words(made([(0.1, 0.5)])) == ""
