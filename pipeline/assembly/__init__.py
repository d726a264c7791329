"""What putting a trailer together rests on: what may be shown, the choice among it, and fitting it to the frame."""
