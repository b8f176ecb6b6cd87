"""Test your bot against the simulated exchange, with Binance's own SDK.

quantum-exit exchange --generate BTCUSDT=60000 --port 8899
python with_official_sdk.py http://127.0.0.1:8899
"""

import sys

from binance_common.configuration import ConfigurationRestAPI
from binance_common.errors import BadRequestError
from binance_sdk_derivatives_trading_usds_futures.derivatives_trading_usds_futures import (
    DerivativesTradingUsdsFutures,
)

SYMBOL = "BTCUSDT"


def connect(base):
    # An order that is sent again must be the same order; so no retries behind our back.
    config = ConfigurationRestAPI(
        api_key="sim-key-0", api_secret="sim-secret-0", base_path=base, timeout=5_000, retries=0
    )
    return DerivativesTradingUsdsFutures(config_rest_api=config).rest_api


def stop_at(api, price, client_id):
    return api.new_algo_order(
        algo_type="CONDITIONAL",
        symbol=SYMBOL,
        side="SELL",
        type="STOP_MARKET",
        trigger_price=price,
        close_position="true",
        working_type="MARK_PRICE",
        client_algo_id=client_id,
    ).data()


def main(base):
    api = connect(base)
    api.new_order(symbol=SYMBOL, side="BUY", type="MARKET", quantity=0.1)
    (position,) = api.position_information_v3(symbol=SYMBOL).data()
    entry = float(position.entry_price)
    print("position", position.position_amt)
    stop = stop_at(api, round(entry * 0.98, 1), "my-stop-1")
    print("stop", stop.client_algo_id, stop.algo_status)
    try:
        stop_at(api, round(entry * 0.97, 1), "my-stop-2")
    except BadRequestError as error:
        print("second stop refused with", error.args[0])


if __name__ == "__main__":
    main(sys.argv[1])
