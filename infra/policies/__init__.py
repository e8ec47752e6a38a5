"""The rules that a stack must obey: checked by the engine (`--policy-pack`) and over an offline preview alike."""
