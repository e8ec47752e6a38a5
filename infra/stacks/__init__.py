"""What a stack is made of: in the cloud, and on one machine."""
