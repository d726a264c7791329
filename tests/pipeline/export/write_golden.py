"""Write the golden files anew, to be read through before they are committed: `python -m tests.pipeline.export.write_golden`."""

from pipeline.export.formats import FORMATS
from tests.pipeline.export.timelines import GOLDEN, make_golden_timeline

if __name__ == "__main__":
    for format_ in FORMATS.values():
        text = format_.render(make_golden_timeline())
        (GOLDEN / f"timeline{format_.suffix}").write_text(text, encoding="utf-8", newline="")
