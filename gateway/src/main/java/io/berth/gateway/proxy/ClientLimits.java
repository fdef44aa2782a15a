package io.berth.gateway.proxy;

import java.time.Duration;

/**
 * What clients may send, and how slowly.
 *
 * @param headBytes of a request's line and headers together, in the form in which they are forwarded; the services take a
 *     little more
 * @param bodyBytes of a request whose route is not long-running; what is streamed has the limits of its service
 * @param headTime from the first byte of a request head to its end
 * @param bodySilence longest time without a byte of a body that is waited for; images, archives and build contexts, which
 *     other programs may be making meanwhile, have none
 * @param connections over the network at once; the Unix socket's are not counted
 */
public record ClientLimits(int headBytes, long bodyBytes, Duration headTime, Duration bodySilence, int connections) {}
