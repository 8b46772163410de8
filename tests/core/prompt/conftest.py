import pytest


@pytest.fixture
def saved(tmp_path):
    def save(data):
        path = tmp_path / "a.png"  # the name says nothing of the format
        path.write_bytes(data)
        return path

    return save
