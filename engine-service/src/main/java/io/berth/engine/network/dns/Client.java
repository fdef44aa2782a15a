package io.berth.engine.network.dns;

import java.nio.ByteBuffer;

/** Where a query came from, and its answer goes. On the loop's thread only. */
interface Client {
    /**
     * Sends a response, if the client is still there.
     *
     * @param response from its position to its limit; not used after the call returns
     */
    void reply(ByteBuffer response);

    /** Whether it speaks TCP: responses of any size arrive whole, and what is forwarded is so by TCP too. */
    boolean isStream();
}
