import pytest

from tokensim_gui.core.errors import FileError
from tokensim_gui.core.job import Job, JobCancelled
from tokensim_gui.core.prompt.captions import check_captions, underscored


def test_each_caption_file_is_checked(tmp_path, clip):
    (tmp_path / "a.txt").write_text("1girl, long_hair, banananana, (smile:1.2)", "utf-8")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c.caption").write_bytes(b"\xef\xbb\xbf" + b"cat " * 80)
    (tmp_path / "d.TXT").write_bytes(b"\xff\xfe")
    (tmp_path / "e.txt").write_bytes(b"x" * 1_100_000)
    (tmp_path / "f.png").write_bytes(b"")
    seen = []
    files = check_captions(tmp_path, clip, job=Job(lambda *report: seen.append(report)))
    first, nested, *problems = sorted(files, key=lambda file: str(file.path))
    assert (first.path.name, first.tokens, first.over) == ("a.txt", 18, 0)
    assert first.odd == ("banananana",)
    assert first.underscored == (("long_hair", 3, 2),)
    assert (nested.tokens, nested.over, nested.odd) == (80, 5, ())
    assert [file.problem for file in problems] == [
        "It is not UTF-8 text.",
        "It is larger than 1 MB, so it is no caption.",
    ]
    assert seen[-1][:2] == (4, 4)


def test_only_underscores_that_cost_tokens_are_named(clip):
    assert underscored("long_hair, (red_eyes), ^_^, cat", clip) == (
        ("long_hair", 3, 2),
        ("red_eyes", 3, 2),
    )


def test_a_folder_without_captions_is_named(tmp_path, clip):
    with pytest.raises(FileError, match="holds no caption file"):
        check_captions(tmp_path, clip)


def test_the_check_can_be_cancelled(tmp_path, clip):
    (tmp_path / "a.txt").write_text("cat", "utf-8")
    job = Job()
    job.cancel()
    with pytest.raises(JobCancelled):
        check_captions(tmp_path, clip, job=job)
