"""Keras networks, their losses, training and checkpoints. Tensors only."""
