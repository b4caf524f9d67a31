"""The programs are run by the test, not collected: pytest would import each to look for doctests."""

collect_ignore_glob = ["programs/*"]
