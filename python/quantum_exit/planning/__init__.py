"""From a position and its profile to the plan of its exit."""
