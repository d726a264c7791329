"""The generator's modules stand side by side in assets/, so that folder is on the path here."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "assets"))
