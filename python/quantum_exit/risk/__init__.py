"""What an account risks: exposure, correlation, value at risk, stress; and what is made of them."""
