"""What is said: fixed lines, checks of what a model says, and the loss of the voice."""
