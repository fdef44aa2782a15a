package io.berth.gateway.proxy;

/** Where an {@link Exchange} gets its connection from. Confined to the exchange's event loop. */
interface Connector {
    /** Hands out a connection, kept or new; the waiter is told on its event loop. */
    void acquire(BackendPool.Waiter waiter);

    /** Hands out a connection that has never been used. */
    void connect(BackendPool.Waiter waiter);
}
