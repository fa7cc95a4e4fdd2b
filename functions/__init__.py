"""One package per Lambda function; each translates its trigger into one service call."""
