"""Opening a cut and reading its pictures, sound and transcript."""
