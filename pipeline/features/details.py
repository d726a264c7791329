"""What is measured of each second for people and for choosing moments, beside what the network reads."""

PICTURE_DETAILS = {
    "sharpness": "log10(1 + variance of the Laplacian of the luma): below about 1.5 a picture is blurred",
    "face": "height of the largest face, as a share of the picture's; 0 where none was found",
    "dark": "share of the picture that is darker than an eighth of white",
    "light": "share of the picture that is lighter than three quarters of white",
    "saturation": "mean saturation, 0 to 1",
    "edges": "share of the picture that is an edge",
}
"""Of one picture in the middle of each second."""

SOUND_DETAILS = {
    "bass_db": "level below 250 Hz, dB of full scale, at least -80",
    "voice_db": "level from 250 to 4,000 Hz, likewise",
    "treble_db": "level above 4,000 Hz, likewise",
    "centroid_hz": "centre of gravity of the spectrum",
    "flatness": "0 for a pure tone, towards 1 for noise",
    "rise_db": "the steepest rise of the level within 80 ms, dB",
}
"""Of the sound of each second."""
