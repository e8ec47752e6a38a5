"""Runs a Node command in the page's folder with the Node that the set-up chose: `python tools/node.py npm test`."""

import os
import sys

from setup import ROOT, node_path

if __name__ == "__main__":
    os.environ["PATH"] = node_path()
    os.chdir(ROOT / "ui")
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606 - the caller's own command
