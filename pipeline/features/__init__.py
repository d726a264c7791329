"""What is measured of each second."""
