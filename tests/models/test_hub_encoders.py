"""The encoders of TensorFlow Hub, loaded by the real code from a cache that holds small SavedModels."""

import os

import numpy as np
import pytest

from models.hub_encoders import HANDLES, EncoderMissing, load_hub_encoders
from tests.hub_cache import hash_handle, write_hub_cache

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return write_hub_cache(tmp_path_factory.mktemp("hub"))


def test_the_encoders_are_found_in_the_cache_and_make_vectors_of_their_sizes(cache, monkeypatch):
    monkeypatch.setenv("TFHUB_CACHE_DIR", "/elsewhere")
    encoders = load_hub_encoders(cache)
    assert os.environ["TFHUB_CACHE_DIR"] == "/elsewhere"
    assert encoders.names == HANDLES
    assert encoders.encode_pictures(np.ones((2, 224, 224, 3), np.float32)).shape == (2, 1280)
    assert encoders.encode_sound(np.zeros(16_000 * 3, np.float32)).shape == (5, 1024)
    assert encoders.encode_lines(["He has a gun.", "Ja?", ""]).shape == (3, 512)


def test_an_encoder_that_is_not_to_be_had_is_named(cache):
    # Nothing answers at this address, with a network or without.
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(HANDLES, "audio", "https://localhost:9/yamnet/1")
        with pytest.raises(EncoderMissing) as raised:
            load_hub_encoders(cache)
    assert raised.value.handle == "https://localhost:9/yamnet/1"
    assert raised.value.reason


def test_a_cache_that_holds_something_else_is_refused(cache, tmp_path):
    for handle in HANDLES.values():
        (tmp_path / hash_handle(handle)).symlink_to(cache / hash_handle(HANDLES["transcript"]))
    with pytest.raises(EncoderMissing, match="mobilenet"):
        load_hub_encoders(tmp_path)


def test_a_damaged_model_is_refused_by_name(tmp_path):
    broken = tmp_path / hash_handle(HANDLES["frames"])
    broken.mkdir()
    (broken / "saved_model.pb").write_bytes(b"not a model")
    with pytest.raises(EncoderMissing, match="mobilenet"):
        load_hub_encoders(tmp_path)
