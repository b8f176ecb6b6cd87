"""Venue records as the JSON that Binance sends."""
