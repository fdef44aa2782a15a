package io.berth.gateway.resilience;

/**
 * How many places there are of what callers hold open, and how they are shared.
 *
 * @param share of each kind
 * @param streams calls that may take any time, such as waits, logs, events and builds, whether they became raw streams or not
 * @param uploads bodies that are being received
 * @param connections over the network
 */
public record ShareSettings(Share share, int streams, int uploads, int connections) {}
