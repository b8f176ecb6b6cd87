"""WebSocket streams of the simulated exchange: names, subscriptions, messages."""
