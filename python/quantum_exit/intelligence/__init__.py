"""What the market and the account look like, measured from the past alone."""
