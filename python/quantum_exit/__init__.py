"""The exit engine for leveraged crypto positions."""
