//! Models: reading cards and weights, asking them with candle, measuring how long they take.
