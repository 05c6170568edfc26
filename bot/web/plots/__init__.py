"""Plots as SVG made on the server: without script and style, readable without colour and without eyes."""
