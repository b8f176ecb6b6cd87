"""The promises, each judged by what the exchange and the disk show."""
