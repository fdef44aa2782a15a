package io.berth.gateway.access;

/** Decides on requests before they are forwarded. Thread-safe; never blocks, since event loops ask. */
public interface Gate {
    /**
     * Decides on a request by its head; the ruling may ask for more.
     *
     * @throws io.berth.docker.error.ApiException for a request that cannot be decided on
     */
    Ruling judge(Call call);

    /** A gate that lets everybody do everything. */
    static Gate open() {
        return call -> Ruling.pass(call.arrival().tcp() ? Identity.OPEN : Identity.SOCKET, call.target());
    }
}
