"""Binance USD-M futures: orders, account, rules and streams as the ports of execution ask for them."""
