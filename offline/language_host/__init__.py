"""A stand-in for `pulumi-language-python`, with which the plain CLI runs Python programs and policy packs."""
