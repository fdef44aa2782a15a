package io.berth.engine.network.dns;

import java.nio.ByteBuffer;

/** Takes what clients send. */
@FunctionalInterface
interface QueryHandler {
    /**
     * A message has come, whatever it holds.
     *
     * @param message from 0 to its limit; not used after the call returns
     * @return whether the client gets a reply, now or later
     */
    boolean received(ByteBuffer message, Client client);
}
