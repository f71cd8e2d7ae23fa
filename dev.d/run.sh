# `./dev run`.
# shellcheck shell=bash
command_run() { refuse "soon"; }
