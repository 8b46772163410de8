"""Our prompts are read as the interfaces' own code reads them, recorded by ``tests/peers``."""

import json

import pytest

from tests.peers.compare_parsers import RECORD, ours, plain

READINGS = json.loads(RECORD.read_text("utf-8"))


@pytest.mark.parametrize("interface", ["a1111", "comfyui", "compel"])
def test_our_prompts_are_read_as_the_interface_itself_reads_them(interface):
    own = [one for one in READINGS if one["interface"] == interface]
    assert len(own) >= 140
    for one in own:
        assert plain(ours(one["prompt"], interface)) == one["read"], one["prompt"]
