package io.berth.docker.error;

/**
 * The body of every error response of the Engine API.
 *
 * <pre>{"message": "No such container: web"}</pre>
 */
public record ErrorBody(String message) {}
