"""What cuts are known again by, kept beside their analyses."""

import numpy as np

from studio.fingerprints import StoredFingerprint, read_fingerprint, write_fingerprint
from studio.parts import Parts
from tests.fingerprints import Material, make_cut
from tests.studio.test_parts import make_picture, make_sound

CUT = "0123456789abcdef"


def test_a_fingerprint_comes_back_as_it_was(tmp_path):
    fingerprint = make_cut(Material(4), np.arange(100)).fingerprint
    write_fingerprint(fingerprint, tmp_path / "kept" / "a.npz")
    again = read_fingerprint(tmp_path / "kept" / "a.npz")
    for name, value in vars(fingerprint).items():
        np.testing.assert_array_equal(getattr(again, name), value)
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["a.npz"]


def test_what_was_harmed_is_none(tmp_path):
    (tmp_path / "a.npz").write_bytes(b"nothing that is one")
    assert read_fingerprint(tmp_path / "a.npz") is None
    assert read_fingerprint(tmp_path / "b.npz") is None


def test_it_is_put_together_from_the_parts_of_an_analysis(settings):
    parts, stored = Parts(settings, CUT), StoredFingerprint(settings, CUT)
    parts.save("sound", make_sound(200))
    parts.save("frames-0-end", make_picture())
    assert not stored.exists()
    stored.collect(parts)
    found = stored.read()
    assert len(found.contrast) == 200
    np.testing.assert_array_equal(found.centre_hashes[125:175], make_picture().centre)
    np.testing.assert_array_equal(found.picture_present[125:175], make_picture().present)
    assert (found.levels == 120).all()
    stored.discard()
    assert stored.read() is None
