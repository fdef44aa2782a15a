package io.berth.gateway.route;

/**
 * Where a request goes and how it is treated on the way.
 *
 * @param name of the class of requests that it belongs to, in settings and metrics: {@code containers}, {@code pull}, …
 * @param backend the service that answers
 * @param errors the shape of errors that the gateway itself must answer with
 * @param longRunning whether the response may take any time to begin or end; such a request has no response timeout and
 *     is cancelled when its client goes
 * @param streams whether the connection may become a raw byte stream
 */
public record Route(String name, Backend backend, ErrorShape errors, boolean longRunning, StreamKind streams) {}
