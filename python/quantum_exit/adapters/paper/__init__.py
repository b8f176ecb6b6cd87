"""A simulated exchange that speaks the protocol of Binance USD-M."""
