"""Tables come into the library, are named, take another's place, leave and come back."""

import pytest

from tests.core.library.small_tables import add, fill, folders, imported
from tokensim_gui.core.errors import FileError, TokenSimError
from tokensim_gui.core.files.table import Table
from tokensim_gui.core.library.library import TableLibrary


def test_looking_at_an_absent_data_folder_does_not_make_it(library: TableLibrary) -> None:
    library.clean_up()
    assert imported(library) == []
    assert not library.root.exists()


def test_a_new_table_is_named_after_its_context(library: TableLibrary) -> None:
    with library.adding("CLIP-L · SD 1.5") as new:
        fill(new.folder, "CLIP-L · SD 1.5")
        assert imported(TableLibrary(library.root)) == []
    other = TableLibrary(library.root)
    assert imported(other) == ["clip-l-sd-1-5"]
    info = other.info("clip-l-sd-1-5")
    assert (info.name, info.rows, info.dim) == ("CLIP-L · SD 1.5", 20, 4)
    assert Table.load(other.folder(info.slug)).info.sha256 == info.sha256


def test_the_starter_comes_first_and_can_not_be_changed(library: TableLibrary) -> None:
    add(library, "Aardvark")
    assert [info.slug for info in library.tables()] == ["starter", "aardvark"]
    assert library.info("starter").name == "Starter words"
    library.verify("starter")
    for change in (library.remove, lambda slug: library.rename(slug, "Mine")):
        with pytest.raises(TokenSimError, match="built in"):
            change("starter")


def test_equal_names_get_different_slugs(library: TableLibrary) -> None:
    assert [add(library, "T5") for _ in range(3)] == ["t5", "t5-2", "t5-3"]
    assert add(library, "Starter") == "starter-2"
    assert add(library, "⛩ 漢字") == "table"


def test_a_failed_import_leaves_nothing(library: TableLibrary) -> None:
    add(library, "Kept")
    before = folders(library)
    with pytest.raises(RuntimeError, match="stop"), library.adding("Lost") as new:
        fill(new.folder, "Lost")
        raise RuntimeError("stop")
    with pytest.raises(FileError), library.adding("Empty"):
        pass
    assert folders(library) == before
    assert imported(library) == ["kept"]


def test_a_repeated_import_takes_the_place_and_keeps_slug_and_chosen_name(
    library: TableLibrary,
) -> None:
    slug = add(library, "CLIP")
    library.rename(slug, "My\tCLIP ")
    old = library.folder(slug)
    assert add(library, "CLIP", replaces=slug, seed=1) == slug
    assert library.info(slug).name == "My CLIP"
    assert library.folder(slug) != old
    assert not old.exists()


def test_a_repeated_import_brings_its_own_name_unless_users_gave_another(
    library: TableLibrary,
) -> None:
    slug = add(library, "CLIP")
    add(library, "Another", replaces=slug)
    assert library.info(slug).name == "Another"
    library.rename(slug, "Mine")
    add(library, "CLIP", replaces=slug)
    assert library.info(slug).name == "Mine"


def test_removal_can_be_undone_until_the_trash_is_emptied(library: TableLibrary) -> None:
    add(library, "One")
    add(library, "Two")
    folder = library.folder("one")
    library.remove("one")
    TableLibrary(library.root).clean_up()
    assert imported(library) == ["two"]
    assert library.restore("one") == "one"
    assert imported(library) == ["one", "two"]
    library.remove("one")
    library.empty_trash()
    assert not folder.exists()
    with pytest.raises(TokenSimError, match="“one”"):
        library.restore("one")


def test_restored_tables_come_back_to_their_places_among_what_is_new(
    library: TableLibrary,
) -> None:
    names = ["a", "b", "c", "d"]
    for name in names:
        add(library, name)
    for removed in (["b", "a"], ["a", "b"], ["c", "d", "a"]):
        for slug in removed:
            library.remove(slug)
        names.append(add(library, f"e {len(names)}"))
        for slug in reversed(removed):
            library.restore(slug)
        assert imported(library) == names


def test_a_restored_table_yields_its_slug_to_a_newer_one(library: TableLibrary) -> None:
    first = add(library, "One")
    library.remove(first)
    # The folder of the removed one still stands, so that a new import avoids its slug; a repeated
    # import does not.
    add(library, "One", replaces="one", seed=1)
    assert library.restore("one") == "one-2"
    assert imported(library) == ["one-2", "one"]


def test_an_unknown_slug_is_named_in_the_error(library: TableLibrary) -> None:
    for call in (library.folder, library.info, library.remove, library.verify):
        with pytest.raises(TokenSimError, match="“nope”"):
            call("nope")
    with pytest.raises(TokenSimError, match="needs a name"):
        library.rename("nope", " \n")
