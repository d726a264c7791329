"""One file per format that a cut's results are downloaded in."""
