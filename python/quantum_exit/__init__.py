"""Exit engine for leveraged crypto positions."""
